import Audio
import Explain
import Files
import Glibc
import Synchronization
import Tensors
import TestSupport
import Testing
import Train

struct FeatureStoreTests {
  private func file(in cache: String) throws -> String {
    try #require(names(in: cache).first { $0.hasSuffix(".features") }.map { "\(cache)/\($0)" })
  }

  private func expected(_ clip: LabelledClip, _ variation: Variation, _ frontEnd: FrontEnd) throws -> Tensor {
    let recording = try Recording.read(
      clip.path, from: clip.stretch?.lowerBound ?? 0,
      duration: clip.stretch.map { $0.upperBound - $0.lowerBound })
    let samples = try frontEnd.channels(of: recording)
    return frontEnd.logMel(channels: try variation.apply(to: samples, sampleRate: frontEnd.sampleRate))
  }

  @Test("pictures are the front end's, of each variation, and are found again")
  func pictures() throws {
    try withScratchFolder { folder in
      var clips = try toyClips(4, in: folder)
      clips[2].stretch = 0.1...0.45
      let frontEnd = try toyFrontEnd()
      let variations = Variant.rolled.variations(seconds: 0.6) + [[.gain(decibels: 3)], []]
      for round in 0..<2 {
        let store = try FeatureStore(
          clips, variations: variations, frontEnd: frontEnd, cache: "\(folder)/cache")
        // Two rolls of each three pairs are the same, and are kept once.
        #expect(store.computed == (round == 0 ? 4 * 6 : 0))
        #expect(store.width == 16 && store.clipCount == 4 && store.variationCount == 9)
        for (clip, variation) in clips.indices.flatMap({ clip in variations.indices.map { (clip, $0) } }) {
          let picture = store.picture(clip: clip, variation: variation)
          #expect(picture == (try expected(clips[clip], variations[variation], frontEnd)))
          #expect(store.frames(clip: clip, variation: variation) == picture.shape[0])
        }
      }
    }
  }

  @Test("channels listened to one by one lie side by side; mono sounds are on all of them")
  func channels() throws {
    try withScratchFolder { folder in
      let (left, right) = (toy(400).channels[0], toy(900, seed: 5).channels[0])
      try writeWAV(Recording(channels: [left, right], sampleRate: 8000), to: "\(folder)/stereo.wav")
      try writeWAV(Recording(channels: [left], sampleRate: 8000), to: "\(folder)/mono.wav")
      let frontEnd = try toyFrontEnd(channels: .all)
      let clips = ["stereo", "mono"].map { LabelledClip(path: "\(folder)/\($0).wav", classes: [0]) }
      let store = try FeatureStore(
        clips, variations: [[]], frontEnd: frontEnd, channels: 2, cache: "\(folder)/cache")
      #expect(store.width == 32)
      #expect(store.picture(clip: 0, variation: 0) == (try expected(clips[0], [], frontEnd)))
      let mono = store.picture(clip: 1, variation: 0)
      #expect((0..<16).allSatisfy { mono[3, $0] == mono[3, 16 + $0] })
      #expect(throws: FeatureError.self) {
        try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, channels: 1, cache: "\(folder)/one")
      }
    }
  }

  @Test("a file that holds the same under another name is the same; one that holds something else is not")
  func content() throws {
    try withScratchFolder { folder in
      let clips = try toyClips(2, in: folder)
      let cache = "\(folder)/cache"
      let frontEnd = try toyFrontEnd()
      _ = try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, cache: cache)
      try WholeFile.write(WholeFile.read(clips[0].path), to: "\(folder)/copy.wav")
      let copy = LabelledClip(path: "\(folder)/copy.wav", classes: [0])
      #expect(try FeatureStore([copy], variations: [[]], frontEnd: frontEnd, cache: cache).computed == 0)
      // Of the same length, written within the clock's grain.
      try writeWAV(toy(777, seconds: 0.5, seed: 9), to: clips[0].path)
      let store = try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, cache: cache)
      #expect(store.computed == 1)
      #expect(store.picture(clip: 0, variation: 0) == (try expected(clips[0], [], frontEnd)))
      // A background goes by what it holds, too.
      func mixed() throws -> Int {
        try FeatureStore(
          [clips[1]], variations: [[.background(path: copy.path, weight: 0.3, offset: 0)]],
          frontEnd: frontEnd,
          cache: cache
        ).computed
      }
      #expect(try mixed() == 1)
      #expect(try mixed() == 0)
      try writeWAV(toy(555, seconds: 0.5, seed: 8), to: copy.path)
      #expect(try mixed() == 1)
      // Another front end has a file of its own.
      let other = try FeatureStore(clips, variations: [[]], frontEnd: toyFrontEnd(bands: 20), cache: cache)
      #expect(other.computed == 2 && other.width == 20)
      #expect(names(in: cache).count { $0.hasSuffix(".features") } == 2)
    }
  }

  @Test("what is damaged is made anew, wherever the damage is", arguments: [8, 40, 70, 0x300, -5, -2000])
  func damaged(place: Int) throws {
    try withScratchFolder { folder in
      let clips = try toyClips(3, in: folder)
      let cache = "\(folder)/cache"
      let frontEnd = try toyFrontEnd()
      func store() throws -> FeatureStore {
        try FeatureStore(clips, variations: [[], [.gain(decibels: 6)]], frontEnd: frontEnd, cache: cache)
      }
      let path = try file(
        in: {
          _ = try store(); return cache
        }())
      var bytes = try WholeFile.read(path)
      bytes[place >= 0 ? place : bytes.count + place] ^= 0x10
      try WholeFile.write(bytes, to: path)
      let again = try store()
      // Damage in a record costs that record, damage in the head all of them.
      #expect(again.computed == 1 || again.computed == 6)
      for clip in clips.indices {
        #expect(again.picture(clip: clip, variation: 0) == (try expected(clips[clip], [], frontEnd)))
      }
      #expect(try store().computed == 0)
    }
  }

  @Test("a file that is cut short keeps its whole pictures", arguments: [0.0, 0.001, 0.3, 0.5, 0.9, 0.999])
  func truncated(share: Double) throws {
    try withScratchFolder { folder in
      let clips = try toyClips(4, in: folder)
      let cache = "\(folder)/cache"
      let frontEnd = try toyFrontEnd()
      _ = try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, cache: cache)
      let path = try file(in: cache)
      let bytes = try WholeFile.read(path)
      try WholeFile.write(bytes.prefix(Int(share * Double(bytes.count))), to: path)
      let again = try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, cache: cache)
      #expect(again.computed >= 1 && again.computed <= 4)
      if share > 0.5 { #expect(again.computed < 4) }
      for clip in clips.indices {
        #expect(again.picture(clip: clip, variation: 0) == (try expected(clips[clip], [], frontEnd)))
      }
    }
  }

  @Test("a file of somebody else's, and one of another front end, are refused and stay as they are")
  func foreign() throws {
    try withScratchFolder { folder in
      let clips = try toyClips(1, in: folder)
      let cache = "\(folder)/cache"
      let frontEnd = try toyFrontEnd()
      _ = try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, cache: cache)
      let path = try file(in: cache)
      let text = Array(String(repeating: "not a cache\n", count: 500).utf8)
      try WholeFile.write(text, to: path)
      #expect(throws: FeatureError.self) {
        try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, cache: cache)
      }
      #expect(try WholeFile.read(path) == text)
      _ = try FeatureStore(
        clips, variations: [[]], frontEnd: toyFrontEnd(bands: 20), cache: "\(folder)/other")
      try WholeFile.write(WholeFile.read(file(in: "\(folder)/other")), to: path)
      do {
        _ = try FeatureStore(clips, variations: [[]], frontEnd: frontEnd, cache: cache)
        Issue.record("taken for its own")
      } catch let error as FeatureError { #expect("\(error)".contains("another front end")) }
    }
  }

  @Test("a cancelled run keeps what it had finished")
  func cancelled() throws {
    try withScratchFolder { folder in
      let clips = try toyClips(6, in: folder)
      let cache = "\(folder)/cache"
      let frontEnd = try toyFrontEnd()
      let holder = Mutex<RunControl?>(nil)
      let control = RunControl { progress in
        if progress.share > 0.5 { holder.withLock { $0?.cancel() } }
      }
      holder.withLock { $0 = control }
      #expect(throws: Cancelled.self) {
        try FeatureStore(
          clips, variations: [[], [.rolled(share: 0.5)]], frontEnd: frontEnd, cache: cache, threads: 1,
          control: control)
      }
      let store = try FeatureStore(
        clips, variations: [[], [.rolled(share: 0.5)]], frontEnd: frontEnd, cache: cache)
      #expect(store.computed > 0 && store.computed < 12)
      for clip in clips.indices {
        #expect(store.picture(clip: clip, variation: 0) == (try expected(clips[clip], [], frontEnd)))
      }
    }
  }

  @Test("several stores at once share the work and agree")
  func together() throws {
    try withScratchFolder { folder in
      let clips = try toyClips(8, in: folder)
      let frontEnd = try toyFrontEnd()
      let computed = try concurrentMap(4, lanes: 4) { _ in
        let store = try FeatureStore(
          clips, variations: [[], [.gain(decibels: 1)]], frontEnd: frontEnd, cache: "\(folder)/cache",
          threads: 2)
        for clip in clips.indices {
          let samples = try frontEnd.channels(of: Recording.read(clips[clip].path))
          #expect(store.picture(clip: clip, variation: 0) == frontEnd.logMel(channels: samples))
        }
        return store.computed
      }
      #expect(computed.reduce(0, +) == 16)
    }
  }

  @Test("the pictures do not depend on the number of threads")
  func threads() throws {
    try withScratchFolder { folder in
      let clips = try toyClips(5, in: folder)
      let frontEnd = try toyFrontEnd()
      let stores = try [1, 4].map {
        try FeatureStore(
          clips, variations: [[.stretched(rate: 0.9)], [.pitched(semitones: 2)]], frontEnd: frontEnd,
          cache: "\(folder)/cache-\($0)", threads: $0)
      }
      for clip in clips.indices {
        #expect(stores[0].picture(clip: clip, variation: 1) == stores[1].picture(clip: clip, variation: 1))
        #expect(stores[0].picture(clip: clip, variation: 0) == stores[1].picture(clip: clip, variation: 0))
      }
    }
  }

  @Test("unreadable and silent clips are named, and skipped or refused as told")
  func unusable() throws {
    try withScratchFolder { folder in
      var clips = try toyClips(2, in: folder)
      try WholeFile.write(Array("no sound".utf8), to: "\(folder)/text.wav")
      try writeWAV(
        Recording(channels: [[Float](repeating: 0, count: 4000)], sampleRate: 8000),
        to: "\(folder)/silent.wav")
      clips += ["text", "none", "silent"].map { LabelledClip(path: "\(folder)/\($0).wav", classes: [0]) }
      let frontEnd = try toyFrontEnd()
      func store(_ unusable: UnusableClips) throws -> FeatureStore {
        try FeatureStore(
          clips, variations: [[], [.gain(decibels: 1)]], frontEnd: frontEnd, cache: "\(folder)/cache",
          unusable: unusable)
      }
      do {
        _ = try store(UnusableClips())
        Issue.record("taken")
      } catch let error as FeatureError {
        #expect("\(error)".contains("text.wav") && "\(error)".contains("none.wav"))
        #expect("\(error)".contains("2 of 5 clips"))
      }
      let kept = try store(UnusableClips(unreadable: .skip))
      #expect(kept.failures.map(\.clip) == [2, 3] && kept.silent.map(\.clip) == [4])
      #expect(!kept.isUsable(clip: 2) && kept.isUsable(clip: 4) && kept.frames(clip: 3, variation: 1) == 0)
      #expect(kept.withPicture(clip: 2, variation: 0) { $0.count } == 0)
      let skipped = try store(UnusableClips(unreadable: .skip, silent: .skip))
      #expect(skipped.failures.map(\.clip) == [2, 3, 4] && !skipped.isUsable(clip: 4))
      #expect(throws: FeatureError.self) { try store(UnusableClips(unreadable: .skip, silent: .refuse)) }
      #expect(throws: FeatureError.self) {
        try FeatureStore(
          [clips[2]], variations: [[]], frontEnd: frontEnd, cache: "\(folder)/cache",
          unusable: UnusableClips(unreadable: .skip))
      }
    }
  }

  @Test("a folder that cannot be made is a clear error")
  func unwritable() throws {
    try withScratchFolder { folder in
      let clips = try toyClips(1, in: folder)
      try WholeFile.write([1], to: "\(folder)/file")
      #expect(throws: FileError.self) {
        try FeatureStore(clips, variations: [[]], frontEnd: toyFrontEnd(), cache: "\(folder)/file/cache")
      }
    }
  }
}
