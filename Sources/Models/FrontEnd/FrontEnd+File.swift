public import Audio
import Files

import class FoundationEssentials.JSONEncoder

extension FrontEnd {
  /// The front end that `text` names: a preset, or a JSON file that describes one.
  ///
  /// - Throws: `AudioError`, `FileError`, `ModelError.badDescription`.
  public init(described text: String) throws {
    guard text.hasSuffix(".json") else {
      self = try .preset(named: text)
      return
    }
    let description = try ModelDescription(
      json: Array("{\"front_end\": ".utf8) + (try WholeFile.read(text, limit: 1 << 20)) + Array("}".utf8),
      from: text)
    guard let frontEnd = description.frontEnd else {
      throw ModelError.badDescription(where: text, reason: "describes no front end")
    }
    self = frontEnd
  }
}

extension FrontEnd {
  /// As JSON on one line: what a model carries as its metadata `otoscope.front_end`.
  ///
  /// - Throws: `EncodingError` for numbers that are not finite.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
