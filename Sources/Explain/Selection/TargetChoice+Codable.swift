extension TargetChoice: Codable, CustomStringConvertible {
  /// As a user writes it.
  public var description: String {
    switch self {
    case .top(let count): count == 1 ? "top" : "top:\(count)"
    case .index(let index): "\(index)"
    case .label(let label): label
    case .during(_, _, let text): text
    }
  }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let choice = TargetChoice(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is no target"))
    }
    self = choice
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
