import Explain

/// What a search for shortcuts found: the evidence of each class, and what of it is suspect.
public struct ShortcutReport: Sendable {
  /// Of classes with enough clips that are right.
  public let classes: [ClassEvidence]
  public let slices: BandSlices
  /// The most severe first.
  public let shortcuts: [Shortcut]
  public let notes: [String]

  init(
    _ findings: [ClipFinding], of data: DataSet, _ answers: Answers, training: [Int], slices: BandSlices,
    sampleRate: Int, _ settings: ShortcutSearch.Settings
  ) {
    self.slices = slices
    let byClass = Dictionary(grouping: findings, by: \.classIndex)
    var classes = answers.classes.indices.compactMap { index -> ClassEvidence? in
      let own = byClass[index] ?? []
      guard own.count(where: \.isRight) >= settings.fewestClips else { return nil }
      return ClassEvidence(index, answers.classes[index], own, settings)
    }
    for place in classes.indices {
      let others = classes.indices.filter { $0 != place }.map { classes[$0] }
      for part in classes[place].drops.keys {
        classes[place].dropsOfOthers[part] =
          others.reduce(0) { $0 + $1.drop(part) } / Double(max(1, others.count))
      }
    }
    self.classes = classes
    var finder = ShortcutFinder(findings: findings, slices: slices, sampleRate: sampleRate)
    for evidence in classes { finder.look(at: evidence) }
    let groups = GroupReliance(data, answers, training: training, settings)
    shortcuts = (finder.shortcuts + groups.shortcuts).sorted {
      ($1.severity, $0.classes.first ?? "") < ($0.severity, $1.classes.first ?? "")
    }
    let silent = answers.classes.indices.filter { index in !classes.contains { $0.index == index } }
    var notes = groups.notes
    if !silent.isEmpty {
      notes.append(
        "Of \(ShortcutWords.quoted(silent.map { answers.classes[$0] })) fewer than \(settings.fewestClips) clips are right: "
          + "what they rest on cannot be told. The side that the network was trained on may have more.")
    }
    if classes.count == 1 {
      notes.append("There is no other class to compare with: what is found may be so for every class.")
    }
    self.notes = notes
  }
}

/// Tells what of a class's evidence is suspect.
private struct ShortcutFinder {
  let findings: [ClipFinding]
  let slices: BandSlices
  let sampleRate: Int
  private(set) var shortcuts: [Shortcut] = []

  init(findings: [ClipFinding], slices: BandSlices, sampleRate: Int) {
    (self.findings, self.slices, self.sampleRate) = (findings, slices, sampleRate)
  }

  mutating func look(at evidence: ClassEvidence) {
    lookAtBands(evidence)
    lookAtTime(evidence)
    lookAtCeiling(evidence)
  }

  // MARK: - Bands

  /// A band is suspect where the class rests on it although it holds little energy, and where a tone goes through it that
  /// other classes do not have, or where nearly nothing is there at all.
  private mutating func lookAtBands(_ evidence: ClassEvidence) {
    let all = slices.ranges.indices
    var open = Set(
      all.filter { evidence.rests(on: .band($0)) || evidence.leans(onBand: $0, of: all.count) })
    let (own, others) = split(evidence)
    let shares = evidence.evidenceOverBands(slices)
    while let best = open.max(by: { (evidence.excess(.band($0)), $1) < (evidence.excess(.band($1)), $0) }) {
      let near = open.filter { slices.ranges[$0].overlaps(slices.ranges[best]) }
      open.subtract(near)
      let range = slices.hertz[best]
      let energy = evidence.energy[best]
      let tone = SteadyTone(own, others, bins: bins(in: range))
      let distinction = tone?.distinction ?? 0
      let isConstant = tone?.isTelling == true && energy <= 0.15
      let low = evidence.drops[.band(best)]?.low ?? evidence.drop(.band(best))
      let part = PicturePart.band(best)
      guard isConstant || evidence.rests(on: part) && energy <= 0.02 && low >= 0.4 else { continue }
      var shortcut = Shortcut(
        .band, [evidence.name],
        severity: evidence.excess(part) * (1 - energy) * (0.5 + 0.5 * max(0, distinction)), finding: "",
        advice: Shortcut.Kind.band.advice)
      shortcut.fill(part, evidence)
      shortcut.band = range
      shortcut.energyShare = energy
      let bands = near.reduce(into: Set<Int>()) { $0.formUnion(slices.ranges[$1]) }
      shortcut.evidenceShare = bands.reduce(0) { $0 + shares[$1] }
      var words =
        "class '\(evidence.name)': \(ShortcutWords.percent(shortcut.evidenceShare ?? 0)) of its evidence lies in "
        + "\(ShortcutWords.hertz(range)), "
      if isConstant, let tone {
        shortcut.tone = ClipAnatomy.hertz(ofBin: tone.bin, sampleRate: sampleRate)
        (shortcut.presence, shortcut.presenceInOthers) = (tone.presence, tone.presenceInOthers)
        words +=
          "a constant tone (\(ShortcutWords.hertz(shortcut.tone ?? 0))) present in \(ShortcutWords.percent(tone.presence)) of its "
          + "clips and in \(ShortcutWords.percent(tone.presenceInOthers)) of the others'"
      } else {
        words += "where \(ShortcutWords.percent(energy)) of its energy lies"
      }
      shortcut.finding = words + Self.loss(part, evidence)
      shortcuts.append(shortcut)
    }
  }

  private func split(_ evidence: ClassEvidence) -> (own: [ClipFinding], others: [ClipFinding]) {
    (
      findings.filter { $0.classIndex == evidence.index },
      findings.filter { $0.classIndex != evidence.index }
    )
  }

  private func bins(in range: ClosedRange<Double>) -> Range<Int> {
    let width = ClipAnatomy.hertz(ofBin: 1, sampleRate: sampleRate)
    let low = max(1, Int((range.lowerBound / width).rounded(.down)))
    return low..<max(low, min(ClipAnatomy.size / 2, Int((range.upperBound / width).rounded(.up)) + 1))
  }

  // MARK: - Time

  private mutating func lookAtTime(_ evidence: ClassEvidence) {
    let others = findings.filter { $0.classIndex != evidence.index && $0.isRight }
    let count = Double(max(1, others.count))
    for (part, kind, own, other, what) in [
      (
        PicturePart.padding, Shortcut.Kind.padding, evidence.padded,
        Double(others.count { $0.paddingShare >= 0.05 }) / count, "in what stands before and behind the sound"
      ),
      (
        .silence, .silence, evidence.gapped, Double(others.count { $0.silenceShare > 0 }) / count,
        "in gaps without sound"
      ),
    ] where evidence.rests(on: part) {
      var shortcut = Shortcut(
        kind, [evidence.name], severity: evidence.excess(part), finding: "", advice: kind.advice)
      shortcut.fill(part, evidence)
      (shortcut.presence, shortcut.presenceInOthers) = (own, other)
      shortcut.finding =
        "class '\(evidence.name)': its evidence lies \(what), which \(ShortcutWords.percent(own)) of its clips have, and "
        + "\(ShortcutWords.percent(other)) of the others'" + Self.loss(part, evidence)
      shortcuts.append(shortcut)
    }
    lookAtThirds(evidence)
  }

  /// A third is suspect where the class rests on it and on no other.
  private mutating func lookAtThirds(_ evidence: ClassEvidence) {
    let losses = (0..<3).map { max(0, evidence.drop(.third($0))) }
    let whole = losses.reduce(0, +)
    for third in 0..<3 where evidence.rests(on: .third(third)) && losses[third] >= 0.8 * whole {
      var shortcut = Shortcut(
        .moment, [evidence.name],
        // Where a class sounds may well be its nature: never more than of middle severity.
        severity: min(0.5, 0.6 * evidence.excess(.third(third))), finding: "",
        advice: Shortcut.Kind.moment.advice)
      shortcut.fill(.third(third), evidence)
      shortcut.evidenceShare = whole > 0 ? losses[third] / whole : nil
      shortcut.finding =
        "class '\(evidence.name)': \(ShortcutWords.percent(shortcut.evidenceShare ?? 0)) of its evidence lies in the "
        + "\(["first", "middle", "last"][third]) third of its clips" + Self.loss(.third(third), evidence)
      shortcuts.append(shortcut)
    }
  }

  // MARK: - The recording's bandwidth

  private mutating func lookAtCeiling(_ evidence: ClassEvidence) {
    guard evidence.rests(on: .ceiling) else { return }
    let (own, others) = split(evidence)
    let sorted = own.map(\.ceiling).sorted()
    let middle = sorted[sorted.count / 2]
    func share(_ clips: [ClipFinding]) -> Double {
      let near = clips.count { abs($0.ceiling - middle) < 0.05 * middle }
      return Double(near) / Double(max(1, clips.count))
    }
    // Where others end there as well, it does not tell the class.
    guard share(own) - share(others) >= 0.5 else { return }
    var shortcut = Shortcut(
      .ceiling, [evidence.name],
      severity: evidence.excess(.ceiling) * (0.5 + 0.5 * max(0, share(own) - share(others))), finding: "",
      advice: Shortcut.Kind.ceiling.advice)
    shortcut.fill(.ceiling, evidence)
    shortcut.band = middle...max(middle, slices.hertz.last?.upperBound ?? middle)
    (shortcut.presence, shortcut.presenceInOthers) = (share(own), share(others))
    shortcut.finding =
      "class '\(evidence.name)': its evidence lies in the emptiness above \(ShortcutWords.hertz(middle)), where "
      + "\(ShortcutWords.percent(share(own))) of its recordings end, and \(ShortcutWords.percent(share(others))) of the others'"
      + Self.loss(.ceiling, evidence)
    shortcuts.append(shortcut)
  }

  private static func loss(_ part: PicturePart, _ evidence: ClassEvidence) -> String {
    "; without it, its probability falls by \(ShortcutWords.percent(max(0, evidence.drop(part)))), that of other classes by "
      + "\(ShortcutWords.percent(max(0, evidence.dropsOfOthers[part] ?? 0)))"
  }
}

extension Shortcut {
  fileprivate mutating func fill(_ part: PicturePart, _ evidence: ClassEvidence) {
    (drop, dropOfOthers) = (evidence.drops[part], evidence.dropsOfOthers[part])
  }
}
