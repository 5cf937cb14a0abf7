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
