/// What counts as nothing, as a user says it: `silence`, `zero`, a number, `noise-floor`, `noise-floor:0.2`,
/// `local-mean`, `local-mean:4`, `noise`, or the path of a file.
public struct BaselineChoice: Sendable, Hashable {
  /// As written.
  public let text: String
  private let kind: Kind

  private enum Kind: Sendable, Hashable {
    case silence, noise
    case constant(Float)
    case noiseFloor(Double)
    case localMean(Int)
    case file(String)
  }

  /// Reads what a user writes; nil for what cannot be meant, such as `noise-floor:2`.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let number = parts.count > 1 ? Double(parts[1]) : nil
    switch (parts.first, parts.count) {
    case ("silence", 1): kind = .silence
    case ("zero", 1): kind = .constant(0)
    case ("noise", 1): kind = .noise
    case ("noise-floor", 1): kind = .noiseFloor(0.1)
    case ("noise-floor", 2):
      guard let number, (0...1).contains(number) else { return nil }
      kind = .noiseFloor(number)
    case ("local-mean", 1): kind = .localMean(8)
    case ("local-mean", 2):
      guard let number, let radius = Int(exactly: number), (1...10_000).contains(radius) else { return nil }
      kind = .localMean(radius)
    case (nil, _): return nil
    default:
      if let value = Float(text) {
        guard value.isFinite else { return nil }
        kind = .constant(value)
      } else {
        kind = .file(text)
      }
    }
    self.text = text
  }

  /// The baseline; nil for silence.
  ///
  /// - Parameter read: makes one of the file at a path.
  public func baseline(seed: UInt64, _ read: (String) throws -> Baseline) throws -> Baseline? {
    switch kind {
    case .silence: nil
    case .noise: .noise(seed: seed)
    case .constant(let value): .constant(value)
    case .noiseFloor(let quantile): .noiseFloor(quantile: quantile)
    case .localMean(let radius): .localMean(radius: radius)
    case .file(let path): try read(path)
    }
  }
}

extension BaselineChoice: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let choice = BaselineChoice(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is no baseline"))
    }
    self = choice
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
