import Audio
import Files
import Glibc
import Testing

/// Whatever is wrong with a file, one clear line says so.
struct BrokenFilesTests {
  private func failure(
    _ path: String, from start: Double = 0, duration: Double? = nil, limit: Double? = nil
  ) -> AudioError? {
    do throws(AudioError) {
      _ = try Recording.read(path, from: start, duration: duration, limit: limit)
      return nil
    } catch {
      #expect(!error.description.contains("\n") && error.description.count > 20)
      return error
    }
  }

  @Test("Missing, a folder, empty")
  func files() throws {
    let scratch = try Scratch()
    let missing = scratch.path + "/none.wav"
    #expect(failure(missing) == .notFound(path: missing))
    #expect(failure("") == .notFound(path: ""))
    #expect(failure(scratch.path) == .isFolder(path: scratch.path))
    let empty = try scratch.file("empty.wav", [])
    #expect(failure(empty) == .emptyFile(path: empty))
    #expect(throws: AudioError.emptyFile(path: empty)) { try Recording.probe(empty) }
    #expect(throws: AudioError.emptyFile(path: empty)) { try RecordingReader(empty, sampleRate: 16000) }
  }

  @Test("An address is only a file name, and a playlist reaches no other file")
  func addresses() throws {
    let scratch = try Scratch()
    for path in ["http://127.0.0.1:1/a.mp3", "concat:" + golden("tone.mp3"), "file:" + golden("tone.mp3")] {
      #expect(failure(path) == .notFound(path: path))
    }
    let lists = [
      "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n\(golden("tone.mp3"))\n#EXT-X-ENDLIST\n",
      "a.ffconcat": "ffconcat version 1.0\nfile '\(golden("tone.mp3"))'\n",
    ]
    for (name, text) in lists {
      let path = try scratch.file(name, Array(text.utf8))
      #expect(failure(path) != nil)
    }
  }

  @Test("Text and noise named .wav or .mp3 are no sound", arguments: ["wav", "mp3", "flac", "m4a", "ogg"])
  func notAudio(ending: String) throws {
    let scratch = try Scratch()
    let text = try scratch.file(
      "text." + ending, Array(String(repeating: "Dear diary, today ", count: 200).utf8))
    #expect(failure(text) == .notAudio(path: text))
    var state: UInt32 = 1
    let noise = (0..<5000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let path = try scratch.file("noise." + ending, noise)
    #expect(failure(path) != nil)
  }

  @Test("A pipe is read as a stream, once, from its beginning")
  func pipe() throws {
    let scratch = try Scratch()
    let whole = try scratch.file("a.wav", floatWAV(testSignal(100_000, rate: 16000)))
    let path = scratch.path + "/pipe.wav"
    try #require(mkfifo(path, 0o600) == 0)
    let writer = try #require(popen("cat '\(whole)' > '\(path)'", "r"))
    defer { pclose(writer) }
    #expect(try Recording.read(path, from: 5).mono == Array(testSignal(100_000, rate: 16000)[80_000...]))
  }

  @Test("A picture has no sound track")
  func picture() throws {
    let scratch = try Scratch()
    let path = try scratch.file("a.bmp", bitmap)
    #expect(failure(path) == .noAudioStream(path: path))
  }

  @Test("A sound of length zero")
  func noSamples() throws {
    let scratch = try Scratch()
    let path = try scratch.file("zero.wav", floatWAV([]))
    #expect(failure(path) == .noSamples(path: path))
  }

  @Test("A truncated file is read as far as it goes, down to nothing")
  func truncated() throws {
    let scratch = try Scratch()
    let wav = floatWAV(testSignal(1000, rate: 16000))
    let half = try scratch.file("half.wav", Array(wav.prefix(44 + 2001)))
    #expect(try Recording.read(half).mono == Array(testSignal(500, rate: 16000)))
    let header = try scratch.file("header.wav", Array(wav.prefix(30)))
    #expect(failure(header) == .notAudio(path: header))
    let mp3 = try WholeFile.read(golden("tone.mp3"))
    let part = try scratch.file("part.mp3", Array(mp3.prefix(mp3.count / 2)))
    #expect(try Recording.read(part).frames > 16000)
    let stub = try scratch.file("stub.mp3", Array(mp3.prefix(100)))
    #expect(failure(stub) != nil)
  }

  @Test("A sample that is no number is found", arguments: [.nan, .infinity, -.infinity, 1e10] as [Float])
  func notFinite(value: Float) throws {
    let scratch = try Scratch()
    var samples = testSignal(40000, rate: 16000)
    samples[24000] = value
    let path = try scratch.file("nan.wav", floatWAV(samples))
    #expect(failure(path) == .notFinite(path: path, seconds: 1.5))
    #expect(failure(path)?.description.contains("at 1.5 s") == true)
  }

  @Test("Starts, durations and limits")
  func stretches() throws {
    let scratch = try Scratch()
    let path = try scratch.file("a.wav", floatWAV(testSignal(32000, rate: 16000)))
    for start in [2, 2.5, 100] {
      #expect(failure(path, from: start) == .startBeyondEnd(path: path, start: start, seconds: 2))
    }
    for (start, duration) in [(-1, 1), (.nan, 1), (0, 0), (0, -1), (0, .nan), (.infinity, 1)]
      as [(Double, Double)]
    {
      guard case .badStretch? = failure(path, from: start, duration: duration) else {
        Issue.record("from \(start) for \(duration)")
        continue
      }
    }
    #expect(failure(path, limit: 0.5) == .tooLong(path: path, seconds: 2, limit: 0.5))
    guard case .tooLong? = failure(path, limit: 1.9) else { throw Unexpected() }
    #expect(failure(path, limit: 2) == nil)
    #expect(failure(path, duration: 0.5, limit: 0.5) == nil)
    #expect(failure(path, from: 1.6, limit: 0.5) == nil)
  }

  @Test("Headers with absurd numbers")
  func absurdHeaders() throws {
    let scratch = try Scratch()
    let slow = try scratch.file("slow.wav", floatWAV([0, 1], rate: 3))
    #expect(failure(slow) == .absurdSampleRate(path: slow, hertz: 3))
    let fast = try scratch.file("fast.wav", floatWAV([0, 1], rate: 2_000_000_000))
    #expect(failure(fast) == .absurdSampleRate(path: fast, hertz: 2_000_000_000))
    let wide = try scratch.file("wide.wav", floatWAV([Float](repeating: 0, count: 400), channels: 200))
    #expect(failure(wide) == .absurdChannelCount(path: wide, channels: 200))
  }

  private struct Unexpected: Error {}

  /// A black picture of 2 by 2.
  private let bitmap: [UInt8] =
    Array("BM".utf8) + [
      70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0,
    ]
    + [UInt8](repeating: 0, count: 4) + [16, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
    + [UInt8](repeating: 0, count: 16)
}
