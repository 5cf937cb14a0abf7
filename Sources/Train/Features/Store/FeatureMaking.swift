import Audio
import Explain
import Files
import Glibc
import Synchronization
import Tensors

/// Finds the pictures of clips in a cache, checks them, and makes those that are missing.
struct FeatureMaking {
  let clips: [LabelledClip]
  /// Of each clip, as many of each.
  let variations: [[Variation]]
  let frontEnd: FrontEnd
  let channels: Int
  let folder: String
  let threads: Int

  struct Pictures {
    let file: FeatureFile
    let map: MappedFile
    /// Of each clip's variations; nil where the sound cannot be read.
    var keys: [[FeatureKey]?] = []
    var records: [FeatureKey: FeatureRecord] = [:]
    var failures: [FeatureFailure] = []
    /// Clips in which there is nothing to hear.
    var silent: Set<Int> = []
    var computed = 0
  }

  /// - Throws: `FeatureError`, `Cancelled`, `FileError`.
  func pictures(_ control: RunControl) throws -> Pictures {
    try WholeFile.makeFolder(folder)
    var failures: [Int: String] = [:]
    let known = KnownSounds(in: folder)
    let keys = try keys(known, &failures, control.part(from: 0, to: 0.05, "reading sounds"))
    known.save()

    var file = try FeatureFile(in: folder, frontEnd, channels: channels)
    try file.read()
    let wanted = Set(keys.compactMap(\.self).joined())
    let checking = control.part(from: 0.05, to: 0.1, "checking the cache")
    var good = try checked(file, wanted, checking)
    var made: [FeatureKey: FeatureRecord] = [:]
    if good.count < wanted.count {
      let lock = try lock(control)
      // Another process may have made some of them meanwhile.
      let before = good
      try file.read()
      if file.isMissing {
        try file.make()
        try file.read()
      }
      good = try checked(file, wanted.subtracting(before.keys), checking).merging(before) { $1 }
      let making = control.part(from: 0.1, to: 1, "computing features")
      made = try make(keys, wanted.subtracting(good.keys), into: file, &failures, making)
      _ = consume lock
    } else {
      try control.report(1, of: 1, "computing features")
    }

    let records = good.merging(made) { $1 }
    let map = try MappedFile(file.path, byteCount: records.values.map(\.end).max() ?? 0)
    var pictures = Pictures(file: file, map: map, keys: keys, records: records, computed: made.count)
    pictures.failures = failures.sorted { $0.key < $1.key }.map { clip, reason in
      FeatureFailure(clip: clip, path: clips[clip].path, reason: reason)
    }
    for (clip, keys) in keys.enumerated() where failures[clip] == nil {
      if let first = keys?.first, records[first]?.isSilent == true { pictures.silent.insert(clip) }
    }
    return pictures
  }

  // MARK: - Keys

  private func keys(
    _ known: KnownSounds, _ failures: inout [Int: String], _ control: RunControl
  ) throws -> [[FeatureKey]?] {
    let backgrounds = Set(
      variations.joined().joined().compactMap { change in
        if case .background(let path, _, _) = change { path } else { nil }
      })
    let paths = Array(Set(clips.map(\.path)).union(backgrounds))
    let counted = CountedProgress(control, of: paths.count)
    let found = Mutex<[String: Result<ContentHash, FileError>]>([:])
    concurrently(paths.count, lanes: threads) { index in
      guard !counted.isStopped else { return }
      let result = Result { () throws(FileError) in try known.content(of: paths[index]) }
      found.withLock { $0[paths[index]] = result }
      counted.advance("")
    }
    try counted.finish()
    let contents = found.withLock { $0 }
    for path in backgrounds { if case .failure(let error)? = contents[path] { throw error } }
    return clips.indices.map { clip in
      switch contents[clips[clip].path] {
      case .success(let content)?:
        return variations[clip].map { variation in
          FeatureKey(content, clips[clip].stretch, variation) { try? contents[$0]?.get() }
        }
      case .failure(let error)?:
        failures[clip] = "\(error)"
        return nil
      case nil: return nil
      }
    }
  }

  // MARK: - What is there

  /// The wanted records whose values are what was written.
  private func checked(
    _ file: FeatureFile, _ wanted: Set<FeatureKey>, _ control: RunControl
  ) throws -> [FeatureKey: FeatureRecord] {
    // In the order of the file, which is read as fast as the disk gives it.
    let records = wanted.compactMap { file.records[$0] }.sorted { $0.place < $1.place }
    let map = try MappedFile(file.path, byteCount: records.last?.end ?? 0)
    let counted = CountedProgress(control, of: records.count)
    let good = Mutex<[FeatureKey: FeatureRecord]>([:])
    concurrently(records.count, lanes: threads) { index in
      guard !counted.isStopped else { return }
      let record = records[index]
      let fingerprint = map.withUnsafeBytes { bytes in
        UnsafeRawBufferPointer(rebasing: bytes[record.place..<record.end])
          .withMemoryRebound(to: Float.self) { FeatureLayout.fingerprint($0) }
      }
      if fingerprint == record.fingerprint { good.withLock { $0[record.key] = record } }
      counted.advance("")
    }
    try counted.finish()
    return good.withLock { $0 }
  }

  /// The right to add to the folder's files; waits for another process that has it.
  private func lock(_ control: RunControl) throws -> ProcessLock {
    while true {
      do throws(ProcessLock.Failure) {
        return try ProcessLock(at: Folder.path(to: "lock", in: folder))
      } catch {
        switch error {
        case .held(let process):
          try control.report(
            1, of: 10, "waiting for process \(process.map(String.init) ?? "") to fill the cache")
          usleep(100_000)
        case .system(let number): throw FeatureFile.failure(folder, number)
        }
      }
    }
  }

  // MARK: - What is missing

  private func make(
    _ keys: [[FeatureKey]?], _ missing: Set<FeatureKey>, into file: FeatureFile,
    _ failures: inout [Int: String],
    _ control: RunControl
  ) throws -> [FeatureKey: FeatureRecord] {
    // Clips that hold the same have one picture.
    var left = missing
    var work: [(clip: Int, variations: [Int])] = []
    var clipsOf: [FeatureKey: [Int]] = [:]
    for (clip, keys) in keys.enumerated() {
      guard let keys else { continue }
      for key in keys where missing.contains(key) { clipsOf[key, default: []].append(clip) }
      let own = keys.indices.filter { left.remove(keys[$0]) != nil }
      if !own.isEmpty { work.append((clip, own)) }
    }
    let appender = try FeatureAppender(file)
    let counted = CountedProgress(control, of: missing.count)
    let failed = Mutex<[(keys: [FeatureKey], reason: String)]>([])
    let tasks = work
    concurrently(tasks.count, lanes: threads) { index in
      guard !counted.isStopped else { return }
      let (clip, places) = tasks[index]
      guard let clipKeys = keys[clip] else { return }
      var rest = places.map { clipKeys[$0] }
      do {
        let sound = try ClipSound(clips[clip], frontEnd, channels: channels)
        for place in places {
          guard !counted.isStopped else { return }
          let picture = try sound.picture(variations[clip][place])
          try appender.add(picture, isSilent: sound.isSilent, as: clipKeys[place])
          rest.removeFirst()
          counted.advance(Folder.name(of: clips[clip].path))
        }
      } catch let error as FeatureError {
        counted.stop(error)
      } catch {
        failed.withLock { $0.append((rest, "\(error)")) }
        for _ in rest { counted.advance(Folder.name(of: clips[clip].path)) }
      }
    }
    try counted.finish()
    for (keys, reason) in failed.withLock({ $0 }) {
      for clip in keys.flatMap({ clipsOf[$0] ?? [] }) {
        failures[clip] = reason
      }
    }
    return appender.added
  }
}
