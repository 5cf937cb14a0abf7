import Audio
import Files
import Testing

/// Files of ten seconds with a tone at 7 s, made by Golden/make_clock.py.
let clockFiles = [
  "clock.flac", "clock.oga", "clock.opus", "clock.ogg", "clock-cbr.mp3", "clock-vbr.mp3", "clock-plain.mp3",
  "clock.m4a", "clock.aac", "clock.ts", "clock.mkv", "clock.webm",
]

/// Those without time stamps: how long a loss was follows from its bytes, about.
let countedFiles: Set = ["clock-cbr.mp3", "clock-vbr.mp3", "clock-plain.mp3", "clock.aac"]

/// The length and the beginning of the tone in seconds, of what FFmpeg's command 5.1 decodes of each file: what an encoder adds
/// at the beginning is left out where the container says how much that is.
let ffmpegTimes: [String: (length: Double, tone: Double)] = [
  "clock.flac": (10, 7.000125), "clock.oga": (10, 7.000125), "clock.opus": (10, 7.000229),
  "clock.ogg": (10, 6.999625), "clock-cbr.mp3": (10, 7.000125), "clock-vbr.mp3": (10, 7.000125),
  "clock-plain.mp3": (10.152, 7.13825), "clock.m4a": (10.112, 7.000125), "clock.aac": (10.24, 7.128125),
  "clock.ts": (10.24, 7.128125), "clock.mkv": (10.24, 7.128125), "clock.webm": (10, 7.000229),
]

/// When the tone begins, in seconds: the first sample that is louder than all noise.
func toneTime(_ recording: Recording, from start: Double = 0) throws -> Double {
  let place = try #require(recording.mono.firstIndex { abs($0) > 0.2 })
  return start + Double(place) / Double(recording.sampleRate)
}

/// One clock, whichever way a file is read.
struct ClockTests {
  @Test(
    "A sound lies at one time, read whole, in part or as a stream, and nothing is wrong",
    arguments: clockFiles)
  func oneTime(name: String) throws {
    let whole = try Recording.read(golden(name))
    #expect(whole.flaws.isEmpty)
    // Decoders differ in rounding: the first sample beyond the threshold may be a neighbour; versions of
    // FFmpeg cut more or less of what is added at the end.
    let peer = try #require(ffmpegTimes[name])
    #expect(abs(try toneTime(whole) - peer.tone) < 0.0003)
    #expect(whole.duration <= peer.length + 0.001 && whole.duration > peer.length - 0.13)
    for start in [5.3, 6.9] {
      let part = try Recording.read(golden(name), from: start, duration: 1.5)
      let first = Int((start * Double(whole.sampleRate)).rounded())
      // Decoders run up for two seconds and are then as exact as from the start.
      #expect(largestDifference(part.mono, Array(whole.mono[first..<first + part.frames])) < 1e-6)
      #expect(part.flaws.isEmpty)
    }
    let reader = try RecordingReader(golden(name), sampleRate: whole.sampleRate)
    #expect(try reader.next(.max / 2) == whole.mono)
    #expect(reader.flaws.isEmpty)
  }

  @Test(
    "Lost bytes leave a silence of their length, and everything behind it in its place", arguments: clockFiles
  )
  func lostBytes(name: String) throws {
    let scratch = try Scratch()
    var bytes = try WholeFile.read(golden(name))
    let count = bytes.count
    for place in count / 4..<count * 9 / 20 { bytes[place] = 0 }
    let path = try scratch.file(name, bytes)
    let (sound, damaged) = (try Recording.read(golden(name)), try Recording.read(path))
    let isCounted = countedFiles.contains(name)
    // Time stamps are to the sample, to the millisecond in Matroska, and half a block of Vorbis may be out; bit rates are
    // constant, or nearly.
    let slack = isCounted ? 0.2 : 0.02
    #expect(abs(try toneTime(damaged) - toneTime(sound)) < slack)
    #expect(abs(damaged.duration - sound.duration) < slack)
    let lost = damaged.flaws.filter { $0.kind == .lost }
    let seconds = lost.reduce(0) { $0 + $1.end - $1.start }
    #expect(seconds > 1 && seconds < 4.5 && lost.allSatisfy { $0.start > 0.5 && $0.end < 7 })
    #expect(lost.allSatisfy { $0.detail.isEmpty != isCounted })
    // The same again, behind it and as a stream.
    let part = try Recording.read(path, from: 6.5, duration: 2)
    // FFmpeg's Opus decoder comes half a millisecond late behind a gap that it does not know of.
    #expect(abs(try toneTime(part, from: 6.5) - toneTime(damaged)) < 0.001)
    #expect(part.flaws.isEmpty)
    let reader = try RecordingReader(path, sampleRate: damaged.sampleRate)
    #expect(try reader.next(.max / 2) == damaged.mono)
    #expect(reader.flaws == damaged.flaws)
  }

  @Test(
    "What is lost at the beginning is silence, too", arguments: ["clock.flac", "clock.oga", "clock.opus"])
  func lostBeginning(name: String) throws {
    let scratch = try Scratch()
    var bytes = try WholeFile.read(golden(name))
    let header = name == "clock.flac" ? 86 : 1000
    for place in header..<bytes.count / 4 { bytes[place] = 0 }
    let damaged = try Recording.read(try scratch.file(name, bytes))
    #expect(abs(try toneTime(damaged) - toneTime(Recording.read(golden(name)))) < 0.002)
    #expect(damaged.flaws.contains { $0.kind == .lost && $0.start < 1 })
  }

  @Test("Chained Ogg streams follow each other; unlike ones are converted")
  func chained() throws {
    let scratch = try Scratch()
    let (short, long) = (try WholeFile.read(golden("tone.ogg")), try WholeFile.read(golden("clock.ogg")))
    let twice = try Recording.read(try scratch.file("twice.ogg", long + long))
    #expect(abs(twice.duration - 20) < 0.05)
    #expect(twice.flaws.map(\.kind) == [.restarted] && abs((twice.flaws.first?.start ?? 0) - 10) < 0.05)
    let unlike = try Recording.read(try scratch.file("unlike.ogg", short + long))
    #expect(unlike.sampleRate == 16000 && abs(unlike.duration - 16) < 0.05)
    #expect(
      unlike.flaws.first?.kind == .converted && unlike.flaws.first?.detail == "to 8000 Hz and 1 channel")
    // The tone of the second stream.
    let rest = Recording(channels: [Array(unlike.mono[(12 * 16000)...])], sampleRate: 16000)
    #expect(abs(try toneTime(rest, from: 12) - 6 - toneTime(Recording.read(golden("clock.ogg")))) < 0.05)
  }
}

/// Damage is told.
struct DamageTests {
  /// Cut lengths and places of errors: as good as random, the same everywhere.
  private func numbers(_ count: Int, below limit: Int, seed: UInt32) -> [Int] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int((UInt64(state) * UInt64(limit)) >> 32)
    }
  }

  @Test("A file cut anywhere is an error or says that it is shorter", arguments: clockFiles)
  func truncation(name: String) throws {
    let scratch = try Scratch()
    let bytes = try WholeFile.read(golden(name))
    let whole = try Recording.read(golden(name)).duration
    var untold = 0
    for count in numbers(40, below: bytes.count, seed: 7) {
      let path = try scratch.file(name, Array(bytes.prefix(count)))
      do throws(AudioError) {
        let sound = try Recording.read(path)
        #expect(sound.duration <= whole + 0.2)
        guard sound.duration < whole - 0.5 else { continue }
        if !sound.flaws.contains(where: { $0.kind == .truncated || $0.kind == .lost }) { untold += 1 }
      } catch { #expect(!error.description.contains("\n")) }
    }
    // Without a length, a file that is cut just between two frames is whole.
    #expect(untold <= (["clock-plain.mp3", "clock.aac"].contains(name) ? 2 : 0))
  }

  @Test(
    "Wrong bytes anywhere are an error, or leave the sound its length, or are told", arguments: clockFiles)
  func wrongBytes(name: String) throws {
    let scratch = try Scratch()
    let bytes = try WholeFile.read(golden(name))
    let whole = try Recording.read(golden(name)).duration
    for (round, start) in numbers(40, below: bytes.count, seed: 11).enumerated() {
      var damaged = bytes
      let count = [1, 3, 40, 400][round % 4]
      for (place, value) in zip(start..<min(start + count, bytes.count), numbers(count, below: 256, seed: 3))
      {
        damaged[place] = UInt8(value)
      }
      let path = try scratch.file(name, damaged)
      do throws(AudioError) {
        let sound = try Recording.read(path)
        // Where an MP3 file's first frame is damaged, what the encoder added (0.14 s here) is no longer known.
        guard abs(sound.duration - whole) > 0.2 else { continue }
        #expect(!sound.flaws.isEmpty, "\(name) with \(count) wrong bytes at \(start)")
      } catch { #expect(!error.description.contains("\n")) }
    }
  }

  @Test("A WAV header that says more, less or nothing")
  func wavHeaders() throws {
    let scratch = try Scratch()
    let samples = testSignal(64000, rate: 16000)
    let whole = floatWAV(samples)
    func wav(_ size: UInt32, cut: Int = 0) -> [UInt8] {
      var bytes = Array(whole.dropLast(cut))
      for index in 0..<4 {
        let shift = UInt32(8 * index)
        bytes[40 + index] = UInt8(truncatingIfNeeded: size >> shift)
        bytes[4 + index] = UInt8(truncatingIfNeeded: (size == .max ? size : size + 36) >> shift)
      }
      return bytes
    }
    // A recorder that writes into a pipe knows no length.
    for size in [0, UInt32.max] {
      let sound = try Recording.read(try scratch.file("open.wav", wav(size)))
      #expect(sound.mono == samples && sound.flaws.isEmpty)
    }
    let cut = try Recording.read(try scratch.file("cut.wav", wav(256_000, cut: 64000)))
    #expect(cut.frames == 48000 && cut.flaws == [Flaw(.truncated, from: 3, to: 4)])
    let more = try Recording.read(try scratch.file("more.wav", wav(64000)))
    #expect(more.mono == samples && more.flaws == [Flaw(.overlong, from: 1, to: 4)])
    // A wrong number of bytes a second changes nothing.
    var odd = whole
    odd[28] = 7
    #expect(try Recording.read(try scratch.file("odd.wav", odd)).flaws.isEmpty)
    // A chunk behind the samples is no sound.
    var list = wav(64000, cut: 192_000)
    list += Array("junk".utf8) + [0, 0, 2, 0] + [UInt8](repeating: 7, count: 131_072)
    let chunk = try Recording.read(try scratch.file("chunk.wav", list))
    #expect(chunk.frames == 16000 && chunk.flaws.isEmpty)
  }

  @Test("An MP4 file without its index is said to be unfinished")
  func unfinished() throws {
    let scratch = try Scratch()
    let bytes = try WholeFile.read(golden("clock.m4a"))
    let path = try scratch.file("a.m4a", Array(bytes.prefix(600)))
    #expect(throws: AudioError.unfinished(path: path)) { try Recording.read(path) }
  }

  @Test("Flaws say what and where in one line")
  func messages() {
    for kind in Flaw.Kind.allCases {
      let text = Flaw(kind, from: 1.234, to: 5, detail: "because").description
      #expect(
        (text.contains("1.23 s") || text.contains("5.0 s")) && text.contains("because") || kind == .cancelling
      )
      #expect(!text.contains("\n") && !text.hasSuffix("."))
    }
  }
}

/// Which channel is listened to.
struct ChannelTests {
  private func stereo(_ right: (Float) -> Float) -> [UInt8] {
    floatWAV(testSignal(16000, rate: 16000).flatMap { [$0, right($0)] }, channels: 2)
  }

  @Test("Channels that cancel are told, and each can be listened to alone")
  func cancelling() throws {
    let scratch = try Scratch()
    let path = try scratch.file("out-of-phase.wav", stereo { -$0 })
    let mix = try Recording.read(path)
    #expect(mix.mono.allSatisfy { $0 == 0 })
    #expect(mix.flaws == [Flaw(.cancelling, from: 0, to: 1, detail: "their mix keeps 0.0 % of their energy")])
    let reader = try RecordingReader(path, sampleRate: 16000)
    _ = try reader.next(20000)
    #expect(reader.flaws == mix.flaws)
    let samples = testSignal(16000, rate: 16000)
    let left = try Recording.read(path, channel: .left)
    #expect(left.channels == [samples] && left.flaws.isEmpty)
    let right = try RecordingReader(path, sampleRate: 16000, channel: .right)
    #expect(try right.next(16000) == samples.map { -$0 } && right.flaws.isEmpty)
    #expect(throws: AudioError.noSuchChannel(path: path, channel: 3, channels: 2)) {
      try Recording.read(path, channel: .number(3))
    }
  }

  @Test(
    "A hundredth of the energy is the limit",
    arguments: [(-0.9, true), (-0.8, false), (0, false), (1, false)] as [(Float, Bool)])
  func limit(factor: Float, cancels: Bool) throws {
    // The mean keeps (1 + f)² / 2 (1 + f²) of the energy: 0.28 % for -0.9, 1.2 % for -0.8.
    let scratch = try Scratch()
    let sound = try Recording.read(try scratch.file("a.wav", stereo { $0 * factor }))
    #expect(sound.flaws.contains { $0.kind == .cancelling } == cancels)
  }

  @Test("Names of channels")
  func names() {
    #expect(Channel("left") == .number(1) && Channel("right") == .number(2) && Channel("mix") == .mix)
    #expect(
      Channel("7") == .number(7) && Channel("0") == nil && Channel("65") == nil && Channel("both") == nil)
  }
}
