import Tensors

/// How much louder the bands of a log-mel picture become from one frame to the next, and where this peaks.
///
/// `o[t] = mean_b max(0, S[t, b] − S[t − 1, b])` of decibels `S`, moved by half a window to where the sound begins:
/// `librosa.onset.onset_strength`.
enum OnsetStrength {
  /// - Parameters:
  ///   - decibels: `[frames, bands]`.
  ///   - delay: how many frames half a window is.
  static func series(_ decibels: Tensor, delay: Int) -> [Float] {
    let (frames, bands) = (decibels.shape[0], decibels.shape[1])
    var series = [Float](repeating: 0, count: frames)
    decibels.withUnsafeValues { values in
      for frame in 1..<max(1, frames) where frame + delay < frames {
        var sum: Double = 0
        for band in 0..<bands {
          sum += Double(max(0, values[frame * bands + band] - values[(frame - 1) * bands + band]))
        }
        series[frame + delay] = Float(sum / Double(bands))
      }
    }
    return series
  }

  /// The frames of peaks: the largest from 30 ms before on, at least 0.07 above the mean of 100 ms before and after, of
  /// strengths brought to 0...1, and 30 ms or more apart. `librosa.onset.onset_detect`.
  static func peaks(_ strengths: [Float], framesPerSecond: Double) -> [Int] {
    let low = strengths.min() ?? 0
    let high = (strengths.max() ?? 0) - low
    guard high > 0 else { return [] }
    let values = strengths.map { ($0 - low) / (high + .leastNormalMagnitude) }
    let (before, around) = (Int(0.03 * framesPerSecond), Int(0.1 * framesPerSecond))
    let wait = before
    func isPeak(_ frame: Int) -> Bool {
      let largest = values[max(0, frame - before)...frame].max() ?? 0
      guard values[frame] == largest else { return false }
      let range = max(0, frame - around)..<min(frame + around + 1, values.count)
      let mean = values[range].reduce(0.0) { $0 + Double($1) } / Double(range.count)
      return Double(values[frame]) >= mean + 0.07
    }
    var peaks: [Int] = []
    var frame = 0
    while frame < values.count {
      if isPeak(frame) {
        peaks.append(frame)
        frame += wait
      }
      frame += 1
    }
    return peaks
  }
}
