import Audio
import Glibc
import Tensors
import Testing

struct PhaseVocoderTests {
  private static let archive = Result { try NumPy.readArchive(golden("phase-vocoder.npz")) }

  private func expected(_ name: String) throws -> [Float] {
    try #require(try Self.archive.get().first { $0.name == name }).tensor.values
  }

  // Both in double precision; what is compared is rounded to single precision.
  @Test("with free phases it is librosa's time_stretch", arguments: [0.81, 1.23])
  func librosaStretch(rate: Double) throws {
    let ours = PhaseVocoder(locksPhases: false).stretched(testSignal(8000, rate: 16000), rate: rate)
    #expect(try expected("length \(rate)") == [Float(ours.count)])
    let some = stride(from: 0, to: ours.count, by: 4).map { ours[$0] }
    #expect(largestDifference(some, try expected("stretched \(rate)")) < 1e-5)
  }

  // Played slower, resamplers differ by 1e-4, as everywhere here. Played faster, their low-passes cut into the noise, each with a
  // slope of its own: 2.3e-3 of a peak of 0.6, measured.
  @Test("with free phases it is librosa's pitch_shift", arguments: [2, -3.5])
  func librosaPitch(semitones: Double) throws {
    let ours = try PhaseVocoder(locksPhases: false)
      .shifted(testSignal(8000, rate: 16000), semitones: semitones, sampleRate: 16000)
    #expect(ours.count == 8000)
    let some = stride(from: 0, to: ours.count, by: 4).map { ours[$0] }
    let difference = largestDifference(some, try expected("pitched \(semitones)"))
    #expect(difference < (semitones > 0 ? 4e-3 : 5e-4))
  }

  // Free phases drift apart from bin to bin: a tone then loses a decibel or more.
  @Test("a tone keeps its level and its frequency when stretched", arguments: [0.5, 0.81, 1.3, 2])
  func stretchedTone(rate: Double) {
    let ours = PhaseVocoder().stretched(tone(1000, seconds: 2, rate: 16000), rate: rate)
    #expect(ours.count == Int((32000 / rate).rounded()))
    let middle = Array(ours[4000..<12000])
    // Away from the ends the tone is steady: its level to a tenth of a decibel.
    #expect(abs(10 * log10(energy(middle) / (8000 * 0.125))) < 0.1)
    #expect(abs(frequency(middle, rate: 16000) - 1000) < 1)
  }

  @Test("a tone moves by semitones and keeps its level", arguments: [-12, -3.5, 1, 2.5, 7])
  func shiftedTone(semitones: Double) throws {
    let ours = try PhaseVocoder()
      .shifted(tone(1000, seconds: 2, rate: 16000), semitones: semitones, sampleRate: 16000)
    #expect(ours.count == 32000)
    let middle = Array(ours[8000..<24000])
    let wanted = 1000 * exp2(semitones / 12)
    #expect(abs(frequency(middle, rate: 16000) - wanted) < 0.001 * wanted)
    #expect(abs(10 * log10(energy(middle) / (16000 * 0.125))) < 0.2)
  }

  // Librosa's phases drift apart, and real sounds lose 3 to 5 dB; locked ones keep most of that. Spectra are compared band by
  // band, in decibels, each below its own level.
  @Test(
    "a real sound keeps its level better than with librosa, and has its spectrum", arguments: [0.81, 1.23])
  func realSound(rate: Double) throws {
    let sound = Array(try Recording.read(bundledSound("loop_tabla.flac")).mono(at: 22050)[..<66150])
    let locked = PhaseVocoder().stretched(sound, rate: rate)
    let free = PhaseVocoder(locksPhases: false).stretched(sound, rate: rate)
    #expect(locked.count == free.count && locked.count == Int((66150 / rate).rounded()))
    let losses = [locked, free].map { 10 * log10(energy(sound) / energy($0) / rate) }
    #expect(abs(losses[0]) < 2 && abs(losses[0]) < losses[1])
    let spectra = try [locked, free, sound].map { try meanLevels($0, rate: 22050) }
    #expect(distance(spectra[0], spectra[1]) < 1.5)
    #expect(distance(spectra[0], spectra[2]) < 1.5)
  }

  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    let differences = zip(a, b).map { $0 - $1 }
    let mean = differences.reduce(0, +) / Double(a.count)
    return differences.reduce(0) { $0 + abs($1 - mean) } / Double(a.count)
  }

  @Test(
    "nothing changes at rate 1 and by 0 semitones; the shortest sounds work", arguments: [0, 1, 100, 2047])
  func nothing(count: Int) throws {
    let sound = testSignal(count, rate: 16000)
    #expect(PhaseVocoder().stretched(sound, rate: 1) == sound)
    #expect(try PhaseVocoder().shifted(sound, semitones: 0, sampleRate: 16000) == sound)
    #expect(PhaseVocoder().stretched(sound, rate: 0.5).count == 2 * count)
    #expect(try PhaseVocoder().shifted(sound, semitones: 3, sampleRate: 16000).count == count)
  }

  @Test("silence stays silent")
  func silence() {
    let silence = [Float](repeating: 0, count: 5000)
    #expect(PhaseVocoder().stretched(silence, rate: 0.8).allSatisfy { $0 == 0 })
  }

  /// The mean power of 40 mel bands over a sound, in decibels.
  private func meanLevels(_ samples: [Float], rate: Int) throws -> [Double] {
    let frontEnd = try FrontEnd(
      sampleRate: rate, window: 2048, hop: 512, fft: 2048, framing: .centred, spectrum: .power,
      mel: FrontEnd.Mel(
        bands: 40, lowest: 50, highest: 10000, scale: .slaney, norm: .slaney, construction: .librosa),
      compression: .none, patch: FrontEnd.Patch(frames: 1, hop: 1, tail: .padFrames))
    let picture = frontEnd.logMel(samples)
    let frames = picture.shape[0]
    return (0..<40).map { band in
      10 * log10((0..<frames).reduce(0) { $0 + Double(picture[$1, band]) } / Double(frames))
    }
  }

  /// By the number of times that a tone passes zero upwards, between the first and the last of them.
  private func frequency(_ samples: [Float], rate: Double) -> Double {
    var times: [Double] = []
    for place in 1..<samples.count where samples[place - 1] < 0 && samples[place] >= 0 {
      times.append(Double(place) - Double(samples[place] / (samples[place] - samples[place - 1])))
    }
    guard let first = times.first, let last = times.last, times.count > 1 else { return 0 }
    return rate * Double(times.count - 1) / (last - first)
  }
}
