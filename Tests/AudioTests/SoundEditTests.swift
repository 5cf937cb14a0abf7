import Audio
import Glibc
import Tensors
import Testing

struct SoundEditTests {
  private let rate = 8000
  /// The window at 8 kHz: the power of two nearest above 40 ms.
  private let size = 512

  private func noise(seconds: Double, seed: UInt64 = 1) -> [Float] {
    var generator = GaussianGenerator(seed: seed)
    return (0..<Int(seconds * Double(rate))).map { _ in 0.1 * generator.normal() }
  }

  private func recording(_ samples: [Float]) -> Recording { Recording(channels: [samples], sampleRate: rate) }

  private func box(_ action: SoundEdit.Action, _ seconds: ClosedRange<Double>, _ hertz: ClosedRange<Double>)
    -> SoundEdit
  { SoundEdit([.init(action, .box(seconds: seconds, hertz: hertz))]) }

  /// The definition, bin by bin, by sums: `y = x + (2/3) Σ_t w · IFFT((G_t − 1) · X_t)`.
  private func naive(_ samples: [Float], gain: (_ seconds: Double, _ hertz: Double) -> Double) -> [Float] {
    let window = (0..<size).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size)) }
    var output = samples.map { Double($0) }
    for start in stride(from: size / 4 - size, to: samples.count, by: size / 4) {
      let middle = (Double(start) + Double(size) / 2) / Double(rate)
      let changed = (0...size / 2).filter { gain(middle, Double($0 * rate) / Double(size)) != 1 }
      guard !changed.isEmpty else { continue }
      var change = [Double](repeating: 0, count: size)
      for bin in changed {
        var (real, imaginary) = (0.0, 0.0)
        for index in 0..<size where samples.indices.contains(start + index) {
          let angle = 2 * Double.pi * Double(bin * index % size) / Double(size)
          let value = Double(samples[start + index]) * window[index]
          real += value * cos(angle)
          imaginary -= value * sin(angle)
        }
        let factor = gain(middle, Double(bin * rate) / Double(size)) - 1
        let share = (bin == 0 || bin == size / 2 ? 1.0 : 2.0) / Double(size)
        for index in 0..<size {
          let angle = 2 * Double.pi * Double(bin * index % size) / Double(size)
          change[index] += factor * share * (real * cos(angle) - imaginary * sin(angle))
        }
      }
      for index in 0..<size where samples.indices.contains(start + index) {
        output[start + index] += 2.0 / 3 * window[index] * change[index]
      }
    }
    return output.map { Float($0) }
  }

  @Test("Muting a box is what the definition says, and leaves all else as it was, sample for sample")
  func mutedBox() {
    let samples = noise(seconds: 0.6)
    let edited = box(.mute, 0.2...0.3, 900...1300).apply(to: recording(samples)).mono
    let expected = naive(samples) { seconds, hertz in
      (0.2...0.3).contains(seconds) && (900...1300).contains(hertz) ? 0 : 1
    }
    // Samples of 0.4 at most, in single precision.
    #expect(largestDifference(edited, expected) < 1e-6)
    let (before, after) = (Int(0.2 * 8000) - size / 2, Int(0.3 * 8000) + size / 2)
    #expect(Array(edited[..<before]) == Array(samples[..<before]))
    #expect(Array(edited[after...]) == Array(samples[after...]))
  }

  @Test("A brush covers what lies within its radius of the line it was drawn along")
  func path() {
    let samples = noise(seconds: 0.5)
    let points = [SoundRegion.Point(seconds: 0.15, hertz: 600), .init(seconds: 0.35, hertz: 2400)]
    let edit = SoundEdit([.init(.mute, .path(points, seconds: 0.05, octaves: 0.5))])
    let edited = edit.apply(to: recording(samples)).mono
    let (from, to) = ((0.15 / 0.05, log2(600.0) / 0.5), (0.35 / 0.05, log2(2400.0) / 0.5))
    let expected = naive(samples) { seconds, hertz in
      let (x, y) = (seconds / 0.05, log2(max(hertz, 1)) / 0.5)
      let (along, up) = (to.0 - from.0, to.1 - from.1)
      let share = min(1, max(0, ((x - from.0) * along + (y - from.1) * up) / (along * along + up * up)))
      let (away, over) = (x - from.0 - share * along, y - from.1 - share * up)
      return away * away + over * over <= 1 ? 0 : 1
    }
    let difference = zip(edited, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let change = zip(samples, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    // Of some 700 bins, those within 0.2 % of a radius of the outline may fall to either side.
    #expect(change > 0 && difference < 0.01 * change)
  }

  @Test("What is muted and what is soloed are the sound together")
  func complement() {
    let sound = Recording(channels: [noise(seconds: 0.5), noise(seconds: 0.5, seed: 2)], sampleRate: rate)
    let region = SoundRegion.box(seconds: 0.1...0.35, hertz: 500...1500)
    let muted = SoundEdit([.init(.mute, region)]).apply(to: sound)
    let soloed = SoundEdit([.init(.solo, region)]).apply(to: sound)
    for channel in 0..<2 {
      let sum = zip(muted.channels[channel], soloed.channels[channel]).map { $0 + $1 }
      #expect(largestDifference(sum, sound.channels[channel]) < 1e-6)
    }
  }

  @Test("Later strokes win")
  func order() {
    let sound = recording(noise(seconds: 0.3))
    let all = SoundRegion.box(seconds: -1...2, hertz: 0...4000)
    let muted = SoundEdit([.init(.solo, all), .init(.mute, all)]).apply(to: sound)
    #expect(muted.peak < 1e-6)
    let soloed = SoundEdit([.init(.mute, all), .init(.solo, all)]).apply(to: sound)
    #expect(largestDifference(soloed.mono, sound.mono) < 1e-6)
  }

  @Test("A burst over steady noise is filled up to the level of the noise")
  func filled() {
    let steady = noise(seconds: 4)
    let burst = tone(1000, seconds: 4, rate: rate, amplitude: 0.5)
    let sound = recording(
      steady.indices.map { steady[$0] + ((12_000..<16_000).contains($0) ? burst[$0] : 0) })
    let filled = box(.noise, 1.3...2.2, 0...4000).apply(to: sound).mono
    func level(_ samples: ArraySlice<Float>) -> Float {
      (samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count)).squareRoot()
    }
    // A tenth of the quietest of 125 frames tells a level to some 10 %, and 4000 samples of noise theirs to 1 %.
    let (inside, outside) = (level(filled[12_000..<16_000]), level(steady[20_000..<32_000]))
    #expect(abs(inside / outside - 1) < 0.15)
    #expect(filled == box(.noise, 1.3...2.2, 0...4000).apply(to: sound).mono)
  }

  @Test("No strokes, and strokes that cover nothing, change nothing")
  func nothing() {
    let sound = recording(noise(seconds: 0.2))
    #expect(SoundEdit([]).apply(to: sound) == sound)
    let empty = SoundEdit([.init(.mute, .path([], seconds: 1, octaves: 1))])
    #expect(empty.apply(to: sound) == sound)
    let elsewhere = box(.mute, 5...6, 0...4000)
    #expect(elsewhere.apply(to: sound) == sound)
  }

  @Test("Hostile strokes end soon and give numbers", arguments: [1e-9, 1e9, .infinity, .nan])
  func hostile(number: Double) {
    let sound = recording(noise(seconds: 0.1))
    let points = (0..<4000).map { SoundRegion.Point(seconds: Double($0) * number, hertz: number) }
    let edit = SoundEdit([.init(.noise, .path(points, seconds: 1e-6, octaves: 1e-6))])
    let isFinite = edit.apply(to: sound).mono.allSatisfy { $0.isFinite }
    #expect(isFinite)
  }
}
