import Glibc
import Tensors

/// The shape of each frame's spectrum `S = |X|`, at bins of frequency `f`:
///
/// | column | formula |
/// |---|---|
/// | centroid | `c = Σ f S / Σ S`, Hz |
/// | bandwidth | `√(Σ (f − c)² S / Σ S)`, Hz |
/// | rolloff | the lowest bin up to which lies 85 % of `Σ S`, Hz |
/// | flatness | geometric over arithmetic mean of `max(S², 1e-10)` |
/// | flux | `√Σ (S[t] − S[t − 1])²`, of magnitudes such that a sine of amplitude 1 has 1; none in the first frame |
///
/// The first four as librosa's `spectral_centroid`, `_bandwidth`, `_rolloff` and `_flatness`, but without a value where the
/// frame is silent; the last as Essentia's `Flux`.
enum SpectralShape {
  static let columns: [Descriptor] = [.centroid, .bandwidth, .rolloff, .flatness, .flux]

  /// `[frames, columns]`, no number where there is no value.
  ///
  /// - Parameters:
  ///   - magnitudes: `[frames, bins]`.
  ///   - binWidth: from one bin to the next, in hertz.
  ///   - scale: what makes 1 of the magnitude of a sine of amplitude 1.
  static func table(_ magnitudes: Tensor, binWidth: Double, scale: Double) -> Tensor {
    let (frames, bins) = (magnitudes.shape[0], magnitudes.shape[1])
    return Tensor(unsafeUninitialized: [frames, columns.count]) { table in
      magnitudes.withUnsafeValues { magnitudes in
        // Read by all threads; written in rows that do not overlap.
        nonisolated(unsafe) let (table, magnitudes) = (table, magnitudes)
        let logarithm = Logarithm(times: 1)
        FrameAnalysis.inChunks(frames) { range in
          for frame in range {
            let row = UnsafeBufferPointer(rebasing: magnitudes[frame * bins..<(frame + 1) * bins])
            let target = table.baseAddress.map { $0 + frame * columns.count }
            guard let target, let start = row.baseAddress else { continue }
            shape(start, bins, binWidth, logarithm, target)
            target[4] = frame > 0 ? Float(scale * distance(start, start - bins, bins)) : .nan
          }
        }
      }
    }
  }

  private static func shape(
    _ row: UnsafePointer<Float>, _ bins: Int, _ binWidth: Double, _ logarithm: Logarithm,
    _ target: UnsafeMutablePointer<Float>
  ) {
    var (sum, moment, second) = (0.0, 0.0, 0.0)
    var (power, logarithms) = (0.0, 0.0)
    for first in stride(from: 0, to: bins, by: 64) {
      // Partial sums of the logarithms in single precision, of the rest in double.
      var logs: Float = 0
      for bin in first..<min(first + 64, bins) {
        let value = Double(row[bin])
        sum += value
        moment += Double(bin) * value
        second += Double(bin) * Double(bin) * value
        let square = max(row[bin] * row[bin], 1e-10)
        power += Double(square)
        logs += logarithm(square)
      }
      logarithms += Double(logs)
    }
    guard sum > 0 else {
      for column in 0..<4 { target[column] = .nan }
      return
    }
    let centroid = moment / sum
    // Σ (k − c)² S by its own sum where squares would cancel.
    var spread = second / sum - centroid * centroid
    if spread < 1e-3 * centroid * centroid {
      spread = 0
      for bin in 0..<bins {
        let distance = Double(bin) - centroid
        spread += distance * distance * Double(row[bin])
      }
      spread /= sum
    }
    var (below, bin) = (0.0, 0)
    while bin < bins {
      below += Double(row[bin])
      if below >= 0.85 * sum { break }
      bin += 1
    }
    target[0] = Float(centroid * binWidth)
    target[1] = Float(spread.squareRoot() * binWidth)
    target[2] = Float(Double(min(bin, bins - 1)) * binWidth)
    target[3] = Float(exp(logarithms / Double(bins)) / (power / Double(bins)))
  }

  private static func distance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
    var sum = 0.0
    for place in 0..<count {
      let difference = Double(a[place] - b[place])
      sum += difference * difference
    }
    return sum.squareRoot()
  }
}

/// Of the samples of each frame: root mean square, and the share of samples whose sign is not that of the one before.
///
/// `librosa.feature.rms` and `.zero_crossing_rate`: beyond the ends stand zeros for the one, the outermost samples for the
/// other; magnitudes up to 1e-10 count as 0, and 0 as positive.
enum WaveShape {
  /// The two columns, each of `frames` values.
  static func table(_ samples: [Float], window: Int, hop: Int, frames: Int) -> (
    rms: [Float], crossings: [Float]
  ) {
    guard let first = samples.first else {
      return (Array(repeating: 0, count: frames), Array(repeating: 0, count: frames))
    }
    // Sums up to each sample.
    var squares = [0.0]
    var crossings = [0]
    squares.reserveCapacity(samples.count + 1)
    crossings.reserveCapacity(samples.count + 1)
    var wasNegative = isNegative(first)
    for sample in samples {
      squares.append(squares[squares.count - 1] + Double(sample) * Double(sample))
      let isNegative = isNegative(sample)
      crossings.append(crossings[crossings.count - 1] + (isNegative != wasNegative ? 1 : 0))
      wasNegative = isNegative
    }
    var (rms, rates) = ([Float](), [Float]())
    for frame in 0..<frames {
      let start = frame * hop - window / 2
      let range = min(max(0, start), samples.count)..<min(max(0, start + window), samples.count)
      rms.append(
        Float((max(0, squares[range.upperBound] - squares[range.lowerBound]) / Double(window)).squareRoot()))
      // The first sample of a frame has none before it.
      let from = min(range.lowerBound + (start >= 0 ? 1 : 0), range.upperBound)
      rates.append(Float(crossings[range.upperBound] - crossings[from]) / Float(window))
    }
    return (rms, rates)
  }

  private static func isNegative(_ sample: Float) -> Bool { sample < -1e-10 }
}
