/// Which of a sound's channels is listened to.
public enum Channel: Sendable, Hashable, Codable, CustomStringConvertible {
  /// All, mixed to their mean.
  case mix
  /// One alone, counted from 1.
  case number(Int)

  public static let left = Channel.number(1)
  public static let right = Channel.number(2)

  /// `mix`, `left`, `right`, or a channel's number from 1 to 64; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "mix": self = .mix
    case "left": self = .left
    case "right": self = .right
    default:
      guard let number = Int(text), Limits.channels.contains(number) else { return nil }
      self = .number(number)
    }
  }

  public var description: String {
    switch self {
    case .mix: "mix"
    case .left: "left"
    case .right: "right"
    case .number(let number): "\(number)"
    }
  }
}

/// How much of the channels' energy their mean keeps.
///
/// With energies as sums of squares, `E(mean) / mean(E)`: 1 for channels that are alike, `1 / n` for `n` that have nothing in
/// common, 0 where they cancel, as when one is minus the other.
struct MixedEnergy {
  /// Below this share the channels are said to cancel: a hundredth, 20 dB.
  static let least = 0.01

  private var ofChannels = 0.0
  private var ofMix = 0.0

  mutating func add(_ channels: [[Float]], mix: [Float]) {
    guard channels.count > 1 else { return }
    for channel in channels { ofChannels += energy(of: channel) / Double(channels.count) }
    ofMix += energy(of: mix)
  }

  /// The flaw of channels that cancel between `start` and `end`; nil where they do not.
  func flaw(from start: Double, to end: Double) -> Flaw? {
    guard ofChannels > 0, ofMix < Self.least * ofChannels else { return nil }
    let permille = (ofMix / ofChannels * 10_000).rounded() / 100
    return Flaw(.cancelling, from: start, to: end, detail: "their mix keeps \(permille) % of their energy")
  }
}

/// The sum of the squares.
private func energy(of samples: [Float]) -> Double {
  // Sums of a few thousand squares are exact enough in single precision, and quicker.
  var (total, place) = (0.0, 0)
  while place < samples.count {
    let end = min(place + 4096, samples.count)
    var sum: Float = 0
    for index in place..<end { sum += samples[index] * samples[index] }
    total += Double(sum)
    place = end
  }
  return total
}
