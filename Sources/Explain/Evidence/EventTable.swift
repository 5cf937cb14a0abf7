import Glibc

/// Events as the tables that people annotate sounds with.
public enum EventTable: String, CaseIterable, Sendable {
  /// Audacity's label track, with frequencies: a line `start end label`, one `\ lowest highest`.
  case audacity = "events.txt"
  /// Raven's selection table.
  case raven = "events.selections.txt"
  case commaSeparated = "events.csv"

  /// The table of `events`.
  ///
  /// - Parameters:
  ///   - label: what they are events of.
  ///   - offset: where the clip begins in its file, in seconds: times are told as in the file.
  public func text(_ events: [SoundEvent], label: String, offset: Double = 0) -> String {
    let lines = events.enumerated().map { index, event in
      let (start, end) = (Self.decimals(event.start + offset), Self.decimals(event.end + offset))
      let (lowest, highest) = (Self.decimals(event.lowest, 1), Self.decimals(event.highest, 1))
      let share = Self.decimals(event.share, 4)
      return switch self {
      case .audacity: "\(start)\t\(end)\t\(Self.plain(label))\n\\\t\(lowest)\t\(highest)\n"
      case .raven:
        "\(index + 1)\tSpectrogram 1\t1\t\(start)\t\(end)\t\(lowest)\t\(highest)\t\(Self.plain(label))\t\(share)\n"
      case .commaSeparated: "\(start),\(end),\(lowest),\(highest),\(Self.quoted(label)),\(share)\n"
      }
    }
    return header + lines.joined()
  }

  private var header: String {
    switch self {
    case .audacity: ""
    case .raven:
      "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tLabel\tShare\n"
    case .commaSeparated: "start_s,end_s,low_hz,high_hz,label,share\n"
    }
  }

  /// With a point, whatever the locale.
  private static func decimals(_ value: Double, _ digits: Int = 6) -> String {
    let scale = pow(10, Double(digits))
    let whole = Int((value * scale).rounded())
    let rest = String(abs(whole) % Int(scale))
    let sign = whole < 0 ? "-" : ""
    return "\(sign)\(abs(whole) / Int(scale)).\(String(repeating: "0", count: digits - rest.count))\(rest)"
  }

  /// Without what ends a field or a line.
  private static func plain(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  /// `text` as one field of a table with commas.
  public static func quoted(_ text: String) -> String {
    let needsQuotes = text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    guard needsQuotes else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
