/// A key of any name.
struct JSONKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(stringLiteral name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// One JSON object of a front end, read key by key; every error names the key and what stands there.
struct JSONFields {
  private let container: KeyedDecodingContainer<JSONKey>
  private let prefix: String

  /// - Parameter keys: all the keys there may be; others are refused.
  init(_ decoder: any Decoder, keys: Set<String>) throws {
    guard let container = try? decoder.container(keyedBy: JSONKey.self) else {
      throw AudioError.badFrontEnd(
        key: "front_end", value: "no JSON object", problem: "give one, such as {\"preset\": \"yamnet\"}")
    }
    try self.init(container, prefix: "", keys: keys)
  }

  private init(_ container: KeyedDecodingContainer<JSONKey>, prefix: String, keys: Set<String>) throws {
    self.init(container, prefix: prefix)
    try allow(keys)
  }

  private init(_ container: KeyedDecodingContainer<JSONKey>, prefix: String) {
    (self.container, self.prefix) = (container, prefix)
  }

  /// Refuses all other keys.
  func allow(_ keys: Set<String>) throws {
    if let unknown = container.allKeys.map(\.stringValue).filter({ !keys.contains($0) }).min() {
      throw AudioError.badFrontEnd(
        key: prefix + unknown, value: "an unknown key",
        problem: "the keys are " + keys.sorted().joined(separator: ", "))
    }
  }

  /// The object at `key`; nil where there is none.
  func nested(_ key: String, keys: Set<String>) throws -> JSONFields? {
    guard has(key) else { return nil }
    guard let inner = try? container.nestedContainer(keyedBy: JSONKey.self, forKey: JSONKey(key)) else {
      throw wrong(key, "must be an object in braces")
    }
    return try JSONFields(inner, prefix: prefix + key + ".", keys: keys)
  }

  /// The object at `key`; nil where there is none, or something else.
  func nestedIfObject(_ key: String, keys: Set<String>) throws -> JSONFields? {
    guard has(key) else { return nil }
    let inner = try? container.nestedContainer(keyedBy: JSONKey.self, forKey: JSONKey(key))
    return try inner.map { try JSONFields($0, prefix: prefix + key + ".", keys: keys) }
  }

  /// The objects of the array at `key`, whose keys are not checked yet; nil where there is none.
  func objects(_ key: String) throws -> [JSONFields]? {
    guard has(key) else { return nil }
    guard var array = try? container.nestedUnkeyedContainer(forKey: JSONKey(key)) else {
      throw wrong(key, "must be an array of objects in brackets")
    }
    var objects: [JSONFields] = []
    while !array.isAtEnd {
      guard objects.count < 64 else { throw wrong(key, "must have at most 64 entries") }
      let place = "\(prefix)\(key)[\(objects.count)]"
      guard let inner = try? array.nestedContainer(keyedBy: JSONKey.self) else {
        throw AudioError.badFrontEnd(
          key: place, value: "no JSON object", problem: "give one, such as {\"kind\": \"unit-range\"}")
      }
      objects.append(JSONFields(inner, prefix: place + "."))
    }
    return objects
  }

  /// One number, or several in brackets.
  func numbers(_ key: String) throws -> [Double] {
    guard has(key) else { return try given(key, else: nil) }
    if let one = try? container.decode(Double.self, forKey: JSONKey(key)) { return [one] }
    guard let all = try? container.decode([Double].self, forKey: JSONKey(key)), !all.isEmpty else {
      throw wrong(key, "must be a number or an array of numbers")
    }
    return all
  }

  enum NameOrNumber {
    case name(String)
    case number(Double)
  }

  /// One of the names, or a number; nil where there is nothing.
  func nameOrNumber(_ key: String, names: [String], orA other: String) throws -> NameOrNumber? {
    guard has(key) else { return nil }
    let key = JSONKey(key)
    if let name = try? container.decode(String.self, forKey: key), names.contains(name) { return .name(name) }
    if let number = try? container.decode(Double.self, forKey: key) { return .number(number) }
    let quoted = names.map { "\"\($0)\"" }.joined(separator: ", ")
    throw wrong(key.stringValue, "must be \(quoted) or \(other)")
  }

  /// A text that must be there.
  func text(_ key: String) throws -> String {
    try given(key, else: optional(key, String.self))
  }

  func truth(_ key: String, else base: Bool) throws -> Bool {
    try optional(key, Bool.self, "must be true or false") ?? base
  }

  func value(_ key: String, else base: Int?) throws -> Int {
    try given(key, else: optional(key, Int.self, "must be a whole number") ?? base)
  }

  func value(_ key: String, else base: Double?) throws -> Double {
    try given(key, else: optional(key, Double.self, "must be a number") ?? base)
  }

  /// One of the names of an enumeration.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, else base: Choice?) throws
    -> Choice
  {
    let names = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
    guard let name = try optional(key, String.self, "must be \(names)") else {
      return try given(key, else: base)
    }
    guard let choice = Choice(rawValue: name) else { throw wrong(key, "must be \(names)") }
    return choice
  }

  func optional<Value: Decodable>(
    _ key: String, _ type: Value.Type, _ problem: String = "must be a text in quotes"
  ) throws -> Value? {
    guard has(key) else { return nil }
    guard let value = try? container.decode(type, forKey: JSONKey(key)) else { throw wrong(key, problem) }
    return value
  }

  /// `value`, or the error that there is none.
  func given<Value>(_ key: String, else value: Value?) throws -> Value {
    guard let value else {
      throw AudioError.badFrontEnd(
        key: prefix + key, value: "missing", problem: "give it, or begin with a \"preset\"")
    }
    return value
  }

  func refuse(_ keys: [String], _ problem: String) throws {
    for key in keys where has(key) { throw wrong(key, problem) }
  }

  func has(_ key: String) -> Bool { container.contains(JSONKey(key)) }

  func wrong(_ key: String, _ problem: String) -> AudioError {
    let key = JSONKey(key)
    let value =
      if let text = try? container.decode(String.self, forKey: key) {
        "\"\(text)\""
      } else if let number = try? container.decode(Double.self, forKey: key) {
        "\(number)"
      } else if let truth = try? container.decode(Bool.self, forKey: key) {
        "\(truth)"
      } else {
        "something else"
      }
    return .badFrontEnd(key: prefix + key.stringValue, value: value, problem: problem)
  }
}
