public import Audio
import Files

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
