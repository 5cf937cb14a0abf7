import Audio
import Testing

struct SeparationTests {
  private func tabla() throws -> [Float] {
    let path = golden("").replacing("/Tests/AudioTests/Golden/", with: "/Data/sounds/loop_tabla.flac")
    return Array(try Recording.read(path).channels[0][44100..<88200])
  }

  // Relative to the part's own peak. Both are float32; where two magnitudes nearly tie, medians are the same numbers.
  @Test("Agrees with librosa's hpss on a second of tabla")
  func librosa() throws {
    let parts = Recording(channels: [try tabla()], sampleRate: 44100).harmonicAndPercussive()
    let expected = try goldenValues("separation.npy")
    let count = expected.count / 2
    for (part, range) in [(parts.harmonic, 0..<count), (parts.percussive, count..<2 * count)] {
      let ours = stride(from: 0, to: 44100, by: 16).map { part.channels[0][$0] }
      let peak = expected[range].reduce(0) { max($0, abs($1)) }
      #expect(largestDifference(ours, Array(expected[range])) < 1e-4 * peak)
    }
  }

  @Test("Agrees with librosa on fewer frames than the kernel")
  func short() throws {
    let parts = Recording(channels: [Array(try tabla()[..<2205])], sampleRate: 44100).harmonicAndPercussive()
    let expected = try goldenValues("separation-short.npy")
    for (part, range) in [(parts.harmonic, 0..<2205), (parts.percussive, 2205..<4410)] {
      let peak = expected[range].reduce(0) { max($0, abs($1)) }
      #expect(largestDifference(part.channels[0], Array(expected[range])) < 1e-4 * peak)
    }
  }

  @Test("The parts add up to the recording, channel by channel", arguments: [0, 1, 511, 30_000])
  func sum(count: Int) throws {
    let clip = Recording(
      channels: [testSignal(count, rate: 8000), tone(440, seconds: Double(count) / 8000, rate: 8000)],
      sampleRate: 8000)
    let (harmonic, percussive) = clip.harmonicAndPercussive()
    #expect(harmonic.sampleRate == 8000 && percussive.frames == count)
    for channel in 0..<2 {
      let sum = zip(harmonic.channels[channel], percussive.channels[channel]).map { $0 + $1 }
      #expect(largestDifference(sum, clip.channels[channel]) < 1e-6)
    }
  }

  @Test("A tone is harmonic, a click percussive, silence neither")
  func kinds() {
    let tone = Recording(channels: [tone(440, seconds: 2, rate: 16000)], sampleRate: 16000)
    var samples = [Float](repeating: 0, count: 32000)
    samples[16000] = 1
    let click = Recording(channels: [samples], sampleRate: 16000)
    let silence = Recording(channels: [[Float](repeating: 0, count: 5000)], sampleRate: 16000)
    let (sounding, struck, quiet) = (
      tone.harmonicAndPercussive(), click.harmonicAndPercussive(), silence.harmonicAndPercussive()
    )
    #expect(energy(sounding.harmonic.mono) > 50 * energy(sounding.percussive.mono))
    #expect(energy(struck.percussive.mono) > 50 * energy(struck.harmonic.mono))
    #expect(quiet.harmonic == silence && quiet.percussive == silence)
  }
}
