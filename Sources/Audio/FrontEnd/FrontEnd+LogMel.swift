import Dispatch
public import Tensors

extension FrontEnd {
  /// The compressed mel spectrogram of mono samples at `sampleRate`, `[frames, bands]`, after the tail rule's padding.
  ///
  /// `compression(Σ_k weight[b, k] |Σ_i w[i] x[t·hop + i] e^(−2πi ki/fft)|^p)`, with `p` 1 or 2. In single precision;
  /// agrees with double precision to about 1e-6 of the loudest band of a frame.
  public func logMel(_ samples: [Float]) -> Tensor {
    let frames = frameCount(samples: samples.count)
    let analysis = FrameAnalysis(self)
    let bands = mel.bands
    return Tensor(unsafeUninitialized: [frames, bands]) { output in
      samples.withUnsafeBufferPointer { samples in
        // Read by all threads; written in ranges that do not overlap.
        nonisolated(unsafe) let (samples, output) = (samples, output)
        // Enough chunks that two threads share them evenly, few enough that their buffers cost nothing.
        let chunk = max(32, frames / 64)
        DispatchQueue.concurrentPerform(iterations: (frames + chunk - 1) / chunk) { index in
          let range = index * chunk..<min((index + 1) * chunk, frames)
          analysis.run(samples, frames: range, into: output)
        }
      }
    }
  }
}

/// What every frame of a front end needs, looked up once.
private struct FrameAnalysis {
  let frontEnd: FrontEnd
  let plan: FourierPlan
  let bank: FilterBank
  let window: [Float]
  /// Where frame 0's window begins: before the first sample where frames are centred.
  let origin: Int

  init(_ frontEnd: FrontEnd) {
    self.frontEnd = frontEnd
    plan = .shared(frontEnd.fft)
    bank = .shared(for: frontEnd)
    window = hannWindow(frontEnd.window)
    // librosa centres the window within the transform, and the transform on the sample.
    origin = frontEnd.framing == .centred ? (frontEnd.fft - frontEnd.window) / 2 - frontEnd.fft / 2 : 0
  }

  func run(
    _ samples: UnsafeBufferPointer<Float>, frames: Range<Int>, into output: UnsafeMutableBufferPointer<Float>
  ) {
    let buffers = FourierBuffers(plan.size)
    defer { withExtendedLifetime(buffers) {} }
    let energies = UnsafeMutablePointer<Float>.allocate(capacity: plan.bins)
    defer { energies.deallocate() }
    window.withUnsafeBufferPointer { window in
      for frame in frames {
        load(samples, at: origin + frame * frontEnd.hop, window, into: buffers.samples)
        plan.transform(buffers)
        measure(buffers.parts, into: energies)
        let target = UnsafeMutableBufferPointer(
          rebasing: output[frame * bank.bands..<(frame + 1) * bank.bands])
        sumBands(energies, into: target)
      }
    }
  }

  /// The windowed samples from `start` on; beyond the ends lies silence.
  private func load(
    _ samples: UnsafeBufferPointer<Float>, at start: Int, _ window: UnsafeBufferPointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    let low = min(max(0, -start), window.count)
    let high = max(low, min(window.count, samples.count - start))
    for index in 0..<low { target[index] = 0 }
    for index in low..<high { target[index] = samples[start + index] * window[index] }
    for index in high..<window.count { target[index] = 0 }
  }

  private func measure(_ parts: UnsafeMutablePointer<Float>, into energies: UnsafeMutablePointer<Float>) {
    switch frontEnd.spectrum {
    case .power:
      for bin in 0..<plan.bins {
        energies[bin] = parts[2 * bin] * parts[2 * bin] + parts[2 * bin + 1] * parts[2 * bin + 1]
      }
    case .magnitude:
      for bin in 0..<plan.bins {
        energies[bin] =
          (parts[2 * bin] * parts[2 * bin] + parts[2 * bin + 1] * parts[2 * bin + 1]).squareRoot()
      }
    }
  }

  private func sumBands(
    _ energies: UnsafeMutablePointer<Float>, into target: UnsafeMutableBufferPointer<Float>
  ) {
    bank.weights.withUnsafeBufferPointer { weights in
      for band in 0..<bank.bands {
        let start = bank.starts[band]
        let shift = bank.firstBins[band] - start
        var sum: Float = 0
        for index in start..<bank.starts[band + 1] { sum += weights[index] * energies[index + shift] }
        target[band] = frontEnd.compression(of: sum)
      }
    }
  }
}
