package import Audio

/// Something wrong with a sound, in seconds of the file: `{"what": "lost", "from": 345.0, "to": 375.5, "message": "…"}`.
package struct FlawRecord: Codable, Sendable, Hashable {
  package let what: String
  package let from: Double
  package let to: Double
  package let message: String

  package init(_ flaw: Flaw) {
    (what, from, to, message) = (flaw.kind.rawValue, flaw.start, flaw.end, "\(flaw)")
  }
}
