import Files

extension DataSet {
  /// Shares the clips out.
  ///
  /// - Throws: `DataSetError` for a fold or a group that is not there, shares that cannot be, a side without clips, and
  ///   classes that have clips to validate or test on and none to train on.
  public func split(by rule: SplitRule) throws(DataSetError) -> Split {
    guard !clips.isEmpty else { throw .noClips(path: name) }
    var split =
      switch rule {
      case .asDistributed: try splitAsDistributed()
      case .folds(let test, let validation): try split(testing: test, validating: validation)
      case .heldOut(let groups, let share, let seed):
        try split(holdingOut: groups, validation: share, seed: seed)
      case .random(let validation, let test, let seed):
        try split(Array(clips.indices), validation: validation, test: test, seed: seed)
      }
    guard !split.training.isEmpty else { throw .emptySide(.training, reason: "all clips are on the others") }
    try requireTrainedClasses(split)
    split.remarks += remarks(on: split)
    return split
  }

  // MARK: - By rule

  private func splitAsDistributed() throws(DataSetError) -> Split {
    if clips.contains(where: { $0.part != nil }) { return try splitByParts() }
    let folds = Set(clips.compactMap(\.fold)).sorted()
    guard folds.count > 1, let last = folds.last else {
      return try split(
        Array(clips.indices), validation: SplitRule.defaultShare, test: SplitRule.defaultShare, seed: 0)
    }
    return try split(testing: [last], validating: [])
  }

  private func splitByParts() throws(DataSetError) -> Split {
    var split = Split(training: [], validation: [], test: [])
    for (place, clip) in clips.enumerated() { split[clip.part ?? .training].append(place) }
    for part in [LabelledClip.Part.test, .validation] where split[part].isEmpty {
      split = try drawing(part, from: split, share: SplitRule.defaultShare, seed: 0)
      split.remarks.append("the corpus has no \(part) clips: \(split[part].count) of the others are used")
    }
    return split
  }

  private func split(testing test: Set<Int>, validating given: Set<Int>) throws(DataSetError) -> Split {
    let folds = Set(clips.compactMap(\.fold)).sorted()
    let missing = test.union(given).subtracting(folds).sorted()
    guard missing.isEmpty, let first = test.min() else { throw .noFold(missing, found: folds) }
    guard test.isDisjoint(with: given) else { throw .sharedFolds(test.intersection(given).sorted()) }
    var validation = given
    let rest = folds.filter { !test.contains($0) }
    if given.isEmpty, rest.count > 1, let before = rest.last(where: { $0 < first }) ?? rest.last {
      validation = [before]
    }
    var split = Split(training: [], validation: [], test: [])
    for (place, clip) in clips.enumerated() {
      // Clips of no fold are for training.
      let isTest = clip.fold.map(test.contains) ?? false
      let isValidation = clip.fold.map(validation.contains) ?? false
      split[isTest ? .test : isValidation ? .validation : .training].append(place)
    }
    guard validation.isEmpty else { return split }
    split = try drawing(.validation, from: split, share: SplitRule.defaultShare, seed: 0)
    split.remarks.append(
      "there are only two folds: \(split.validation.count) of the other clips are for validation")
    return split
  }

  private func split(
    holdingOut patterns: Set<String>, validation: Double, seed: UInt64
  ) throws(DataSetError) -> Split {
    let groups = Set(clips.compactMap(\.group))
    var heldOut: Set<String> = []
    for pattern in patterns.sorted() {
      let found = groups.filter { GroupPattern(pattern).matches($0) }
      guard !found.isEmpty else { throw .noGroup(pattern, found: groups.sorted()) }
      heldOut.formUnion(found)
    }
    var split = Split(training: [], validation: [], test: [])
    for (place, clip) in clips.enumerated() {
      split[clip.group.map(heldOut.contains) ?? false ? .test : .training].append(place)
    }
    guard !split.training.isEmpty else {
      throw .emptySide(.training, reason: "every clip is of a group that is held out")
    }
    return try drawing(.validation, from: split, share: validation, seed: seed)
  }

  /// Moves a share of the training clips to another side.
  private func drawing(
    _ part: LabelledClip.Part, from split: Split, share: Double, seed: UInt64
  ) throws(DataSetError) -> Split {
    var split = split
    let drawn = try self.split(split.training, validation: 0, test: share, seed: seed)
    (split.training, split[part]) = (drawn.training, drawn.test)
    return split
  }

  private func split(
    _ places: [Int], validation: Double, test: Double, seed: UInt64
  ) throws(DataSetError) -> Split {
    guard validation >= 0, test >= 0, validation + test < 1 else {
      throw .badShares(validation: validation, test: test)
    }
    let sides = Stratification(clips).shares(
      of: places, shares: [1 - validation - test, test, validation], seed: seed)
    let split = Split(training: sides[0], validation: sides[2], test: sides[1])
    for (part, share) in [(LabelledClip.Part.test, test), (.validation, validation)] where share > 0 {
      guard !split[part].isEmpty else {
        throw .emptySide(part, reason: "\(places.count) clips are too few, or of too few groups")
      }
    }
    return split
  }

  // MARK: - What comes out

  private func requireTrainedClasses(_ split: Split) throws(DataSetError) {
    let trained = Set(split.training.flatMap { clips[$0].classes })
    let others = Set((split.validation + split.test).flatMap { clips[$0].classes })
    let missing = others.subtracting(trained).sorted()
    guard missing.isEmpty else { throw .untrained(missing.map { classes[$0] }) }
  }

  private func remarks(on split: Split) -> [String] {
    var counts = [Int](repeating: 0, count: classes.count)
    for clip in clips { for number in clip.classes { counts[number] += 1 } }
    let tested = Set(split.test.flatMap { clips[$0].classes })
    let validated = Set(split.validation.flatMap { clips[$0].classes })
    func names(_ isMeant: (Int) -> Bool) -> [String] {
      classes.indices.filter(isMeant).map { classes[$0] }
    }
    func told(_ names: [String], _ one: String, _ several: String) -> String? {
      names.isEmpty ? nil : "\(names.sample()): \(names.count == 1 ? one : several)"
    }
    return [
      told(names { counts[$0] == 0 }, "a class without clips", "classes without clips"),
      told(
        names { counts[$0] == 1 }, "has one clip, which is for training: the class cannot be tested",
        "have one clip each, which is for training: these classes cannot be tested"),
      told(
        names { counts[$0] > 1 && !split.test.isEmpty && !tested.contains($0) },
        "has no clip to test on", "have no clip to test on"),
      told(
        names { counts[$0] > 2 && !split.validation.isEmpty && !validated.contains($0) },
        "has no clip for validation", "have no clip for validation"),
    ].compactMap(\.self)
  }
}

/// A group's name, in which `*` stands for any characters, also none.
struct GroupPattern {
  private let pieces: [Substring]

  init(_ text: String) { pieces = text.split(separator: "*", omittingEmptySubsequences: false) }

  func matches(_ name: String) -> Bool {
    guard pieces.count > 1, let first = pieces.first, let last = pieces.last else {
      return pieces.first.map { $0 == name } ?? name.isEmpty
    }
    guard name.hasPrefix(first), name.hasSuffix(last), name.count >= first.count + last.count else {
      return false
    }
    // Each piece where it first fits leaves the most for the others.
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let found = rest.firstRange(of: piece) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

extension Collection<String> {
  /// The first few, and how many more there are: `a, b, c and 4 more`.
  func sample(_ most: Int = 3) -> String {
    prefix(most).map(\.onOneLine).joined(separator: ", ")
      + (count > most ? " and \(count - most) more" : "")
  }
}
