public import Tensors

extension FrontEnd {
  /// The compressed mel spectrogram of mono samples at `sampleRate`, `[frames, bands]`, after the tail rule's padding.
  ///
  /// `compression(Σ_k weight[b, k] |Σ_i w[i] x[t·hop + i] e^(−2πi ki/fft)|^p)`, with `p` 1 or 2. In single precision;
  /// agrees with double precision to about 1e-6 of the loudest band of a frame.
  public func logMel(_ samples: [Float]) -> Tensor {
    let analysis = FrameAnalysis(self)
    return analysis.run(samples, width: mel.bands, analysis.writeBands)
  }

  /// The linear magnitude spectrogram that `logMel` sums, `|X|` whatever `spectrum` is: `[frames, fft / 2 + 1]`.
  public func magnitudes(_ samples: [Float]) -> Tensor {
    let analysis = FrameAnalysis(self)
    return analysis.run(samples, width: bins, analysis.writeMagnitudes)
  }

  /// The bins of the transform, from 0 Hz to half the sample rate.
  public var bins: Int { fft / 2 + 1 }

  /// The frequency of each bin of the transform, in hertz.
  public var binHertz: [Double] { (0..<bins).map { Double($0) * Double(sampleRate) / Double(fft) } }

  /// The weights of the samples that a frame transforms, `[fft]`: the window, then zeros.
  public var frameWeights: Tensor {
    Tensor([fft], hannWindow(window) + [Float](repeating: 0, count: fft - window))
  }

  /// The sample with which frame 0's window begins: before the first where frames are centred.
  ///
  /// librosa centres the window within the transform, and the transform on the sample.
  public var firstSample: Int { framing == .centred ? (fft - window) / 2 - fft / 2 : 0 }
}

/// What every frame of a front end needs, looked up once.
private struct FrameAnalysis {
  let frontEnd: FrontEnd
  let plan: FourierPlan
  let bank: FilterBank
  let window: [Float]

  /// Makes one frame's result of its spectrum: real and imaginary parts, then room for as many energies as bins.
  typealias Writing =
    @Sendable (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutableBufferPointer<Float>
    ) -> Void

  init(_ frontEnd: FrontEnd) {
    self.frontEnd = frontEnd
    plan = .shared(frontEnd.fft)
    bank = .shared(for: frontEnd)
    window = hannWindow(frontEnd.window)
  }

  /// What `write` makes of each frame, `[frames, width]`, computed on several threads.
  func run(_ samples: [Float], width: Int, _ write: @escaping Writing) -> Tensor {
    let frames = frontEnd.frameCount(samples: samples.count)
    return Tensor(unsafeUninitialized: [frames, width]) { output in
      samples.withUnsafeBufferPointer { samples in
        // Read by all threads; written in ranges that do not overlap.
        nonisolated(unsafe) let (samples, output) = (samples, output)
        // Enough chunks that two threads share them evenly, few enough that their buffers cost nothing.
        let chunk = max(32, frames / 64)
        concurrently((frames + chunk - 1) / chunk) { index in
          let range = index * chunk..<min((index + 1) * chunk, frames)
          run(samples, frames: range, width: width, into: output, write)
        }
      }
    }
  }

  private func run(
    _ samples: UnsafeBufferPointer<Float>, frames: Range<Int>, width: Int,
    into output: UnsafeMutableBufferPointer<Float>, _ write: Writing
  ) {
    let buffers = FourierBuffers(plan.size)
    defer { withExtendedLifetime(buffers) {} }
    let energies = UnsafeMutablePointer<Float>.allocate(capacity: plan.bins)
    defer { energies.deallocate() }
    window.withUnsafeBufferPointer { window in
      for frame in frames {
        load(samples, at: frontEnd.firstSample + frame * frontEnd.hop, window, into: buffers.samples)
        plan.transform(buffers)
        let target = UnsafeMutableBufferPointer(rebasing: output[frame * width..<(frame + 1) * width])
        write(buffers.parts, energies, target)
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

  @Sendable func writeBands(
    _ parts: UnsafeMutablePointer<Float>, _ energies: UnsafeMutablePointer<Float>,
    _ target: UnsafeMutableBufferPointer<Float>
  ) {
    switch frontEnd.spectrum {
    case .power: for bin in 0..<plan.bins { energies[bin] = power(parts, bin) }
    case .magnitude: for bin in 0..<plan.bins { energies[bin] = power(parts, bin).squareRoot() }
    }
    sumBands(energies, into: target)
  }

  @Sendable func writeMagnitudes(
    _ parts: UnsafeMutablePointer<Float>, _ energies: UnsafeMutablePointer<Float>,
    _ target: UnsafeMutableBufferPointer<Float>
  ) {
    for bin in 0..<plan.bins { target[bin] = power(parts, bin).squareRoot() }
  }

  @inline(__always)
  private func power(_ parts: UnsafeMutablePointer<Float>, _ bin: Int) -> Float {
    parts[2 * bin] * parts[2 * bin] + parts[2 * bin + 1] * parts[2 * bin + 1]
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
