/// Which methods to explain by, as a user says it: names with commas between, `all`, or `recommended` among the names.
public struct MethodSelection: Sendable, Hashable {
  /// As written.
  public let text: String
  /// The methods named one by one, or all there are.
  public let explicitMethods: [AttributionMethod]
  /// Whether the method that an evaluation of the model recommends is wanted, too.
  public let includesRecommended: Bool

  /// The methods for users who name none; those of them that explain what is asked for are used.
  public static let standard = MethodSelection("default", [.gradCAM, .saliency])

  /// Whether no method was named.
  public var isDefault: Bool { text == Self.standard.text }

  private init(_ text: String, _ methods: [AttributionMethod]) {
    (self.text, explicitMethods, includesRecommended) = (text, methods, false)
  }

  /// Placeholder for the method that an evaluation recommends.
  public static let recommended = "recommended"

  /// - Throws: `ExplainError.unknownMethod`, `.composition`.
  public init(_ text: String) throws {
    guard text != Self.standard.text else {
      self = Self.standard
      return
    }
    self.text = text
    guard text != "all" else {
      (explicitMethods, includesRecommended) = (AttributionMethod.all + AttributionMethod.ofSounds, false)
      return
    }
    var methods: [AttributionMethod] = []
    let names = text.partsBetweenCommas
    for name in names where name != Self.recommended {
      let method = try AttributionMethod(named: name)
      if !methods.contains(method) { methods.append(method) }
    }
    explicitMethods = methods
    includesRecommended = names.contains(Self.recommended)
  }

  public init(_ methods: [AttributionMethod]) {
    text = methods.map(\.name).joined(separator: ",")
    explicitMethods = methods
    includesRecommended = false
  }

  /// Whether methods that cannot explain this model are passed over with a note instead of ending the run.
  public var isAll: Bool { text == "all" }

  /// All methods, the recommended one first.
  public func methods(recommended: AttributionMethod?) -> [AttributionMethod] {
    guard let recommended else { return explicitMethods }
    return [recommended] + explicitMethods.filter { $0 != recommended }
  }
}

extension MethodSelection: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension Domain: Codable {
  /// The domains that `text` names with commas between, each once.
  ///
  /// - Throws: `ExplainError.unknownDomain`.
  public static func list(_ text: String) throws(ExplainError) -> [Domain] {
    var domains: [Domain] = []
    for name in text.partsBetweenCommas {
      guard let domain = Domain(named: name) else { throw .unknownDomain(name) }
      if !domains.contains(domain) { domains.append(domain) }
    }
    return domains
  }
}

extension AttributionMethod {
  public static var allNames: String { all.map(\.name).joined(separator: ", ") }

  public static var namesForSounds: String { (all + ofSounds).map(\.name).joined(separator: ", ") }
}

extension String {
  /// Without the spaces around them.
  fileprivate var partsBetweenCommas: [String] {
    split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
