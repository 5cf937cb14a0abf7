import Audio
import Explain
import Files
import Glibc
import Tensors
import TestSupport
import Testing
import Train

/// What `Benchmarks/features.py` measures: no tests of anything.
struct FeatureMeasurementTests {
  private static func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

  /// A folder of sounds, a preset, threads, and perhaps a folder for a cache that is kept.
  private static let store = variable("OTOSCOPE_FEATURES")
  /// A sound, a background and a folder for what becomes of the sound.
  private static let changes = variable("OTOSCOPE_CHANGES")

  @Test("the time that a cache takes to fill, and to open", .enabled(if: !store.isEmpty))
  func time() throws {
    let parts = Self.store.split(separator: " ").map(String.init)
    let threads = Int(parts[2]) ?? 1
    ComputeThreads.use(threads)
    let kinds = [".wav", ".flac", ".ogg", ".mp3"]
    let walk = try FolderWalk(parts[0]) { file in kinds.contains { file.hasSuffix($0) } }
    let clips = walk.files.map { LabelledClip(path: $0, classes: [0]) }
    let frontEnd = try FrontEnd.preset(named: parts[1])
    try withScratchFolder { folder in
      for what in ["fill", "open"] {
        let start = now()
        let store = try FeatureStore(
          clips, variations: [[]], frontEnd: frontEnd, cache: parts.count > 3 ? parts[3] : "\(folder)/cache",
          threads: threads)
        print("features \(what) \(clips.count) \(store.computed) \(now() - start)")
      }
    }
  }

  @Test("a sound after each change, as WAV files", .enabled(if: !changes.isEmpty))
  func sounds() throws {
    let parts = Self.changes.split(separator: " ").map(String.init)
    let sound = try Recording.read(parts[0])
    let named: [(String, Variation)] = [
      ("original", []), ("padded", [.padded(seconds: 4)]),
      ("rolled", [.padded(seconds: 4), .rolled(share: 0.25)]), ("shifted", [.shifted(seconds: 0.5)]),
      ("gain", [.gain(decibels: -6)]), ("background", [.background(path: parts[1], weight: 0.3, offset: 1)]),
      ("slower", [.stretched(rate: 0.81)]), ("faster", [.stretched(rate: 1.23)]),
      ("higher", [.pitched(semitones: 3.5)]), ("lower", [.pitched(semitones: -3.5)]),
    ]
    let rate = 22050
    let samples = [try sound.mono(at: rate)]
    try WholeFile.makeFolder(parts[2])
    for (name, variation) in named {
      let start = now()
      let changed = try variation.apply(to: samples, sampleRate: rate)
      print("changed \(name) \(changed[0].count) \(now() - start)")
      let recording = Recording(channels: changed, sampleRate: rate)
      print("peak \(name) \(recording.peak)")
      try writeWAV(recording.scaledToFullScaleIfLouder(), to: "\(parts[2])/\(name).wav")
    }
  }

  private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
