import Audio
import Files
import Testing

struct RecordingTests {
  @Test("MP3, Ogg, FLAC and a film's sound track are read at their own rate and channels")
  func formats() throws {
    let mp3 = try Recording.read(golden("tone.mp3"))
    #expect((mp3.sampleRate, mp3.channels.count, mp3.frames) == (16000, 1, 96000))
    // Two MP3 decoders round differently.
    #expect(largestDifference(Array(mp3.mono.prefix(4000)), try goldenValues("tone.mp3.npy")) < 1e-4)
    let ogg = try Recording.read(golden("tone.ogg"))
    #expect((ogg.sampleRate, ogg.channels.count, ogg.frames) == (16000, 1, 96000))
    let flac = try Recording.read(golden("tone.flac"))
    #expect((flac.sampleRate, flac.channels.count, flac.frames) == (16000, 2, 8000))
    // The right channel was written as minus half the left, each rounded to 16 bits.
    #expect(largestDifference(flac.channels[0], flac.channels[1].map { -2 * $0 }) < 2 / 32768)
    let film = try Recording.read(golden("film.mp4"))
    #expect((film.sampleRate, film.channels.count) == (44100, 2))
    #expect(abs(film.duration - 2) < 0.05)
  }

  @Test(
    "A stretch equals the same stretch of the whole, whether decoded up to or jumped to",
    arguments: [("tone.mp3", 1.5), ("tone.mp3", 4.75), ("tone.ogg", 4.75), ("film.mp4", 1.25)])
  func stretches(name: String, start: Double) throws {
    let whole = try Recording.read(golden(name))
    let part = try Recording.read(golden(name), from: start, duration: 0.5)
    let first = Int(start * Double(whole.sampleRate))
    #expect(part.frames == whole.sampleRate / 2)
    #expect(largestDifference(part.mono, Array(whole.mono[first..<first + part.frames])) < 1e-6)
    let rest = try Recording.read(golden(name), from: start)
    #expect(rest.frames == whole.frames - first)
  }

  @Test("A WAV file is jumped into to the sample")
  func jumpIntoWAV() throws {
    let scratch = try Scratch()
    let samples = testSignal(160_000, rate: 16000)
    let path = try scratch.file("long.wav", floatWAV(samples))
    #expect(try Recording.read(path, from: 7.5).mono == Array(samples[120_000...]))
    #expect(try Recording.read(path, from: 0.00006, duration: 1e-9).mono == [samples[1]])
  }

  @Test("probe tells rate, channels and duration")
  func probe() throws {
    let flac = try Recording.probe(golden("tone.flac"))
    #expect((flac.sampleRate, flac.channels, flac.duration) == (16000, 2, 0.5))
  }

  @Test("A reader's stretches are the resampled whole, to the bit", arguments: [1000, 7777, 1_000_000])
  func readerEqualsWhole(count: Int) throws {
    for (name, rate) in [("tone.mp3", 16000), ("tone.mp3", 22050), ("film.mp4", 16000)] {
      let recording = try Recording.read(golden(name))
      let whole = try Recording(channels: [recording.mono], sampleRate: recording.sampleRate)
        .resampled(to: rate)
      let reader = try RecordingReader(golden(name), sampleRate: rate)
      var all = [Float]()
      while true {
        let stretch = try reader.next(count)
        all += stretch
        if stretch.count < count { break }
      }
      #expect(all == whole.mono, "\(name) at \(rate) Hz")
      #expect(try reader.next(count).isEmpty)
    }
  }

  @Test("A stream of a part is the part that is read at once, to the bit", arguments: [0.3, 6.1])
  func readerOfPart(start: Double) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/a.wav"
    try writeWAV(Recording(channels: [testSignal(44100 * 8, rate: 44100)], sampleRate: 44100), to: path)
    for duration in [1.2345, nil] {
      let part = try Recording.read(path, from: start, duration: duration)
      let whole = try Recording(channels: [part.mono], sampleRate: 44100).resampled(to: 16000)
      let reader = try RecordingReader(path, sampleRate: 16000, from: start, duration: duration)
      var all: [Float] = []
      while case let stretch = try reader.next(5000), !stretch.isEmpty { all += stretch }
      #expect(all == whole.mono)
    }
    let late = try RecordingReader(path, sampleRate: 16000, from: start + 8)
    #expect(throws: AudioError.startBeyondEnd(path: path, start: start + 8, seconds: 8)) { try late.next(1) }
  }

  @Test("Resampling agrees with librosa's soxr_hq")
  func resamplingAgreesWithLibrosa() throws {
    let signal = Recording(channels: [testSignal(11025, rate: 44100)], sampleRate: 44100)
    // The same filter, designed for 20 bits; what it leaves in question is far below that of a 16-bit file.
    #expect(try largestDifference(signal.resampled(to: 16000).mono, goldenValues("resampled.npy")) < 1e-4)
  }

  @Test(
    "Resampled lengths are rounded up",
    arguments: [(1, 44100, 16000), (441, 44100, 16000), (100, 8000, 44100)])
  func resampledLengths(count: Int, from: Int, to: Int) throws {
    let sound = Recording(channels: [[Float](repeating: 0.5, count: count)], sampleRate: from)
    #expect(try sound.resampled(to: to).frames == (count * to + from - 1) / from)
    #expect(try sound.resampled(to: from) == sound)
  }

  @Test("Resampling refuses absurd rates", arguments: [0, -5, 10, 2_000_000_000])
  func absurdRates(rate: Int) throws {
    let sound = Recording(channels: [[0, 1]], sampleRate: 16000)
    #expect(throws: AudioError.self) { try sound.resampled(to: rate) }
  }

  @Test("mono is the mean of the channels; scaling hits its peak")
  func levels() {
    let sound = Recording(channels: [[0.5, -2], [0.25, 1]], sampleRate: 8000)
    #expect(sound.mono == [0.375, -0.5])
    #expect(sound.peak == 2)
    #expect(sound.scaled(toPeak: 0.9).peak == 0.9)
    #expect(sound.scaledToFullScaleIfLouder().channels == [[0.25, -1], [0.125, 0.5]])
    #expect(Recording(channels: [[0, 0]], sampleRate: 8000).scaled(toPeak: 1).peak == 0)
  }

  @Test("A WAV file comes back as it was written, to half a step of 16 bits")
  func roundTrip() throws {
    let scratch = try Scratch()
    let sound = Recording(
      channels: [testSignal(5000, rate: 22050), tone(300, seconds: 1, rate: 5000, amplitude: 1)],
      sampleRate: 22050)
    let path = scratch.path + "/a.wav"
    try writeWAV(sound, to: path)
    let back = try Recording.read(path)
    #expect(back.sampleRate == 22050)
    for (a, b) in zip(back.channels, sound.channels) { #expect(largestDifference(a, b) <= 1 / 32768) }
    #expect(try wavBytes(of: back) == wavBytes(of: sound))
    #expect(try wavBytes(of: sound).count == 44 + 4 * 5000)
  }

  @Test("Nothing is clipped into a WAV file", arguments: [1.0001, .nan, -.infinity] as [Float])
  func neverClips(sample: Float) {
    #expect(throws: AudioError.self) {
      try wavBytes(of: Recording(channels: [[0, sample]], sampleRate: 8000))
    }
  }
}
