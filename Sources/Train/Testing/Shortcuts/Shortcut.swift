import Files
public import Explain

/// A way in which a network seems to tell a class by something that is not its sound.
public struct Shortcut: Sendable, Hashable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A slice of bands that holds little of the class's energy.
    case band
    case padding
    /// Gaps within the sound.
    case silence
    /// A third of the sound that holds little of its energy.
    case moment
    /// The emptiness above the highest frequency of a recording.
    case ceiling
    /// All clips of the class stem from one recording.
    case singleGroup = "single_group"
    /// The class is known in recordings that the network was trained on, and not in others.
    case knownGroups = "known_groups"
  }

  public enum Level: String, Sendable, Codable {
    case high, medium, low
  }

  public var kind: Kind
  /// Of one class, or of several that have it in common.
  public var classes: [String]
  /// 0 to 1: how much of the class's probability hangs on the part and not for other classes, less where the part holds
  /// energy and where it is not peculiar to the class.
  public var severity: Double
  /// The share of the class's probability that is lost without the part, with its interval over recordings.
  public var drop: GroupedBootstrap.Measured?
  /// The same, mean over the other classes.
  public var dropOfOthers: Double?
  /// Of all that is lost by taking away bands or thirds, the share that is lost here.
  public var evidenceShare: Double?
  /// The share of the class's energy that lies there.
  public var energyShare: Double?
  /// In hertz.
  public var band: ClosedRange<Double>?
  /// A frequency that the class's clips keep up throughout, in hertz.
  public var tone: Double?
  /// The share of the class's clips, and of all others, that have the tone, the padding, the gaps, the ceiling.
  public var presence: Double?
  public var presenceInOthers: Double?
  /// What was found, in a sentence.
  public var finding: String
  /// What to do, in a sentence.
  public var advice: String

  public var level: Level { severity >= 0.55 ? .high : severity >= 0.3 ? .medium : .low }

  init(_ kind: Kind, _ classes: [String], severity: Double, finding: String, advice: String) {
    (self.kind, self.classes, self.severity) = (kind, classes, severity)
    (self.finding, self.advice) = (finding, advice)
  }
}

extension Shortcut.Kind {
  /// For tables.
  public var title: String {
    switch self {
    case .band: "a constant or faint band"
    case .padding: "padding"
    case .silence: "gaps"
    case .moment: "a moment"
    case .ceiling: "the recording's bandwidth"
    case .singleGroup: "a single recording"
    case .knownGroups: "known recordings"
    }
  }

  var advice: String {
    switch self {
    case .band:
      "Look at the clips there. Filter it out of all of them, or mix it into clips of other classes, and train again; or train with "
        + "'--attention' and regions that hold the class's sound."
    case .padding:
      "Bring all clips to one length before training, or train on padded and rolled variants of them, so that padding says nothing."
    case .silence:
      "Mix background noise into all clips while training, or cut the gaps out, so that digital silence says nothing."
    case .moment:
      "Shift clips in time while training (rolled variants), so that the moment says nothing."
    case .ceiling:
      "Resample all clips to the lowest rate among them, or let the front end end below the lowest ceiling, and train again."
    case .singleGroup:
      "Record the class elsewhere, too: until then nobody can tell whether the network knows the class or the recording."
    case .knownGroups:
      "Train on more recordings of the class; judge it by recordings that are held out."
    }
  }
}

/// Numbers in sentences.
enum ShortcutWords {
  static func percent(_ share: Double) -> String {
    let percent = 100 * share
    return percent > 0 && percent < 1 ? "less than 1 %" : "\(Int(percent.rounded())) %"
  }

  static func hertz(_ range: ClosedRange<Double>) -> String {
    "\(rounded(range.lowerBound))-\(rounded(range.upperBound)) Hz"
  }

  static func hertz(_ value: Double) -> String { "\(rounded(value)) Hz" }

  /// With three digits, whole.
  private static func rounded(_ value: Double) -> Int {
    let step: Double = value >= 1000 ? 10 : 1
    return Int((value / step).rounded() * step)
  }

  static func quoted(_ names: [String]) -> String {
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return names.count == 1 ? "class \(shown)" : "classes \(shown)\(names.count > 8 ? ", …" : "")"
  }
}
