public import Tensors

/// What of a magnitude spectrogram sounds on and what strikes.
///
/// `h` is the median of 31 frames of a bin and `p` the median of 31 bins of a frame, mirrored at the ends; the harmonic part
/// keeps `h² / (h² + p²)` of each bin, half where both are nothing, and the percussive part the rest. Fitzgerald, DAFx 2010;
/// `librosa.decompose.hpss` with its kernel of 31, power 2, margin 1. Medians run on several threads.
public struct HarmonicPercussive: Sendable {
  /// `[frames, bins]`
  public let magnitudes: Tensor
  /// How much of each bin is harmonic, in 0...1, `[frames, bins]`.
  public let harmonicGain: Tensor

  /// - Parameters:
  ///   - magnitudes: `[frames, bins]`, not negative.
  ///   - kernel: how many places a median is of; odd.
  public init(ofMagnitudes magnitudes: Tensor, kernel: Int = 31) {
    precondition(magnitudes.shape.rank == 2, "the parts of \(magnitudes.shape), not of [frames, bins]")
    let (frames, bins) = (magnitudes.shape[0], magnitudes.shape[1])
    self.magnitudes = magnitudes
    var gain = magnitudes
    gain.withUnsafeMutableValues { gain in
      magnitudes.withUnsafeValues { magnitudes in
        // Read by all threads; written in columns, then in rows that do not overlap.
        nonisolated(unsafe) let (gain, magnitudes) = (gain, magnitudes)
        let columns = 16
        concurrently((bins + columns - 1) / columns) { block in
          var filter = MedianFilter(length: kernel)
          for bin in block * columns..<min((block + 1) * columns, bins) {
            filter.run(magnitudes, into: gain, from: bin, step: bins, count: frames)
          }
        }
        let chunks = FrameAnalysis.chunks(of: frames)
        concurrently(chunks.count) { chunk in
          var filter = MedianFilter(length: kernel)
          var percussive = [Float](repeating: 0, count: bins)
          percussive.withUnsafeMutableBufferPointer { percussive in
            for frame in chunks[chunk] {
              let row = frame * bins..<(frame + 1) * bins
              filter.run(
                UnsafeBufferPointer(rebasing: magnitudes[row]), into: percussive, from: 0, step: 1,
                count: bins)
              for bin in 0..<bins {
                gain[row.lowerBound + bin] = Self.share(gain[row.lowerBound + bin], percussive[bin])
              }
            }
          }
        }
      }
    }
    harmonicGain = gain
  }

  /// Divided by the larger first, as librosa does, so that squares neither vanish nor overflow.
  private static func share(_ harmonic: Float, _ percussive: Float) -> Float {
    let larger = max(harmonic, percussive)
    guard larger >= .leastNormalMagnitude else { return 0.5 }
    let (h, p) = (harmonic / larger, percussive / larger)
    return h * h / (h * h + p * p)
  }

  /// The magnitudes that sound on, `[frames, bins]`.
  public var harmonic: Tensor { magnitudes.withGain(harmonicGain) { $0 } }

  /// The magnitudes that strike, `[frames, bins]`.
  public var percussive: Tensor { magnitudes.withGain(harmonicGain) { 1 - $0 } }

  /// The harmonic part's share of the energy of both, in 0...1, of those frames; nil where there is none.
  func harmonicShare(frames: Range<Int>) -> Double? {
    let bins = magnitudes.shape[1]
    var (harmonic, percussive) = (0.0, 0.0)
    magnitudes.withUnsafeValues { magnitudes in
      harmonicGain.withUnsafeValues { gain in
        for frame in frames {
          // Single precision is enough within a frame.
          var (h, p): (Float, Float) = (0, 0)
          for place in frame * bins..<(frame + 1) * bins {
            let (a, b) = (magnitudes[place] * gain[place], magnitudes[place] * (1 - gain[place]))
            h += a * a
            p += b * b
          }
          harmonic += Double(h)
          percussive += Double(p)
        }
      }
    }
    return harmonic + percussive > 0 ? harmonic / (harmonic + percussive) : nil
  }
}

extension Tensor {
  fileprivate func withGain(_ gain: Tensor, _ share: (Float) -> Float) -> Tensor {
    gain.withUnsafeValues { gain in mappedByPlace { value, place in value * share(gain[place]) } }
  }
}
