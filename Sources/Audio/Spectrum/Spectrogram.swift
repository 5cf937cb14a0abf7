import Fourier

/// A sound's complex spectrum, frame by frame, and the way back.
///
/// `X[t, k] = Σ_n w[n] x[t·hop + n − size/2] e^(−2πi kn/size)`, with a periodic Hann window `w`, zeros before the first
/// sample and after the last, and `1 + ⌊samples / hop⌋` frames: `librosa.stft` (`center=True`, `pad_mode="constant"`).
struct Spectrogram {
  let size: Int
  let hop: Int
  let frames: Int
  /// Real and imaginary parts, `[frames, bins, 2]`.
  private(set) var parts: [Float]

  var bins: Int { size / 2 + 1 }

  init(_ samples: [Float], size: Int = 2048, hop: Int = 512) {
    (self.size, self.hop) = (size, hop)
    let frames = 1 + samples.count / hop
    self.frames = frames
    let plan = RealFourierPlan.shared(size)
    let window = hannWindow(size)
    let buffers = RealFourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    let width = 2 * plan.bins
    parts = [Float](unsafeUninitializedCapacity: frames * width) { parts, count in
      for frame in 0..<frames {
        let start = frame * hop - size / 2
        for index in 0..<size {
          let place = start + index
          buffers.samples[index] =
            place >= 0 && place < samples.count ? Double(samples[place] * window[index]) : 0
        }
        plan.transform(buffers)
        for index in 0..<width {
          parts.initializeElement(at: frame * width + index, to: Float(buffers.parts[index]))
        }
      }
      count = frames * width
    }
  }

  /// `|X|`, `[frames, bins]`.
  var magnitudes: [Float] {
    (0..<frames * bins).map { place in
      let (real, imaginary) = (parts[2 * place], parts[2 * place + 1])
      return (real * real + imaginary * imaginary).squareRoot()
    }
  }

  /// The same times a gain, `[frames, bins]`.
  func scaled(by gain: [Float]) -> Spectrogram {
    var result = self
    for (place, gain) in gain.enumerated() {
      result.parts[2 * place] *= gain
      result.parts[2 * place + 1] *= gain
    }
    return result
  }

  /// The sound of that many samples whose frames come nearest: frames weighted by the window once more, added up, and
  /// divided by the sum of the squared windows, where there is one. `librosa.istft`.
  func samples(count: Int) -> [Float] {
    let plan = RealFourierPlan.shared(size)
    let window = hannWindow(size)
    let buffers = RealFourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    var sums = [Float](repeating: 0, count: count)
    var weights = sums
    for frame in 0..<frames {
      for index in 0..<2 * bins { buffers.parts[index] = Double(parts[frame * 2 * bins + index]) }
      plan.transformBack(buffers)
      let start = frame * hop - size / 2
      for index in max(0, -start)..<max(max(0, -start), min(size, count - start)) {
        sums[start + index] += Float(buffers.samples[index] / Double(size)) * window[index]
        weights[start + index] += window[index] * window[index]
      }
    }
    for place in sums.indices where weights[place] > .leastNormalMagnitude { sums[place] /= weights[place] }
    return sums
  }
}
