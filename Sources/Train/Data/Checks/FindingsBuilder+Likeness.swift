import Files

extension FindingsBuilder {
  mutating func addLikeness(_ likeness: Likeness) {
    addCopies(likeness)
    addNear(likeness.near)
    if !likeness.lookedForNear {
      add(.near, .warning, [], "near duplicates were not looked for: there are too many clips of one length")
    }
  }

  private mutating func addCopies(_ likeness: Likeness) {
    let copies = likeness.copies
    func told(_ lists: [[Int]], _ name: (Int) -> String) -> String {
      lists.map { $0.prefix(4).map(name).joined(separator: " = ") + ($0.count > 4 ? " = …" : "") }
        .sample()
    }
    let leaks = copies.filter { list in Set(list.compactMap { sides[$0] }).count > 1 }
    if !leaks.isEmpty {
      let words = told(leaks) { "\(name($0)) (\(sides[$0]?.rawValue ?? "no side"))" }
      add(
        .leakedCopy, .error, leaks.flatMap(\.self),
        "\(Self.count(leaks.count, "sound is", "sounds are")) on two sides of the split: \(words); leave copies out, or give "
          + "them a group")
    }
    if !set.isMultiLabel {
      let torn = copies.filter { list in Set(list.map { set.clips[$0].classes }).count > 1 }
      if !torn.isEmpty {
        let words = told(torn) { place in
          "\(name(place)) (\(set.clips[place].classes.map { set.classes[$0] }.joined(separator: ", ")))"
        }
        add(
          .contradiction, .error, torn.flatMap(\.self),
          "\(Self.count(torn.count, "sound has", "sounds have")) two classes: \(words); correct the labels")
      }
    }
    guard !copies.isEmpty else { return }
    let equal = likeness.areFilesEqual.count { $0 }
    let bytes = equal == copies.count ? "byte by byte" : "\(equal) of them byte by byte"
    add(
      .copies, .warning, copies.flatMap(\.self),
      "\(Self.count(copies.count, "sound is", "sounds are")) there more than once, \(bytes): \(told(copies) { name($0) })"
    )
  }

  private mutating func addNear(_ pairs: [(Int, Int)]) {
    // Within a group, versions of a recording are expected.
    let strange = pairs.filter { one, other in
      guard let group = set.clips[one].group else { return true }
      return group != set.clips[other].group
    }
    func told(_ pairs: [(Int, Int)]) -> String {
      pairs.map { "\(name($0.0)) and \(name($0.1))" }.sample()
    }
    func isLeak(_ pair: (Int, Int)) -> Bool {
      guard let one = sides[pair.0], let other = sides[pair.1] else { return false }
      return one != other
    }
    let leaks = strange.filter(isLeak)
    if !leaks.isEmpty {
      add(
        .leakedNear, .warning, leaks.flatMap { [$0.0, $0.1] },
        "\(Self.count(leaks.count, "pair", "pairs")) on two sides of the split may be one recording: \(told(leaks)); listen, "
          + "and give them a group")
    }
    let others = strange.filter { !isLeak($0) }
    if !others.isEmpty {
      add(
        .near, .warning, others.flatMap { [$0.0, $0.1] },
        "\(Self.count(others.count, "pair", "pairs")) may be one recording: \(told(others))")
    }
  }

  // MARK: - Groups

  mutating func addGroups() {
    guard split != nil else { return }
    var groups: [String: [Int]] = [:]
    for (place, clip) in set.clips.enumerated() {
      if let group = clip.group { groups[group, default: []].append(place) }
    }
    let leaks = groups.filter { _, places in Set(places.compactMap { sides[$0] }).count > 1 }
      .sorted { $0.value.count != $1.value.count ? $0.value.count > $1.value.count : $0.key < $1.key }
    guard !leaks.isEmpty else { return }
    let words = leaks.map { group, places in
      let counts = LabelledClip.Part.allCases.compactMap { part in
        let count = places.count { sides[$0] == part }
        return count > 0 ? "\(count) \(part.rawValue)" : nil
      }
      return "\(group.onOneLine) (\(counts.joined(separator: ", ")))"
    }
    add(
      .leakedGroup, .error, leaks.flatMap(\.value).sorted(),
      "\(Self.count(leaks.count, "group is", "groups are")) on two sides of the split: \(words.sample()); a test on what was "
        + "trained on looks better than it is; groups that are drawn or held out stay together")
  }
}
