import Fourier
import Glibc
public import Tensors

/// A sound as the magnitudes of its STFT, its phases held: what a sound is a function of, where the network has no picture.
///
/// `x̂(M)[n] = Σ_t w[n − t·hop] · IFFT(M_t · e^{iφ_t})[n − t·hop] / Σ_t w²[n − t·hop]`, with a periodic Hann window `w` of a power
/// of two samples, at least 40 ms, at 75 % overlap, frames centred on `t · hop` with zeros around, and `φ` the phases of the
/// sound. It is linear in `M` and gives the sound back for its own magnitudes, so a gradient with respect to `M` is that
/// with respect to the samples, sent through the same transform: the inspection layer of Vielhaben et al., *Explainable AI
/// for time series via virtual inspection layers*, Pattern Recognition 2024, in polar coordinates. Times the magnitude,
/// `∂/∂M` is their sum of `∂/∂Re · Re` and `∂/∂Im · Im`, one relevance for each place in time and frequency.
public struct PhasedSpectrum: Sendable {
  /// Points of a transform.
  public let size: Int
  /// From one frame to the next, in samples.
  public let hop: Int
  /// How many samples the sound has.
  public let count: Int
  public let sampleRate: Int
  /// `[frames, bins]`
  public let magnitudes: Tensor
  /// `cos φ` and `sin φ`, `[frames, bins, 2]`.
  private let phases: [Float]
  private let window: [Float]
  /// What the window is divided by at each sample: `Σ_t w²`.
  private let weights: [Float]

  public var frames: Int { magnitudes.shape[0] }
  public var bins: Int { size / 2 + 1 }

  public init(_ samples: [Float], sampleRate: Int) {
    let size = Self.size(sampleRate: sampleRate)
    let spectrum = Spectrogram(samples, size: size, hop: size / 4)
    (self.size, hop, count, self.sampleRate) = (size, size / 4, samples.count, sampleRate)
    window = hannWindow(size)
    var phases = spectrum.parts.values
    magnitudes = spectrum.magnitudes
    for (place, magnitude) in magnitudes.values.enumerated() {
      // Where nothing sounds, any phase will do.
      phases[2 * place] = magnitude > 0 ? phases[2 * place] / magnitude : 1
      phases[2 * place + 1] = magnitude > 0 ? phases[2 * place + 1] / magnitude : 0
    }
    self.phases = phases
    var weights = [Float](repeating: 0, count: samples.count)
    for frame in 0..<spectrum.frames {
      let start = frame * hop - size / 2
      for index in max(0, -start)..<max(max(0, -start), min(size, samples.count - start)) {
        weights[start + index] += window[index] * window[index]
      }
    }
    self.weights = weights
  }

  /// The first power of two of 40 ms or more.
  public static func size(sampleRate: Int) -> Int {
    var size = 64
    while size * 25 < sampleRate { size *= 2 }
    return size
  }

  /// Where the bins lie.
  public static func axes(sampleRate: Int) -> PictureAxes {
    let size = size(sampleRate: sampleRate)
    let rate = Double(sampleRate)
    return PictureAxes(
      start: 0, hop: Double(size / 4) / rate, window: Double(size) / rate,
      panels: [PictureAxes.Panel(PictureAxes.Band.linear(count: size / 2 + 1, highest: rate / 2))])
  }

  /// How many frames so many samples have.
  public static func frames(samples: Int, sampleRate: Int) -> Int {
    1 + samples / (size(sampleRate: sampleRate) / 4)
  }

  /// The sounds of these magnitudes, `[rows, frames, bins]`, with the phases of this one: `[rows, samples]`.
  public func sounds(of magnitudes: Tensor) -> Tensor {
    precondition(
      magnitudes.shape.rank == 3 && magnitudes.shape[1] == frames && magnitudes.shape[2] == bins,
      "magnitudes of \(magnitudes.shape), not of [rows, \(frames), \(bins)]")
    let (rows, width) = (magnitudes.shape[0], frames * bins)
    var result = Tensor([rows, count])
    result.withUnsafeMutableValues { result in
      magnitudes.withUnsafeValues { magnitudes in
        // Rows do not overlap.
        nonisolated(unsafe) let (result, magnitudes) = (result, magnitudes)
        concurrently(rows) { row in
          addSound(
            magnitudes.baseAddress.map { $0 + row * width }, to: result.baseAddress.map { $0 + row * count })
        }
      }
    }
    return result
  }

  private func addSound(_ magnitudes: UnsafePointer<Float>?, to sound: UnsafeMutablePointer<Float>?) {
    guard let magnitudes, let sound else { return }
    let plan = RealFourierPlan.shared(size)
    let buffers = RealFourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    for frame in 0..<frames {
      for bin in 0..<bins {
        let place = frame * bins + bin
        buffers.parts[2 * bin] = Double(magnitudes[place] * phases[2 * place])
        buffers.parts[2 * bin + 1] = Double(magnitudes[place] * phases[2 * place + 1])
      }
      plan.transformBack(buffers)
      let start = frame * hop - size / 2
      for index in range(of: frame) {
        sound[start + index] += Float(buffers.samples[index] / Double(size)) * window[index]
      }
    }
    for place in 0..<count where weights[place] > .leastNormalMagnitude { sound[place] /= weights[place] }
  }

  /// The places of a frame's window that lie within the sound.
  private func range(of frame: Int) -> Range<Int> {
    let start = frame * hop - size / 2
    let first = max(0, -start)
    return first..<max(first, min(size, count - start))
  }

  /// Gradients with respect to the magnitudes, `[rows, frames, bins]`, from those with respect to the samples,
  /// `[rows, samples]`: `∂/∂M[t, k] = (c_k / N) · Re(e^{iφ} · conj(FFT(w · g / Σ w²)[k]))`, with `c_k` 1 for the first and the
  /// middle bin and 2 for the others, which stand for their mirror images, too.
  public func pullback(_ gradients: Tensor) -> Tensor {
    precondition(
      gradients.shape.rank == 2 && gradients.shape[1] == count,
      "gradients of \(gradients.shape), not of [rows, \(count)]")
    let (rows, width) = (gradients.shape[0], frames * bins)
    return Tensor(unsafeUninitialized: [rows, frames, bins]) { result in
      gradients.withUnsafeValues { gradients in
        nonisolated(unsafe) let (result, gradients) = (result, gradients)
        concurrently(rows) { row in
          pull(
            gradients.baseAddress.map { $0 + row * count }, to: result.baseAddress.map { $0 + row * width })
        }
      }
    }
  }

  private func pull(_ gradient: UnsafePointer<Float>?, to result: UnsafeMutablePointer<Float>?) {
    guard let result else { return }
    let plan = RealFourierPlan.shared(size)
    let buffers = RealFourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    for frame in 0..<frames {
      let start = frame * hop - size / 2
      for index in 0..<size { buffers.samples[index] = 0 }
      for index in range(of: frame) {
        let weight = weights[start + index]
        guard let gradient, weight > .leastNormalMagnitude else { continue }
        buffers.samples[index] = Double(gradient[start + index] * window[index] / weight)
      }
      plan.transform(buffers)
      for bin in 0..<bins {
        let place = frame * bins + bin
        let share = bin == 0 || 2 * bin == size ? 1.0 : 2.0
        let along =
          Double(phases[2 * place]) * buffers.parts[2 * bin]
          + Double(phases[2 * place + 1]) * buffers.parts[2 * bin + 1]
        result[place] = Float(share / Double(size) * along)
      }
    }
  }
}
