import Explain
package import Train

/// A shortcut that a network seems to take.
package struct ShortcutRecord: Codable, Sendable {
  package let kind: String
  package let classes: [String]
  /// `high`, `medium` or `low`, and as a number.
  package let level: String
  package let severity: Double
  package let finding: String
  package let advice: String
  /// The share of the class's probability that is lost without the part, with its 95 % interval.
  package var drop: Double?
  package var dropLow: Double?
  package var dropHigh: Double?
  package var dropOfOthers: Double?
  package var evidenceShare: Double?
  package var energyShare: Double?
  package var lowHertz: Double?
  package var highHertz: Double?
  package var toneHertz: Double?
  package var presence: Double?
  package var presenceInOthers: Double?

  package init(_ shortcut: Shortcut) {
    (kind, classes) = (shortcut.kind.rawValue, shortcut.classes)
    (level, severity) = (shortcut.level.rawValue, shortcut.severity)
    (finding, advice) = (shortcut.finding, shortcut.advice)
    (drop, dropLow, dropHigh) = (shortcut.drop?.value, shortcut.drop?.low, shortcut.drop?.high)
    dropOfOthers = shortcut.dropOfOthers
    (evidenceShare, energyShare) = (shortcut.evidenceShare, shortcut.energyShare)
    (lowHertz, highHertz) = (shortcut.band?.lowerBound, shortcut.band?.upperBound)
    toneHertz = shortcut.tone
    (presence, presenceInOthers) = (shortcut.presence, shortcut.presenceInOthers)
  }

  private enum CodingKeys: String, CodingKey {
    case kind, classes, level, severity, finding, advice, drop, presence
    case dropLow = "drop_low"
    case dropHigh = "drop_high"
    case dropOfOthers = "drop_of_others"
    case evidenceShare = "evidence_share"
    case energyShare = "energy_share"
    case lowHertz = "low_hz"
    case highHertz = "high_hz"
    case toneHertz = "tone_hz"
    case presenceInOthers = "presence_in_others"
  }
}
