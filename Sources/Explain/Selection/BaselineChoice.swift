/// What counts as nothing, as a user says it.
public enum BaselineChoice: Sendable {
  case silence
  case known(@Sendable (_ seed: UInt64) -> Baseline)
  case file(String)

  /// Reads `silence`, `zero`, a number, `noise-floor:0.2`, `local-mean:4`, `noise`, or a path; nil for what is none.
  public init?(_ argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
    let number = parts.count > 1 ? Double(parts[1]) : nil
    switch (parts.first, parts.count) {
    case ("silence", 1): self = .silence
    case ("zero", 1): self = .known { _ in .constant(0) }
    case ("noise", 1): self = .known { .noise(seed: $0) }
    case ("noise-floor", 1): self = .known { _ in .noiseFloor(quantile: 0.1) }
    case ("noise-floor", 2):
      guard let number, (0...1).contains(number) else { return nil }
      self = .known { _ in .noiseFloor(quantile: number) }
    case ("local-mean", 1): self = .known { _ in .localMean(radius: 8) }
    case ("local-mean", 2):
      guard let number, let radius = Int(exactly: number), (1...10_000).contains(radius) else { return nil }
      self = .known { _ in .localMean(radius: radius) }
    case (nil, _): return nil
    default:
      if let value = Float(argument) {
        guard value.isFinite else { return nil }
        self = .known { _ in .constant(value) }
      } else {
        self = .file(argument)
      }
    }
  }

  /// - Parameter read: makes one of a file.
  public func baseline(seed: UInt64, _ read: (String) throws -> Baseline) throws -> Baseline? {
    switch self {
    case .silence: nil
    case .known(let make): make(seed)
    case .file(let path): try read(path)
    }
  }
}
