import Fourier

/// One channel filtered by a mask's gain, by streaming overlap-add: four frames in memory at a time.
///
/// With a periodic Hann window `w` of `N` samples every `N/4`, `Σ w²` over the frames that cover a sample is 3/2, so
/// `y[n] = (2/3) Σ_t w[n − tN/4] · IFFT(G_t · FFT(w · x))[n − tN/4]` returns `x` itself where every gain is 1.
struct SpectralGain {
  private let mask: SoundMask
  /// Where each bin of the transform lies between the mask's bands.
  private let places: [[SoundMask.Place]]
  private let plan: RealFourierPlan
  private let window: [Float]
  private let sampleRate: Int

  /// - Parameter channel: of the sound.
  init(_ mask: SoundMask, channel: Int, sampleRate: Int) {
    (self.mask, self.sampleRate) = (mask, sampleRate)
    let size = Self.size(for: mask.axes.window, sampleRate: sampleRate)
    plan = .shared(size)
    window = hannWindow(size)
    places = (0...size / 2).map {
      mask.places(ofHertz: Double($0) * Double(sampleRate) / Double(size), channel: channel)
    }
  }

  /// The first power of two that is, in seconds, no shorter than the picture's window; at least 64.
  static func size(for seconds: Double, sampleRate: Int) -> Int {
    var size = 64
    // A window of whole samples at another rate may come out a rounding error longer.
    while Double(size) < seconds * Double(sampleRate) * (1 - 1e-9), size < 1 << 20 { size *= 2 }
    return size
  }

  func apply(to samples: [Float]) -> [Float] {
    let size = plan.size
    let hop = size / 4
    let buffers = RealFourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    var output = [Float](repeating: 0, count: samples.count)
    var row = [Float](repeating: 0, count: mask.width)
    let scale = 2 / (3 * Double(size))
    // The first and last samples, too, lie under four windows.
    for start in stride(from: hop - size, to: samples.count, by: hop) {
      for index in 0..<size {
        let place = start + index
        buffers.samples[index] = samples.indices.contains(place) ? Double(samples[place] * window[index]) : 0
      }
      plan.transform(buffers)
      mask.fill(&row, at: (Double(start) + Double(size) / 2) / Double(sampleRate))
      for bin in places.indices {
        let gain = Double(places[bin].gain(row))
        buffers.parts[2 * bin] *= gain
        buffers.parts[2 * bin + 1] *= gain
      }
      plan.transformBack(buffers)
      for index in max(0, -start)..<max(max(0, -start), min(size, samples.count - start)) {
        output[start + index] += Float(buffers.samples[index] * Double(window[index]) * scale)
      }
    }
    return output
  }
}
