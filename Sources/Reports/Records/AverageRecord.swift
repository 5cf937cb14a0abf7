import Explain

/// Where the evidence for a class lies over many sounds.
package struct AverageRecord: Codable, Sendable {
  package let target: Target
  package let method: String
  package let domain: String
  package let clips: Int
  package let clipsWithoutEvidence: Int
  package let bands: [Share]
  package let octaves: [Share]
  /// Of equal parts of the clip.
  package let time: [Share]
  package let files: [String]

  private enum CodingKeys: String, CodingKey {
    case target, method, domain, clips, bands, octaves, time, files
    case clipsWithoutEvidence = "clips_without_evidence"
  }

  package struct Target: Codable, Sendable {
    package var index: Int?
    package let label: String
  }

  /// A mean share with its 95 % interval.
  package struct Share: Codable, Sendable {
    package var hertz: Double?
    package let share: Double
    package let low: Double
    package let high: Double

    init(_ share: Bootstrap.Estimate, at hertz: Double? = nil) {
      (self.hertz, self.share, low, high) = (hertz, share.value, share.low, share.high)
    }
  }

  init(_ entry: ClassAverages.Entry, seed: UInt64, files: [String]) {
    var index: Int?
    if case .target(let target) = entry.question { index = target.index }
    target = Target(index: index, label: entry.question.label)
    (method, domain) = (entry.method.name, entry.domain.rawValue)
    (clips, clipsWithoutEvidence) = (entry.evidence.clips, entry.evidence.empty)
    bands = zip(entry.bandCentres, entry.bandCentres.isEmpty ? [] : entry.evidence.overBands(seed: seed)).map
    {
      Share($1, at: $0)
    }
    octaves = entry.evidence.overOctaves(seed: seed).map { Share($0.share, at: $0.centre) }
    time = entry.evidence.overTime(seed: seed).map { Share($0) }
    self.files = files
  }
}
