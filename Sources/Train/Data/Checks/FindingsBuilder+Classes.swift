import Files

extension FindingsBuilder {
  /// The clips of the largest class against those of the smallest, from which on it is told.
  private static let mostUneven = 10

  mutating func addClasses() {
    for remark in split?.remarks ?? [] { add(.sides, .warning, [], remark) }
    if set.classes.count < 2, !set.isMultiLabel {
      add(
        .oneClass, .error, [],
        "there is one class only (\(set.classes.sample())); a network needs two to tell apart")
    }
    var counts = [Int](repeating: 0, count: set.classes.count)
    var groups = [Set<String>](repeating: [], count: set.classes.count)
    for clip in set.clips {
      for label in clip.classes {
        counts[label] += 1
        groups[label].insert(clip.group ?? "\u{0}\(clip.path)")
      }
    }
    if set.clips.contains(where: { $0.group != nil }) {
      let lonely = set.classes.indices.filter { counts[$0] > 1 && groups[$0].count == 1 }
      if !lonely.isEmpty {
        let names = lonely.map { set.classes[$0] }
        add(
          .oneGroup, .warning, [],
          "\(Self.count(lonely.count, "class is", "classes are")) of one group each: \(names.sample()); what these clips share "
            + "besides their class (a voice, an instrument, a microphone), no test can tell from it")
      }
    }
    let present = set.classes.indices.filter { counts[$0] > 0 }
    if let most = present.max(by: { counts[$0] < counts[$1] }),
      let least = present.min(by: { counts[$0] < counts[$1] }),
      counts[most] >= Self.mostUneven * counts[least]
    {
      add(
        .uneven, .warning, [],
        "classes are uneven: \(set.classes[most].onOneLine) has \(counts[most]) clips, \(set.classes[least].onOneLine) "
          + "\(counts[least]); weigh classes, and judge by macro F1")
    }
  }

  // MARK: - Telltales

  /// Over the share of the commonest class, from which on a guess by the form of the file is told.
  private static let leastGain = 0.15

  mutating func addTelltales() {
    guard !set.isMultiLabel else { return }
    let (measures, clips) = (measures, set.clips)
    let lowest = measures.compactMap { $0?.sampleRate }.min() ?? 0
    let resampling = "a network may learn the recording instead of the sound; let it hear all at \(lowest) Hz"
    addTelltale("sample rate", resampling) { measures[$0].map { "\($0.sampleRate)" } }
    addTelltale("number of channels", "mix them down") { measures[$0].map { "\($0.channels)" } }
    addTelltale("file type", "codecs leave traces that a network may learn") { place in
      measures[place] == nil
        ? nil : clips[place].path.split(separator: ".").last.map { $0.lowercased() }
    }
  }

  /// How often a class is guessed rightly that is the commonest for each value of a trait.
  private mutating func addTelltale(_ what: String, _ remedy: String, _ trait: (Int) -> String?) {
    var counts: [String: [Int: Int]] = [:]
    var all: [Int: Int] = [:]
    for (place, clip) in set.clips.enumerated() {
      guard let value = trait(place), let label = clip.classes.first else { continue }
      counts[value, default: [:]][label, default: 0] += 1
      all[label, default: 0] += 1
    }
    let total = Double(all.values.reduce(0, +))
    guard counts.count > 1, total > 0 else { return }
    let guessed = Double(counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }) / total
    let commonest = Double(all.values.max() ?? 0) / total
    guard guessed >= commonest + Self.leastGain else { return }
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
    add(
      .telltale, .warning, [],
      "the \(what) alone tells the class of \(percent(guessed)) of the clips (the commonest class: \(percent(commonest))); "
        + remedy)
  }
}
