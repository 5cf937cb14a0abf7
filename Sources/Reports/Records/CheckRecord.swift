import Files
package import Train

/// What `check` found, as JSON:
/// `{"data": "birds", "kind": "table", "clips": 276, "seconds": 1032.1, "classes": [{"name": "owl", "clips": 28, …}], "sides": {"training": 190, …},
/// "sample_rates": [{"value": 44100, "clips": 120}], "findings": [{"kind": "silent", "severity": "warning", "clips": ["a.wav"], "message": "…"}], "ok": true}`.
package struct CheckRecord: Codable, Sendable, Hashable {
  package var data: String
  package var name: String
  package var clips: Int
  /// Of all clips that can be read.
  package var seconds: Double
  package var multiLabel: Bool
  package var groups: Int
  package var folds: [Int]
  package var classes: [ClassCount]
  /// Clips on each side; nil where they cannot be shared out.
  package var sides: Sides?
  package var sampleRates: [Tally]
  package var channels: [Tally]
  package var durations: Durations?
  package var findings: [Finding]
  /// Whether there are no errors.
  package var ok: Bool

  package struct ClassCount: Codable, Sendable, Hashable {
    package var name: String
    package var clips = 0
    package var seconds = 0.0
    package var groups = 0
    package var sides: Sides?
  }

  package struct Sides: Codable, Sendable, Hashable {
    package var training = 0
    package var validation = 0
    package var test = 0

    fileprivate mutating func add(_ part: LabelledClip.Part) {
      switch part {
      case .training: training += 1
      case .validation: validation += 1
      case .test: test += 1
      }
    }
  }

  package struct Tally: Codable, Sendable, Hashable {
    package var value: Int
    package var clips: Int
  }

  /// In seconds.
  package struct Durations: Codable, Sendable, Hashable {
    package var shortest: Double
    package var median: Double
    package var longest: Double
  }

  package struct Finding: Codable, Sendable, Hashable {
    package var kind: DataSetCheck.Finding.Kind
    package var severity: DataSetCheck.Finding.Severity
    /// Paths.
    package var clips: [String]
    package var message: String
  }

  package init(_ check: DataSetCheck, data: String) {
    let set = check.set
    self.data = PathText.shown(data)
    (name, clips, multiLabel) = (set.name, set.clips.count, set.isMultiLabel)
    let read = check.measures.compactMap(\.self)
    seconds = read.reduce(0) { $0 + $1.seconds }
    groups = Set(set.clips.compactMap(\.group)).count
    folds = Set(set.clips.compactMap(\.fold)).sorted()
    classes = Self.classes(check)
    sides = check.split.map {
      Sides(training: $0.training.count, validation: $0.validation.count, test: $0.test.count)
    }
    sampleRates = Self.tally(read.map(\.sampleRate))
    channels = Self.tally(read.map(\.channels))
    let sorted = read.map(\.seconds).sorted()
    if let first = sorted.first, let last = sorted.last {
      durations = Durations(shortest: first, median: sorted[sorted.count / 2], longest: last)
    }
    findings = check.findings.map { finding in
      Finding(
        kind: finding.kind, severity: finding.severity,
        clips: finding.clips.map { PathText.shown(set.clips[$0].path) }, message: finding.message)
    }
    ok = check.isSound
  }

  /// The commonest first.
  private static func tally(_ values: [Int]) -> [Tally] {
    Dictionary(grouping: values) { $0 }.map { Tally(value: $0.key, clips: $0.value.count) }
      .sorted { ($1.clips, $0.value) < ($0.clips, $1.value) }
  }

  private static func classes(_ check: DataSetCheck) -> [ClassCount] {
    let set = check.set
    var counts = set.classes.map { ClassCount(name: $0, sides: check.split.map { _ in Sides() }) }
    var groups = [Set<String>](repeating: [], count: counts.count)
    for (place, clip) in set.clips.enumerated() {
      for label in clip.classes {
        counts[label].clips += 1
        counts[label].seconds += check.measures[place]?.seconds ?? 0
        if let group = clip.group { groups[label].insert(group) }
      }
    }
    for part in LabelledClip.Part.allCases {
      for place in check.split?[part] ?? [] {
        for label in set.clips[place].classes { counts[label].sides?.add(part) }
      }
    }
    for label in counts.indices { counts[label].groups = groups[label].count }
    return counts
  }

  enum CodingKeys: String, CodingKey {
    case data, name, clips, seconds, groups, folds, classes, sides, channels, findings, ok
    case multiLabel = "multi_label"
    case sampleRates = "sample_rates"
    case durations = "durations_s"
  }
}
