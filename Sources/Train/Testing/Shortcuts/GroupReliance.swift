import Explain

/// Whether a network knows classes, or the recordings that it was trained on.
package struct GroupReliance {
  package private(set) var shortcuts: [Shortcut] = []
  package private(set) var notes: [String] = []

  /// Clips on either side, at least, to compare what is known with what is not.
  private static let fewestClips = 5
  /// More classes than that are told together.
  private static let mostSingles = 3

  package init(_ data: DataSet, _ answers: Answers, training: [Int], _ settings: ShortcutSearch.Settings) {
    addSingles(data)
    addKnown(data, answers, training: training, settings)
  }

  private mutating func addSingles(_ data: DataSet) {
    let singles = data.classes.indices.filter { index in
      let groups = data.clips.filter { $0.classes.contains(index) }.map(\.group)
      return groups.count > 1 && groups.allSatisfy { $0 != nil && $0 == groups[0] }
    }.map { data.classes[$0] }
    guard !singles.isEmpty else { return }
    for names in singles.count > Self.mostSingles ? [singles] : singles.map({ [$0] }) {
      let each = names.count > 1 ? "each from one recording" : "from one recording"
      shortcuts.append(
        Shortcut(
          .singleGroup, names, severity: 0.2,
          finding:
            "\(ShortcutWords.quoted(names)): all clips are \(each) (\(names.count) of \(data.classes.count) classes)",
          advice: Shortcut.Kind.singleGroup.advice))
    }
  }

  /// Compares clips of recordings that the network was trained on with others.
  private mutating func addKnown(
    _ data: DataSet, _ answers: Answers, training: [Int], _ settings: ShortcutSearch.Settings
  ) {
    guard !training.isEmpty, !answers.isMultiLabel else { return }
    let places = Set(training)
    let groups = Set(training.compactMap { data.clips[$0].group })
    let isKnown = answers.clips.map { clip in
      places.contains(clip.place) || clip.group.map(groups.contains) == true
    }
    let isRight = answers.clips.map { $0.truth.first == answers.answer(to: $0) }
    let indices = answers.clips.indices
    guard indices.contains(where: { isKnown[$0] }), indices.contains(where: { !isKnown[$0] }) else { return }
    func shares(_ inside: [Int]) -> (known: Double, other: Double, gap: GroupedBootstrap.Measured)? {
      let (known, others) = (inside.filter { isKnown[$0] }, inside.filter { !isKnown[$0] })
      guard known.count >= Self.fewestClips, others.count >= Self.fewestClips else { return nil }
      @Sendable func share(_ clips: [Int], _ weights: [Int: Double]) -> Double? {
        let whole = clips.reduce(0) { $0 + (weights[$1] ?? 0) }
        return whole > 0 ? clips.reduce(0) { $0 + (isRight[$1] ? weights[$1] ?? 0 : 0) } / whole : nil
      }
      let bootstrap = GroupedBootstrap(
        groups: inside.map { answers.clips[$0].group }, draws: settings.draws, seed: settings.seed)
      let measured = bootstrap.measured { values in
        let weights = Dictionary(uniqueKeysWithValues: zip(inside, values))
        let (a, b) = (share(known, weights), share(others, weights))
        return [a.flatMap { a in b.map { a - $0 } }]
      }
      let ones = Dictionary(uniqueKeysWithValues: inside.map { ($0, 1.0) })
      guard let a = share(known, ones), let b = share(others, ones) else { return nil }
      return (a, b, measured[0])
    }
    if let all = shares(Array(indices)) {
      notes.append(
        "In recordings that the network was trained on, \(ShortcutWords.percent(all.known)) of the clips are right, in others "
          + "\(ShortcutWords.percent(all.other)).")
    }
    for index in answers.classes.indices {
      guard let found = shares(indices.filter { answers.clips[$0].truth.contains(index) }),
        found.known - found.other >= 0.3, (found.gap.low ?? 0) > 0
      else { continue }
      var shortcut = Shortcut(
        .knownGroups, [answers.classes[index]], severity: min(0.9, found.known - found.other),
        finding:
          "class '\(answers.classes[index])': \(ShortcutWords.percent(found.known)) of its clips are right in recordings that the "
          + "network was trained on, \(ShortcutWords.percent(found.other)) in others",
        advice: Shortcut.Kind.knownGroups.advice)
      shortcut.drop = found.gap
      shortcuts.append(shortcut)
    }
  }
}
