import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder
import class FoundationEssentials.JSONEncoder

/// How records are written as JSON: keys sorted, numbers in their shortest form that reads back the same.
package enum RecordCoding {
  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// On one line.
  ///
  /// - Throws: `EncodingError` for numbers that are not finite.
  package static func line(_ record: some Encodable) throws -> String {
    String(decoding: try encoder.encode(record), as: UTF8.self)
  }

  /// A file with a record a line, as one list.
  package static func list(_ records: [some Encodable]) throws -> [UInt8] {
    Array(("[" + (try records.map { try line($0) }).joined(separator: ",\n") + "]\n").utf8)
  }

  /// A file of its own.
  package static func file(_ record: some Encodable) throws -> [UInt8] { Array(try line(record).utf8) + [10] }

  package static func read<Record: Decodable>(_ type: Record.Type, from json: some Sequence<UInt8>) throws
    -> Record
  {
    try JSONDecoder().decode(type, from: Data(json))
  }
}

/// A value that is written as `null` where there is none, so that its key is always there.
@propertyWrapper
package struct OrNull<Value: Codable & Sendable>: Codable, Sendable {
  package var wrappedValue: Value?

  package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

extension Double {
  /// nil for what JSON has no number for.
  package var finite: Double? { isFinite ? self : nil }
}
