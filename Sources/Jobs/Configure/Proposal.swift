package import Models
import Reports

import struct FoundationEssentials.Data
import class FoundationEssentials.JSONDecoder
import class FoundationEssentials.JSONEncoder

/// What a model's description could say, key by key, with how sure that is and why.
package struct Proposal: Sendable {
  package struct Entry: Sendable {
    /// As in the JSON file beside the model.
    package let key: String
    /// The value, as JSON.
    package let value: String
    package let certainty: Certainty
    package let reason: String
    /// Whether the model's own description says it already.
    package var isDescribed: Bool { certainty == .described }
  }

  package enum Certainty: String, Sendable, Codable {
    /// The model's metadata, or the file beside it, says so.
    case described
    /// The file leaves no other choice, or it is a network that is known.
    case known
    /// Networks of this form are usually like that.
    case likely
    /// One of several possibilities; check it.
    case guess
  }

  package private(set) var entries: [Entry] = []
  /// What nothing tells, and how a command is told it.
  package struct Question: Sendable, CustomStringConvertible {
    package let what: String
    /// Of who types commands.
    package let answer: String?

    package init(_ what: String, answer: String? = nil) { (self.what, self.answer) = (what, answer) }

    package var description: String { answer.map { "\(what)\($0)" } ?? what }
  }

  package var questions: [Question] = []

  /// Adds a key, unless there is one already.
  package mutating func add(
    _ key: String, _ value: some Encodable, _ certainty: Certainty, _ reason: String
  ) throws {
    guard !entries.contains(where: { $0.key == key }) else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    entries.append(
      Entry(
        key: key, value: String(decoding: try encoder.encode(value), as: UTF8.self), certainty: certainty,
        reason: reason))
  }

  package mutating func remove(_ key: String) { entries.removeAll { $0.key == key } }

  /// The file: an object with a key a line.
  package var json: String {
    "{\n" + entries.map { "  \"\($0.key)\": \($0.value)" }.joined(separator: ",\n") + "\n}\n"
  }

  /// As it would be read.
  ///
  /// - Throws: `ModelError.badDescription`.
  package func description() throws -> ModelDescription {
    try ModelDescription(json: Array(json.utf8), from: "the proposal")
  }
}

/// Any JSON value, to keep what a file says as it is.
package enum JSONValue: Codable, Sendable {
  case null
  case truth(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let truth = try? value.decode(Bool.self) {
      self = .truth(truth)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSONValue].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .truth(let truth): try value.encode(truth)
    case .number(let number):
      // Whole numbers stay whole.
      if let whole = Int(exactly: number) { try value.encode(whole) } else { try value.encode(number) }
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .object(let object): try value.encode(object)
    }
  }
}
