/// What a recommendation rests on.
public struct Foundation: Sendable, Codable, Hashable {
  /// nil where an older record does not tell.
  public var clips: Int?
  public var mixtures: Int?
  public var annotated: Int?
  /// The mean rank of the recommended method over all criteria, with its 95 % interval.
  public var meanRank: Interval?

  public struct Interval: Sendable, Codable, Hashable {
    public let value: Double
    public let low: Double
    public let high: Double
  }

  private enum CodingKeys: String, CodingKey {
    case clips, mixtures, annotated
    case meanRank = "mean_rank"
  }

  public init(
    clips: Int? = nil, mixtures: Int? = nil, annotated: Int? = nil, meanRank: Bootstrap.Estimate? = nil
  ) {
    (self.clips, self.mixtures, self.annotated) = (clips, mixtures, annotated)
    if let meanRank, meanRank.value.isFinite, meanRank.low.isFinite, meanRank.high.isFinite {
      self.meanRank = Interval(value: meanRank.value, low: meanRank.low, high: meanRank.high)
    }
  }

  /// Fewer clips found nothing to rely on.
  ///
  /// A bootstrap interval of a mean is too narrow where there are few values: of n normal ones, what is called 95 %
  /// covers P(|t| < 1.96 √((n − 1) / n)) with n − 1 degrees of freedom: 60 % for 2 clips, 81 % for 4, 89 % for 8.
  public static let fewestClips = 8

  /// Whether the evaluation had too few clips; an unknown number is not called weak.
  public var isWeak: Bool { clips.map { $0 < Self.fewestClips } ?? false }

  /// Whether a recommendation resting on this may take the place of one resting on `other`: it had enough clips, or
  /// no fewer than the other, if that is known.
  public func mayReplace(_ other: Foundation) -> Bool {
    guard isWeak, let clips else { return true }
    guard let known = other.clips else { return false }
    return clips >= known
  }

  /// "40 clips and 12 mixtures".
  public var counts: String {
    guard let clips else { return "an unknown number of clips" }
    func counted(_ number: Int?, _ one: String, _ many: String) -> String? {
      guard let number, number > 0 else { return nil }
      return "\(number) \(number == 1 ? one : many)"
    }
    let parts = [
      counted(clips, "clip", "clips") ?? "no clips", counted(mixtures, "mixture", "mixtures"),
      counted(annotated, "annotated sound", "annotated sounds"),
    ].compactMap(\.self)
    return parts.count < 2
      ? parts[0] : parts.dropLast().joined(separator: ", ") + " and " + (parts.last ?? "")
  }

  public var sentence: String {
    isWeak
      ? "This is weak: it rests on \(counts), and fewer than \(Self.fewestClips) clips tell methods apart by chance."
      : "It rests on \(counts)."
  }
}
