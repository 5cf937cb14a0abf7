import Audio
import Glibc
import Tensors
import Testing

struct SoundMaskTests {
  private let frontEnd = FrontEnd.yamnet

  private func mask(_ seconds: Double, _ value: (_ frame: Int, _ hertz: Double) -> Float) -> Tensor {
    let frames = frontEnd.frameCount(samples: Int(seconds * 16000))
    let centres = frontEnd.bandCentres
    return Tensor([frames, 64], (0..<frames).flatMap { frame in centres.map { value(frame, $0) } })
  }

  /// 200 to 4000 Hz, fading in and out, so that nothing of it lies beyond the front end's range.
  private func bandLimited(rate: Int, amplitude: Double = 0.2) -> [Float] {
    let parts = [400.0, 1234, 4000].map { tone($0, seconds: 2, rate: rate, amplitude: amplitude) }
    let count = parts[0].count
    return (0..<count).map { index in
      let edge = min(1, Float(min(index, count - 1 - index)) / Float(rate / 4))
      return (parts[0][index] + parts[1][index] + parts[2][index]) * edge * edge * (3 - 2 * edge)
    }
  }

  @Test("A mask of ones hears all within the front end's range", arguments: [16000, 44100])
  func ones(rate: Int) {
    let sound = Recording(channels: [bandLimited(rate: rate)], sampleRate: rate)
    let (heard, ignored) = heardAndIgnored(sound, mask: mask(2) { _, _ in 1 }, frontEnd: frontEnd)
    #expect(heard.frames == sound.frames && heard.sampleRate == rate)
    // What the fade and the window leak beyond 125 and 7500 Hz is 60 dB down.
    #expect(largestDifference(heard.mono, sound.mono) < 1e-3)
    #expect(ignored.peak < 1e-3)
  }

  @Test("A mask of zeros hears nothing")
  func zeros() {
    let sound = Recording(channels: [bandLimited(rate: 16000)], sampleRate: 16000)
    let (heard, ignored) = heardAndIgnored(sound, mask: mask(2) { _, _ in 0 }, frontEnd: frontEnd)
    #expect(heard.peak == 0)
    #expect(ignored == sound)
  }

  @Test("A front end that covers everything gives the clip itself back, to rounding")
  func perfectReconstruction() throws {
    let noise = testSignal(30000, rate: 16000)
    let whole = FrontEnd.musicnn
    let ones = Tensor([whole.frameCount(samples: noise.count), 96], repeating: 1)
    for samples in [noise, Array(noise.prefix(1)), Array(noise.prefix(700)), []] {
      let (heard, _) = heardAndIgnored(
        Recording(channels: [samples], sampleRate: 16000), mask: ones, frontEnd: whole)
      #expect(largestDifference(heard.mono, samples) < 1e-6)
    }
  }

  @Test("Heard and ignored add up to the clip, on every channel")
  func sum() {
    let left = testSignal(60000, rate: 44100)
    let sound = Recording(channels: [left, left.reversed()], sampleRate: 44100)
    let patchwork = mask(60000 / 44100) { frame, hertz in Float((frame * 7 + Int(hertz)) % 11) / 10 }
    let (heard, ignored) = heardAndIgnored(sound, mask: patchwork, frontEnd: frontEnd)
    for channel in 0..<2 {
      let added = zip(heard.channels[channel], ignored.channels[channel]).map { $0 + $1 }
      #expect(largestDifference(added, sound.channels[channel]) < 1e-5)
    }
    #expect(heard.peak > 0.05 && ignored.peak > 0.05)
  }

  @Test("A tone in the masked band stays, one outside it goes; so in time")
  func selects() {
    let low = tone(500, seconds: 2, rate: 44100, amplitude: 0.4)
    let high = tone(5000, seconds: 2, rate: 44100, amplitude: 0.4)
    let sound = Recording(channels: [zip(low, high).map { $0 + $1 }], sampleRate: 44100)
    let lowBands = heardAndIgnored(
      sound, mask: mask(2) { _, hertz in hertz < 1500 ? 1 : 0 }, frontEnd: frontEnd)
    // Away from the ends, where a tone begins with a click of all frequencies.
    let inner = 4000..<low.count - 4000
    #expect(largestDifference(Array(lowBands.heard.mono[inner]), Array(low[inner])) < 1e-3)
    #expect(largestDifference(Array(lowBands.ignored.mono[inner]), Array(high[inner])) < 1e-3)

    let firstHalf = heardAndIgnored(
      sound, mask: mask(2) { frame, _ in frame < 100 ? 1 : 0 }, frontEnd: frontEnd)
    let (before, after) = (firstHalf.heard.mono[4000..<40000], firstHalf.heard.mono[48000..<84000])
    #expect(energy(after) < 1e-8 * energy(before))
  }

  @Test("Never above full scale, and both by the same factor")
  func fullScale() {
    let loud = Recording(channels: [bandLimited(rate: 16000, amplitude: 0.9)], sampleRate: 16000)
    #expect(loud.peak > 1)
    let (heard, ignored) = heardAndIgnored(
      loud, mask: mask(2) { _, hertz in hertz < 3000 ? 1 : 0.25 }, frontEnd: frontEnd)
    #expect(heard.peak <= 1 && heard.peak > 0.9999 && ignored.peak <= 1)
    let added = zip(heard.mono, ignored.mono).map { $0 + $1 }
    let factor = added[5000] / loud.mono[5000]
    #expect(factor < 1)
    #expect(largestDifference(added, loud.mono.map { $0 * factor }) < 1e-5)
    #expect(throws: Never.self) { try wavBytes(of: heard) }
  }

  @Test("The gain follows the mask in time and frequency, continuously, and is 0 outside the range")
  func gain() {
    let slope = SoundMask(mask(2) { frame, _ in Float(frame) / 250 }, frontEnd: frontEnd)
    #expect(abs(slope.gain(at: frontEnd.frameTime(50), hertz: 1000) - 0.2) < 1e-6)
    #expect(abs(slope.gain(at: frontEnd.frameTime(50.5), hertz: 1000) - 0.202) < 1e-6)
    #expect(slope.gain(at: -1, hertz: 1000) == 0)
    #expect(slope.gain(at: 1, hertz: 124) == 0 && slope.gain(at: 1, hertz: 7501) == 0)

    let centres = frontEnd.bandCentres
    let steps = SoundMask(mask(2) { _, hertz in hertz < 1000 ? 0 : 1 }, frontEnd: frontEnd)
    let first = centres.firstIndex { $0 >= 1000 } ?? 0
    #expect(steps.gain(at: 1, hertz: centres[first]) > 0.999_99)
    #expect(steps.gain(at: 1, hertz: centres[first - 1]) < 1e-5)
    var last: Float = 0
    for hertz in stride(from: 130.0, to: 7490, by: 1) {
      let gain = steps.gain(at: 1, hertz: hertz)
      #expect(abs(gain - last) < 0.05)
      last = gain
    }
    let wild = SoundMask(Tensor([1, 64], repeating: .nan), frontEnd: frontEnd)
    #expect(wild.gain(at: 0, hertz: 1000) == 0)
  }

  @Test("A mask on the transform's bins keeps what lies in them")
  func linear() {
    let (low, high) = (tone(500, seconds: 1, rate: 16000), tone(3000, seconds: 1, rate: 16000))
    let sound = Recording(channels: [zip(low, high).map { $0 + $1 }], sampleRate: 16000)
    let frames = frontEnd.frameCount(samples: 16000)
    let mask = Tensor(
      [frames, frontEnd.bins], (0..<frames).flatMap { _ in frontEnd.binHertz.map { $0 < 1500 ? 1 : 0 } })
    let (heard, ignored) = SoundMask(linear: mask, frontEnd: frontEnd).split(sound)
    // Inside, where no window reaches over the ends.
    for place in 2000..<14000 {
      #expect(abs(heard.mono[place] - low[place]) < 1e-3 && abs(ignored.mono[place] - high[place]) < 1e-3)
    }
    #expect(SoundMask(linear: mask, frontEnd: frontEnd).gain(at: 0.5, hertz: 9000) == 0)
  }

  @Test("A gain over time is smooth, and what it leaves is the rest")
  func time() {
    let gains = (0..<96).map { Float($0 / 8 % 2) }
    let mask = TimeMask(gains + [.nan, 7], axes: frontEnd.axes)
    #expect(mask.gain(at: 100) == 1 && mask.gain(at: -1) == 0)
    let sound = Recording(
      channels: [testSignal(44100, rate: 44100), testSignal(44100, rate: 44100).reversed()], sampleRate: 44100
    )
    let (heard, ignored) = mask.split(sound)
    let ones = Recording(channels: [[Float](repeating: 1, count: 44100)], sampleRate: 44100)
    let steps = mask.split(ones).heard.mono
    // From 0 to 1 in a hop of 10 ms: 441 steps.
    #expect(zip(steps, steps.dropFirst()).allSatisfy { abs($0 - $1) < 1.01 / 441 })
    for channel in 0..<2 {
      let whole = zip(heard.channels[channel], ignored.channels[channel]).map { $0 + $1 }
      #expect(largestDifference(whole, sound.channels[channel]) < 1e-6)
    }
  }

  @Test("The magnitudes are what the bands sum")
  func magnitudes() {
    let samples = testSignal(9000, rate: 16000)
    let (magnitudes, weights) = (frontEnd.magnitudes(samples), frontEnd.melWeights)
    let logMel = frontEnd.logMel(samples)
    #expect(magnitudes.shape == [frontEnd.frameCount(samples: 9000), 257])
    #expect(frontEnd.binHertz.last == 8000)
    for (frame, band) in [(0, 0), (7, 13), (95, 63)] {
      let energy = (0..<257).reduce(0) { $0 + weights[band, $1] * magnitudes[frame, $1] }
      #expect(abs(log(Double(energy) + 0.001) - Double(logMel[frame, band])) < 1e-4)
    }
  }
}
