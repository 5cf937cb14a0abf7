/// The three forms of a data set in the *hear and see* protocol, each for training and for testing.
///
/// - baseline: clips as they are.
/// - padded: all of one length; shorter ones go on with their last sample, longer ones are cut.
/// - rolled: padded, and the same rolled in time by ±25, ±50 and ±75 %: seven times the data.
///
/// Thomas and others' `hear-and-see` rolls pictures of padded clips, `numpy.roll` without an axis; here the samples are
/// rolled. A roll by −25 % is one by 75 %: three of the six differ, and each of these counts twice, as it does there. The
/// cache keeps it once.
public enum Variant: String, Sendable, Codable, CaseIterable {
  case baseline
  case padded
  case rolled

  /// By how much clips are rolled, as shares of their length.
  public static let rolls = [0.25, 0.5, 0.75, -0.25, -0.5, -0.75]

  /// What is made of every clip.
  ///
  /// - Parameter seconds: the length that clips are padded to.
  public func variations(seconds: Double = 4) -> [Variation] {
    switch self {
    case .baseline: [[]]
    case .padded: [[.padded(seconds: seconds)]]
    case .rolled:
      Self.padded.variations(seconds: seconds)
        + Self.rolls.map { [.padded(seconds: seconds), .rolled(share: $0)] }
    }
  }
}
