import Audio
import Tensors
import TestSupport
import Testing

/// The STFT that is put before networks without a picture.
struct PhasedSpectrumTests {
  private let samples = testSignal(3000, rate: 8000)

  // Sums of some hundred terms of single precision.
  @Test("A sound's own magnitudes give the sound back, at every length", arguments: [1, 63, 128, 3000])
  func identity(count: Int) {
    let sound = Array(samples.prefix(count))
    let spectrum = PhasedSpectrum(sound, sampleRate: 8000)
    #expect(spectrum.magnitudes.shape == [spectrum.frames, spectrum.bins])
    let back = spectrum.sounds(of: spectrum.magnitudes.reshaped(to: [1, spectrum.frames, spectrum.bins]))
    #expect(back.shape == [1, count])
    #expect(zip(back.values, sound).allSatisfy { abs($0 - $1) < 2e-6 })
  }

  @Test("The way back of gradients is the transpose of the way from magnitudes to sounds")
  func adjoint() {
    let spectrum = PhasedSpectrum(samples, sampleRate: 8000)
    var generator = SplitMix64(seed: 4)
    func random(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Float.random(in: -1...1, using: &generator) })
    }
    func dot(_ a: Tensor, _ b: Tensor) -> Double {
      zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (magnitudes, gradients) = (random([2, spectrum.frames, spectrum.bins]), random([2, 3000]))
    let (sounds, pulled) = (spectrum.sounds(of: magnitudes), spectrum.pullback(gradients))
    for row in 0..<2 {
      let forth = dot(sounds.rows(row..<row + 1), gradients.rows(row..<row + 1))
      let back = dot(magnitudes.rows(row..<row + 1), pulled.rows(row..<row + 1))
      // Both are sums of thousands of terms of either sign.
      #expect(abs(forth - back) < 1e-4 * (1 + abs(forth)))
    }
  }

  @Test("A sine lies where its frequency and its time are on the axes")
  func axes() {
    let rate = 8000
    let axes = PhasedSpectrum.axes(sampleRate: rate)
    let clip = (0..<8000).map { $0 < 4000 ? 0 : tone(1500, seconds: 1, rate: rate)[$0] }
    let magnitudes = PhasedSpectrum(clip, sampleRate: rate).magnitudes
    let place = magnitudes.values.indices.max { magnitudes.values[$0] < magnitudes.values[$1] } ?? 0
    let bins = magnitudes.shape[1]
    #expect(abs(axes.bandCentres[place % bins] - 1500) <= Double(rate) / Double(2 * (bins - 1)))
    #expect(axes.time(ofFrame: place / bins) > 0.5)
    #expect(abs(axes.frame(at: axes.time(ofFrame: 7)) - 7) < 1e-9)
  }
}
