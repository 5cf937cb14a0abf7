import Glibc
import Tensors

/// How strong each of the twelve pitch classes is, from C upwards, in each frame of a power spectrum.
///
/// A bin at `f` hertz lies at `q = 12 log₂(f / (A/16))` semitones, `A = 440 · 2^(tuning/12)`. Its weights are Gaussians of its
/// distance to each class, `exp(−½ (2 d / w)²)`, as wide as the bin, `w = max(1, q[k + 1] − q[k])`, of Euclidean norm 1,
/// times `exp(−½ ((q/12 − 5) / 2)²)`, most of all around 1.2 kHz. A frame's largest class is 1.
/// `librosa.feature.chroma_stft`, after Ellis's `chromagram_E`.
struct Chroma: Sendable {
  /// `[12, bins]`
  let weights: Tensor

  /// - Parameter tuning: in semitones, from −½ to ½.
  init(sampleRate: Int, fft: Int, tuning: Double) {
    let bins = fft / 2 + 1
    var octaves = (1..<fft).map { bin in
      log2(Double(bin) * Double(sampleRate) / Double(fft) / (440 * exp2(tuning / 12) / 16))
    }
    // The bin at 0 Hz stands an octave and a half below the first.
    octaves.insert(octaves[0] - 1.5, at: 0)
    weights = Tensor(unsafeUninitialized: [12, bins]) { weights in
      for bin in 0..<bins {
        let place = 12 * octaves[bin]
        let width = bin + 1 < fft ? max(1, 12 * octaves[bin + 1] - place) : 1
        let bumps = (0..<12).map { pitch -> Double in
          // From A, librosa's first class, to C.
          let turned = place - Double((pitch + 3) % 12) + 6 + 120
          let distance = turned - 12 * (turned / 12).rounded(.down) - 6
          return exp(-0.5 * (2 * distance / width) * (2 * distance / width))
        }
        let norm = bumps.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let height = (octaves[bin] - 5) / 2
        for pitch in 0..<12 {
          let share = norm >= Double(Float.leastNormalMagnitude) ? bumps[pitch] / norm : bumps[pitch]
          weights[pitch * bins + bin] = Float(share * exp(-0.5 * height * height))
        }
      }
    }
  }

  /// `[frames, 12]` of magnitudes `[frames, bins]`; no number where a frame is silent.
  func table(_ magnitudes: Tensor) -> Tensor {
    let (frames, bins) = (magnitudes.shape[0], magnitudes.shape[1])
    return Tensor(unsafeUninitialized: [frames, 12]) { table in
      magnitudes.withUnsafeValues { magnitudes in
        weights.withUnsafeValues { weights in
          // Read by all threads; written in rows that do not overlap.
          nonisolated(unsafe) let (table, magnitudes, weights) = (table, magnitudes, weights)
          FrameAnalysis.inChunks(frames) { range in
            var powers = [Float](repeating: 0, count: bins)
            for frame in range {
              for bin in 0..<bins {
                let magnitude = magnitudes[frame * bins + bin]
                powers[bin] = magnitude * magnitude
              }
              var largest: Float = 0
              for pitch in 0..<12 {
                // Four sums at once: each addition waits for the one before.
                var sums = SIMD4<Float>.zero
                var bin = 0
                while bin + 4 <= bins {
                  let place = pitch * bins + bin
                  let w = SIMD4(weights[place], weights[place + 1], weights[place + 2], weights[place + 3])
                  sums += w * SIMD4(powers[bin], powers[bin + 1], powers[bin + 2], powers[bin + 3])
                  bin += 4
                }
                var sum = sums.sum()
                while bin < bins {
                  sum += weights[pitch * bins + bin] * powers[bin]
                  bin += 1
                }
                table[12 * frame + pitch] = sum
                largest = max(largest, sum)
              }
              for pitch in 0..<12 {
                table[12 * frame + pitch] =
                  largest >= .leastNormalMagnitude ? table[12 * frame + pitch] / largest : .nan
              }
            }
          }
        }
      }
    }
  }
}

/// How far a sound is tuned from A = 440 Hz.
///
/// In each frame the peaks of the power spectrum between 150 and 4,000 Hz and above a tenth of its largest value, placed by
/// a parabola through three bins; of the stronger half of all, the distances to the next semitone in a histogram of a
/// hundred cells. `librosa.estimate_tuning`, as `chroma_stft` asks it.
enum Tuning {
  /// In semitones, −0.5 to 0.49; nil where there are no peaks.
  static func semitones(_ magnitudes: Tensor, sampleRate: Int) -> Double? {
    let (frames, bins) = (magnitudes.shape[0], magnitudes.shape[1])
    let width = Double(sampleRate) / Double(2 * (bins - 1))
    let lowest = Int((150 / width).rounded(.up))
    let highest = Int((min(4000, Double(sampleRate) / 2) / width).rounded(.up))
    var peaks: [(hertz: Float, height: Float)] = []
    magnitudes.withUnsafeValues { values in
      var power = [Float](repeating: 0, count: bins)
      for frame in 0..<frames {
        var largest: Float = 0
        for bin in 0..<bins {
          power[bin] = values[frame * bins + bin] * values[frame * bins + bin]
          largest = max(largest, power[bin])
        }
        let threshold = 0.1 * largest
        for bin in max(1, lowest)..<max(1, lowest, min(highest, bins - 1)) {
          let (before, here, after) = (power[bin - 1], power[bin], power[bin + 1])
          guard here > threshold, here > (before > threshold ? before : 0),
            here >= (after > threshold ? after : 0)
          else { continue }
          let (bend, slope) = (after + before - 2 * here, (after - before) / 2)
          let shift = abs(slope) >= abs(bend) ? 0 : -slope / bend
          peaks.append(
            (hertz: Float((Double(bin) + Double(shift)) * width), height: here + 0.5 * slope * shift))
        }
      }
    }
    guard !peaks.isEmpty else { return nil }
    let heights = peaks.map(\.height).sorted()
    let middle = heights.count / 2
    let median = heights.count % 2 == 1 ? heights[middle] : (heights[middle - 1] + heights[middle]) / 2
    var cells = [Int](repeating: 0, count: 100)
    for peak in peaks where peak.height >= median {
      let semitones = 12 * log2(Double(peak.hertz) / 27.5)
      var rest = semitones - semitones.rounded(.down)
      if rest >= 0.5 { rest -= 1 }
      cells[min(99, max(0, Int(((rest + 0.5) * 100).rounded(.down))))] += 1
    }
    let most = cells.indices.reduce(0) { cells[$1] > cells[$0] ? $1 : $0 }
    return Double(most) / 100 - 0.5
  }
}
