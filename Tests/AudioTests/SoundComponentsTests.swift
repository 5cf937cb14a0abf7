import Audio
import Testing

struct SoundComponentsTests {
  @Test("The components add up to the sound", arguments: [1, 4], [0, 700, 20_000])
  func sum(bands: Int, count: Int) {
    let samples = testSignal(count, rate: 16000)
    let components = SoundComponents(of: samples, sampleRate: 16000, bands: bands)
    #expect(components.names.count == 2 * bands && components.waveforms.count == 2 * bands)
    let sum = components.waveforms.reduce([Float](repeating: 0, count: count)) { zip($0, $1).map { $0 + $1 } }
    #expect(largestDifference(sum, samples) < 1e-5)
  }

  @Test("Stems add up to the sound with what they leave of it, if that is anything")
  func stems() {
    let (low, high) = (testSignal(500, rate: 16000), testSignal(700, rate: 16000))
    let samples = zip(low + [Float](repeating: 0, count: 200), high).map { $0 + 2 * $1 }
    let half = SoundComponents([Stem(name: "low", samples: low)], of: samples)
    #expect(half.names == ["low", "the rest"] && half.waveforms.map(\.count) == [700, 700])
    #expect(largestDifference(zip(half.waveforms[0], half.waveforms[1]).map { $0 + $1 }, samples) < 1e-6)
    #expect(largestDifference(half.waveforms[1], high.map { 2 * $0 }) < 1e-6)
    let stems = [Stem(name: "low", samples: low), Stem(name: "high", samples: high.map { 2 * $0 } + [1, 1])]
    let whole = SoundComponents(stems, of: samples)
    #expect(whole.names == ["low", "high"] && whole.waveforms[1] == high.map { 2 * $0 })
  }

  @Test("A tone lies in the harmonic component of its band")
  func tone() throws {
    let components = SoundComponents(of: AudioTests.tone(1000, seconds: 1, rate: 16000), sampleRate: 16000)
    let energies = components.waveforms.map { energy($0) }
    let largest = try #require(energies.indices.max { energies[$0] < energies[$1] })
    #expect(components.names[largest].hasPrefix("harmonic, "))
    #expect(
      energies[largest] > 20
        * energies.enumerated().filter { $0.offset != largest }.map(\.element).reduce(0, +))
  }
}
