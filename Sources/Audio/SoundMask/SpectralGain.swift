/// One channel filtered by a mask's gain, by streaming overlap-add: four frames in memory at a time.
///
/// With a periodic Hann window `w` of `N` samples every `N/4`, `Σ w²` over the frames that cover a sample is 3/2, so
/// `y[n] = (2/3) Σ_t w[n − tN/4] · IFFT(G_t · FFT(w · x))[n − tN/4]` returns `x` itself where every gain is 1.
struct SpectralGain {
  private let mask: SoundMask
  private let places: [SoundMask.Place?]
  private let plan: FourierPlan
  private let window: [Float]
  private let sampleRate: Int

  init(_ mask: SoundMask, _ places: [SoundMask.Place?], sampleRate: Int) {
    (self.mask, self.places, self.sampleRate) = (mask, places, sampleRate)
    plan = .shared(Self.size(of: mask.frontEnd, sampleRate: sampleRate))
    window = hannWindow(plan.size)
  }

  /// Where each bin of the transform lies between the mask's bands.
  static func places(of mask: SoundMask, sampleRate: Int) -> [SoundMask.Place?] {
    let size = size(of: mask.frontEnd, sampleRate: sampleRate)
    return (0...size / 2).map { mask.place(ofHertz: Double($0) * Double(sampleRate) / Double(size)) }
  }

  /// The first power of two that is, in seconds, no shorter than the front end's window; at least 64.
  static func size(of frontEnd: FrontEnd, sampleRate: Int) -> Int {
    var size = 64
    while size * frontEnd.sampleRate < frontEnd.window * sampleRate { size *= 2 }
    return size
  }

  func apply(to samples: [Float]) -> [Float] {
    let size = plan.size
    let hop = size / 4
    let buffers = FourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    var output = [Float](repeating: 0, count: samples.count)
    var row = [Float](repeating: 0, count: mask.width)
    let scale = 2 / (3 * Float(size))
    // The first and last samples, too, lie under four windows.
    for start in stride(from: hop - size, to: samples.count, by: hop) {
      for index in 0..<size {
        let place = start + index
        buffers.samples[index] = samples.indices.contains(place) ? samples[place] * window[index] : 0
      }
      plan.transform(buffers)
      mask.fill(&row, at: (Double(start) + Double(size) / 2) / Double(sampleRate))
      for bin in places.indices {
        let gain = places[bin].map { $0.gain(row) } ?? 0
        buffers.parts[2 * bin] *= gain
        buffers.parts[2 * bin + 1] *= gain
      }
      plan.transformBack(buffers)
      for index in max(0, -start)..<max(max(0, -start), min(size, samples.count - start)) {
        output[start + index] += buffers.samples[index] * window[index] * scale
      }
    }
    return output
  }
}
