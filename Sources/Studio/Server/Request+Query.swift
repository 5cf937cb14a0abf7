import Hummingbird

/// What the address says behind the question mark.
extension Request {
  /// nil where it is not there, or empty.
  func query(_ name: String) -> String? {
    guard let text = uri.queryParameters[Substring(name)].map(String.init), !text.isEmpty else { return nil }
    return text
  }

  /// A number within bounds.
  ///
  /// - Throws: `StudioFailure.bad`.
  func number(_ name: String, in range: ClosedRange<Double>) throws(StudioFailure) -> Double? {
    guard let text = query(name) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw .bad("'\(name)' has to be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A whole number within bounds.
  ///
  /// - Throws: `StudioFailure.bad`.
  func count(_ name: String, in range: ClosedRange<Int>) throws(StudioFailure) -> Int? {
    guard let text = query(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .bad("'\(name)' has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// One of a few words.
  ///
  /// - Throws: `StudioFailure.bad`.
  func choice<Value: RawRepresentable & CaseIterable>(_ name: String, _ type: Value.Type)
    throws(StudioFailure)
    -> Value? where Value.RawValue == String
  {
    guard let text = query(name) else { return nil }
    guard let value = Value(rawValue: text) else {
      throw .bad("'\(name)' is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }

  /// The same for all orders of the parameters.
  var canonicalQuery: String {
    uri.queryParameters.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "&")
  }
}

extension StudioContext {
  /// A part of the path.
  func part(_ name: String) throws(StudioFailure) -> String {
    guard let text = parameters.get(name), !text.isEmpty, text.utf8.count <= 256 else {
      throw .notFound("such thing")
    }
    return text
  }

  /// A part of the path that is a number.
  func number(_ name: String) throws(StudioFailure) -> Int {
    guard let number = Int(try part(name)), number >= 0 else { throw .notFound("such number") }
    return number
  }
}
