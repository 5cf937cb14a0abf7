import Glibc
import Fourier
import Synchronization
import Tensors

extension FrameAnalysis {
  /// `Σ gradient · ∂bands/∂samples`: frames are transformed again, their gradients turned back and overlaid.
  func pullback(_ gradient: Tensor, at samples: [Float]) -> [Float] {
    let frames = frontEnd.frameCount(samples: samples.count)
    precondition(
      gradient.shape == [frames, bank.bands],
      "a gradient of \(gradient.shape) for \(frames) frames of \(bank.bands) bands")
    let reader = FrameReader(analysis, of: frontEnd, samples: samples.count)
    let chunks = Self.chunks(of: frames)
    var sums = [Double](repeating: 0, count: samples.count)
    // Each chunk has a stretch of samples to itself, added in order, so that sums do not depend on threads.
    let lanes = max(1, ComputeThreads.count)
    for first in stride(from: 0, to: chunks.count, by: lanes) {
      let batch = chunks[first..<min(first + lanes, chunks.count)]
      let parts = Mutex([Int: [Double]]())
      concurrently(batch.count) { index in
        let part = pull(gradient, frames: batch[first + index], samples, reader)
        parts.withLock { $0[index] = part }
      }
      for index in 0..<batch.count {
        let start = reader.samples(of: batch[first + index]).lowerBound
        let part = parts.withLock { $0[index] } ?? []
        for place in part.indices { sums[start + place] += part[place] }
      }
    }
    return sums.map { Float($0) }
  }

  /// The gradient of the samples that those frames read.
  private func pull(_ gradient: Tensor, frames: Range<Int>, _ samples: [Float], _ reader: FrameReader)
    -> [Double]
  {
    let range = reader.samples(of: frames)
    var part = [Double](repeating: 0, count: range.count)
    let room = FrameRoom(analysis, plan)
    defer { withExtendedLifetime(room) {} }
    let buffers = room.buffers
    var slopes = Slopes(self)
    part.withUnsafeMutableBufferPointer { part in
      samples.withUnsafeBufferPointer { samples in
        gradient.withUnsafeValues { gradient in
          for frame in frames {
            let row = UnsafeBufferPointer(
              rebasing: gradient[frame * bank.bands..<(frame + 1) * bank.bands])
            reader.load(frame, of: samples, into: buffers.samples, room.stretch)
            plan.transform(buffers)
            slopes.ofPowers(room, gradient: row)
            for bin in 0..<plan.bins {
              // The transform back counts the bins between the first and the middle one twice.
              let isAlone = bin == 0 || 2 * bin == plan.size
              let slope = isAlone ? 2 * slopes.bins[bin] : slopes.bins[bin]
              buffers.parts[2 * bin] *= slope
              buffers.parts[2 * bin + 1] *= slope
            }
            plan.transformBack(buffers)
            reader.add(buffers.samples, of: frame, to: part, from: range.lowerBound)
            // The next frame fills the window only.
            for place in analysis.window..<plan.size { buffers.samples[place] = 0 }
          }
        }
      }
    }
    return part
  }

  /// `Σ gradient · ∂bands/∂magnitudes`, `[frames, bins]`.
  func pullback(_ gradient: Tensor, atMagnitudes magnitudes: Tensor) -> Tensor {
    let (frames, bins) = (magnitudes.shape[0], plan.bins)
    precondition(
      gradient.shape == [frames, bank.bands],
      "a gradient of \(gradient.shape) for \(frames) frames of \(bank.bands) bands")
    var slopes = Slopes(self)
    let room = FrameRoom(analysis, plan)
    defer { withExtendedLifetime(room) {} }
    return Tensor(unsafeUninitialized: [frames, bins]) { result in
      magnitudes.withUnsafeValues { magnitudes in
        gradient.withUnsafeValues { gradient in
          for frame in 0..<frames {
            let row = UnsafeBufferPointer(
              rebasing: gradient[frame * bank.bands..<(frame + 1) * bank.bands])
            for bin in 0..<bins {
              room.buffers.parts[2 * bin] = Double(magnitudes[frame * bins + bin])
            }
            slopes.ofPowers(room, gradient: row)
            for bin in 0..<bins {
              let slope = 2 * slopes.bins[bin] * Double(magnitudes[frame * bins + bin])
              result[frame * bins + bin] = Float(slope)
            }
          }
        }
      }
    }
  }

  /// The derivative of `Σ gradient · bands` of one frame with respect to the power of each bin.
  private struct Slopes {
    var bins: [Double]
    private var sums: [Float]
    private let analysis: FrameAnalysis

    init(_ analysis: FrameAnalysis) {
      self.analysis = analysis
      bins = [Double](repeating: 0, count: analysis.plan.bins)
      sums = [Float](repeating: 0, count: analysis.bank.bands)
    }

    /// - Parameter room: holds the frame's spectrum.
    mutating func ofPowers(_ room: FrameRoom, gradient: UnsafeBufferPointer<Float>) {
      let (bank, exponent, parts) = (analysis.bank, analysis.exponent, room.buffers.parts)
      room.takeEnergies(exponent: exponent)
      sums.withUnsafeMutableBufferPointer { sums in
        guard let sums = sums.baseAddress else { return }
        bank.sum(room.energies, into: sums)
      }
      for bin in bins.indices { bins[bin] = 0 }
      for band in 0..<bank.bands {
        let slope = Double(gradient[band]) * analysis.compressor.slope(at: Double(sums[band]))
        guard slope != 0 else { continue }
        let (start, first) = (bank.starts[band], bank.firstBins[band])
        for index in start..<bank.starts[band + 1] {
          bins[first + index - start] += slope * Double(bank.weights[index])
        }
      }
      // dE/dP of E = P^(exponent / 2); 0 at the kink of silence.
      guard exponent != 2 else { return }
      for bin in bins.indices {
        let power = parts[2 * bin] * parts[2 * bin] + parts[2 * bin + 1] * parts[2 * bin + 1]
        if power > 0 {
          bins[bin] *=
            exponent == 1 ? 0.5 / power.squareRoot() : exponent / 2 * pow(power, exponent / 2 - 1)
        } else {
          bins[bin] = 0
        }
      }
    }
  }
}
