/// A descriptor's name in plain words: `onset_rate_hz` as "onset rate (Hz)".
package struct DescriptorName: Sendable, Hashable {
  package let words: String
  package let unit: String?

  private static let units = [
    "hz": "Hz", "lufs": "LUFS", "lu": "LU", "db": "dB", "s": "s", "seconds": "s", "sones": "sones",
    "bpm": "BPM",
  ]

  package init(_ key: String) {
    var parts = key.split(separator: "_").map(String.init)
    unit = parts.count > 1 ? parts.last.flatMap { Self.units[$0.lowercased()] } : nil
    if unit != nil { parts.removeLast() }
    words = parts.isEmpty ? key : parts.joined(separator: " ")
  }

  /// With its unit, as an axis says it.
  package var title: String { unit.map { "\(words) (\($0))" } ?? words }
}
