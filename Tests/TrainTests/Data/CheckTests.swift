import Audio
import Explain
import Files
import Tensors
import TestSupport
import Testing
import Train

struct CheckTests {
  typealias Kind = DataSetCheck.Finding.Kind

  /// Sounds of two classes, a second long and all different, in folders.
  private func writeClean(_ folder: String, each count: Int = 10) throws {
    for label in 0..<2 {
      for number in 0..<count {
        try writeSound(
          "\(folder)/\(["cat", "dog"][label])/\(number).wav", number: 1000 * label + number, seconds: 1)
      }
    }
  }

  private func check(
    _ folder: String, _ rule: SplitRule = .asDistributed, change: (inout DataSet) -> Void = { _ in }
  ) throws -> DataSetCheck {
    var set = try DataSet(reading: folder)
    change(&set)
    return try DataSetCheck(of: set, split: rule, threads: 2)
  }

  private func names(_ check: DataSetCheck, _ kind: Kind, in folder: String) -> Set<String> {
    Set(
      check.findings.filter { $0.kind == kind }.flatMap(\.clips).map { place in
        String(check.set.clips[place].path.dropFirst(folder.count + 1))
      })
  }

  @Test("nothing is found where nothing is wrong")
  func clean() throws {
    try withScratchFolder { folder in
      try writeClean(folder)
      let check = try check(folder)
      #expect(check.findings.isEmpty, "\(check.findings)")
      #expect(check.isSound)
      #expect(check.measures.allSatisfy { $0?.seconds == 1 && $0?.sampleRate == 8000 && $0?.channels == 1 })
    }
  }

  @Test("bad files: each under what is wrong with it, and none of the others")
  func badFiles() throws {
    try withScratchFolder { folder in
      try writeClean(folder)
      func write(_ name: String, _ samples: [Float]) throws {
        try TrainTests.write(
          Recording(channels: [samples], sampleRate: 8000), to: "\(folder)/dog/\(name).wav")
      }
      try writeTable("\(folder)/dog/text.wav", "this is no sound")
      try write("silent", [Float](repeating: 0, count: 8000))
      try write("quiet", noise(77, count: 8000, gain: 0.0005))
      try write("loud", noise(78, count: 8000, gain: 0.8).map { min(max($0 * 8, -1), 1) })
      try write("short", noise(79, count: 400))
      var cut = try WholeFile.read("\(folder)/dog/loud.wav")
      cut.removeLast(8000)
      try WholeFile.write(cut, to: "\(folder)/dog/cut.wav")
      try TrainTests.write(
        Recording(channels: [noise(80, count: 8000), noise(80, count: 8000).map { -$0 }], sampleRate: 8000),
        to: "\(folder)/dog/against.wav")

      let check = try check(folder)
      #expect(!check.isSound)
      #expect(names(check, .unreadable, in: folder) == ["dog/text.wav"])
      #expect(names(check, .silent, in: folder) == ["dog/silent.wav", "dog/quiet.wav"])
      #expect(names(check, .clipped, in: folder) == ["dog/loud.wav", "dog/cut.wav"])
      #expect(names(check, .short, in: folder) == ["dog/short.wav"])
      #expect(names(check, .damaged, in: folder) == ["dog/cut.wav"])
      #expect(names(check, .cancelling, in: folder) == ["dog/against.wav"])
      #expect(check.findings.first?.kind == .unreadable)
      #expect(check.findings.filter { $0.severity == .error }.count == 1)
    }
  }

  @Test("a clip that begins behind its file's end cannot be read")
  func beyondTheEnd() throws {
    try withScratchFolder { folder in
      try writeClean(folder)
      let check = try check(folder) { $0.clips[3].stretch = 2...3 }
      #expect(check.findings.filter { $0.kind == .unreadable }.map(\.clips) == [[3]])
    }
  }

  @Test("copies by decoded content: told, an error across classes and across sides")
  func copies() throws {
    try withScratchFolder { folder in
      try writeClean(folder)
      try WholeFile.write(try WholeFile.read("\(folder)/cat/1.wav"), to: "\(folder)/cat/copy.wav")
      // The same samples with other bytes around them: a list that players pass over, between header and samples.
      var bytes = try WholeFile.read("\(folder)/cat/1.wav")
      bytes.insert(contentsOf: Array("LIST\u{4}\0\0\0abcd".utf8), at: 36)
      bytes[4] += 12  // Of 16036: no carry.
      try WholeFile.write(bytes, to: "\(folder)/dog/impostor.wav")

      let together = try check(folder) { set in
        for place in set.clips.indices {
          set.clips[place].part = place % 5 == 0 ? .test : place % 5 == 1 ? .validation : .training
        }
        for place in set.clips.indices {
          let name = Folder.name(of: set.clips[place].path)
          if ["1.wav", "copy.wav", "impostor.wav"].contains(name) { set.clips[place].part = .training }
        }
      }
      let all: Set = ["cat/1.wav", "cat/copy.wav", "dog/impostor.wav", "dog/1.wav"]
      #expect(names(together, .copies, in: folder) == all.subtracting(["dog/1.wav"]))
      #expect(names(together, .contradiction, in: folder) == all.subtracting(["dog/1.wav"]))
      #expect(names(together, .leakedCopy, in: folder) == [])

      let apart = try check(folder) { set in
        for place in set.clips.indices {
          set.clips[place].part =
            set.clips[place].path.hasSuffix("copy.wav") || place == 0 ? .test : .training
        }
      }
      #expect(names(apart, .leakedCopy, in: folder) == all.subtracting(["dog/1.wav"]))
      #expect(!apart.isSound)
    }
  }

  @Test("near duplicates: another level, another rate, fewer bits; not another take of the same noise")
  func near() throws {
    try withScratchFolder { folder in
      try writeClean(folder)
      let long = Recording(channels: [noise(500, count: 16000)], sampleRate: 8000)
      try write(long, to: "\(folder)/cat/long.wav")
      try write(long.scaled(by: 0.5), to: "\(folder)/cat/softer.wav")
      try write(try long.resampled(to: 16000), to: "\(folder)/cat/faster.wav")
      try write(
        Recording(channels: [long.mono.map { ($0 * 128).rounded() / 128 }], sampleRate: 8000),
        to: "\(folder)/cat/coarse.wav")
      for take in 0..<3 {
        // A constant loudness: only the noise itself differs.
        var generator = SplitMix64(seed: UInt64(600 + take))
        let samples = (0..<40_000).map { _ in 0.5 * Float(generator.next() >> 40) / Float(1 << 24) - 0.25 }
        try write(Recording(channels: [samples], sampleRate: 8000), to: "\(folder)/dog/take\(take).wav")
      }
      let check = try check(folder)
      let found = names(check, .near, in: folder).union(names(check, .leakedNear, in: folder))
      #expect(found == ["cat/long.wav", "cat/softer.wav", "cat/faster.wav", "cat/coarse.wav"])
      #expect(check.isSound)  // A suspicion is no error.
      // Versions of one recording are expected within a group.
      let grouped = try self.check(folder) { set in
        for place in set.clips.indices {
          set.clips[place].group = set.clips[place].path.contains("cat") ? "cats" : "\(place)"
        }
      }
      #expect(names(grouped, .near, in: folder).isEmpty && names(grouped, .leakedNear, in: folder).isEmpty)
    }
  }

  @Test("groups on two sides are an error; drawing shares keeps them together")
  func groups() throws {
    try withScratchFolder { folder in
      try writeClean(folder)
      func change(_ set: inout DataSet) {
        for place in set.clips.indices {
          (set.clips[place].group, set.clips[place].fold) = ("g\(place / 2)", place % 5 + 1)
        }
      }
      let folds = try check(folder, change: change)
      #expect(folds.findings.filter { $0.severity == .error }.map(\.kind) == [.leakedGroup])
      let drawn = try check(folder, .random(validation: 0.2, test: 0.2, seed: 0), change: change)
      #expect(drawn.isSound, "\(drawn.findings)")
    }
  }

  @Test("classes: a single one, one clip, one group, uneven, and a split that cannot be")
  func classes() throws {
    try withScratchFolder { folder in
      for number in 0..<12 { try writeSound("\(folder)/cat/\(number).wav", number: number, seconds: 1) }
      let single = try check(folder)
      #expect(single.findings.map(\.kind) == [.oneClass] && !single.isSound)

      try writeSound("\(folder)/dog/0.wav", number: 90, seconds: 1)
      let rare = try check(folder)
      #expect(rare.isSound)
      #expect(rare.findings.contains { $0.kind == .sides && $0.message.hasPrefix("dog: has one clip") })
      #expect(rare.findings.contains { $0.kind == .uneven && $0.message.contains("cat has 12 clips, dog 1") })

      let lonely = try check(folder) { set in
        for place in set.clips.indices { set.clips[place].group = place < 12 ? "voice" : "other" }
      }
      #expect(lonely.findings.contains { $0.kind == .oneGroup && $0.message.contains("cat") })

      let impossible = try check(folder, .folds(test: [1], validation: []))
      #expect(impossible.split == nil)
      #expect(impossible.findings.first?.message == "the clips are of no folds")
    }
  }

  @Test("a sample rate that goes with the class is told; one that does not, is not")
  func telltale() throws {
    try withScratchFolder { folder in
      for number in 0..<20 {
        let isDog = number % 2 == 0
        try writeSound(
          "\(folder)/honest/\(isDog ? "dog" : "cat")/\(number).wav", number: number, seconds: 1,
          rate: number % 4 < 2 ? 8000 : 16000)
        try writeSound(
          "\(folder)/telling/\(isDog ? "dog" : "cat")/\(number).wav", number: number, seconds: 1,
          rate: isDog ? 8000 : 16000)
      }
      #expect(try check("\(folder)/honest").findings.isEmpty)
      let telling = try check("\(folder)/telling").findings
      #expect(telling.map(\.kind) == [.telltale])
      #expect(telling.first?.message.contains("100 % of the clips (the commonest class: 50 %)") == true)
    }
  }

  @Test("a check that is cancelled ends")
  func cancelled() throws {
    try withScratchFolder { folder in
      try writeClean(folder)
      let set = try DataSet(reading: folder)
      let control = RunControl()
      control.cancel()
      #expect(throws: Cancelled.self) {
        try DataSetCheck(of: set, split: .asDistributed, threads: 2, control: control)
      }
    }
  }
}
