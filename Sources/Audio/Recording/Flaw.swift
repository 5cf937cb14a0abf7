/// Something that is wrong with a sound that could still be read: what, and from where to where.
///
/// Times are seconds on the file's clock: 0 is its first sample, and what is lost leaves silence of its own length, so
/// that everything behind it stays where it was.
public struct Flaw: Sendable, Hashable, Codable, CustomStringConvertible {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Nothing there could be decoded, or the time stamps leave it out: silence stands in its place.
    case lost
    /// The decoder complains, but gives samples.
    case damaged
    /// The sound ends before its header says it does, or before its own last page.
    case truncated
    /// The sound goes on after its header says that it ends.
    case overlong
    /// The time stamps go back a little: what they tell twice is used once.
    case repeated
    /// The time stamps begin again, or jump further than the file is long: time is counted on instead.
    case restarted
    /// The sample rate or the channels change: what follows is converted to those of the beginning.
    case converted
    /// The channels cancel each other: their mean holds next to nothing of them.
    case cancelling
  }

  public var kind: Kind
  /// In seconds.
  public var start: Double
  /// In seconds; where the sound would have ended, for one that is truncated. As `start` where that is not known.
  public var end: Double
  /// What else is to be said: the new rate and channels, or how much of the energy the mix keeps.
  public var detail: String

  public init(_ kind: Kind, from start: Double, to end: Double, detail: String = "") {
    (self.kind, self.start, self.end, self.detail) = (kind, start, end, detail)
  }

  /// One sentence without a full stop, such as "345.03 s to 375.52 s cannot be decoded; silence stands there".
  public var description: String {
    let (from, to) = (Self.seconds(start), Self.seconds(end))
    let addition = detail.isEmpty ? "" : " (\(detail))"
    return switch kind {
    case .lost: "\(from) to \(to) cannot be decoded\(addition); silence stands there"
    case .damaged:
      end > start
        ? "\(from) to \(to) is damaged\(addition)" : "the sound is damaged at \(from)\(addition)"
    case .truncated:
      end > start
        ? "the sound ends at \(from), and its header says \(to)\(addition): it was cut short"
        : "the sound ends at \(from) without a proper end\(addition): it may have been cut short"
    case .overlong: "the sound ends at \(to), and its header says \(from)\(addition)"
    case .repeated: "\(from) to \(to) is there twice by its time stamps\(addition); it is used once"
    case .restarted: "the time stamps begin again at \(from)\(addition); time is counted on"
    case .converted: "the format changes at \(from)\(addition); what follows is converted"
    case .cancelling: "the channels cancel each other\(addition); listen to one of them instead"
    }
  }

  /// To the hundredth.
  private static func seconds(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value) s" }
    return "\((value * 100).rounded() / 100) s"
  }
}

/// Flaws in the order in which they were met; neighbours of a kind are told as one.
struct FlawList {
  private(set) var flaws: [Flaw] = []

  /// More are counted, not kept: a stream may be damaged everywhere.
  static let most = 200
  /// Flaws of a kind that are closer than this, in seconds, are one.
  static let reach = 0.5

  /// In seconds: failures to read this close before a loss or the end belong to it.
  static let approach = 2.0

  mutating func add(_ flaw: Flaw) {
    if flaw.kind == .lost || flaw.kind == .truncated, let last = flaws.last, last.kind == .damaged,
      last.end == last.start, flaw.start - last.end <= Self.approach
    {
      flaws.removeLast()
    }
    if let last = flaws.lastIndex(where: { $0.kind == flaw.kind }),
      flaw.start <= flaws[last].end + Self.reach, flaw.detail == flaws[last].detail
    {
      flaws[last].end = max(flaws[last].end, flaw.end)
    } else if flaws.count < Self.most {
      flaws.append(flaw)
    } else if let last = flaws.indices.last {
      flaws[last].end = max(flaws[last].end, flaw.end)
    }
  }
}
