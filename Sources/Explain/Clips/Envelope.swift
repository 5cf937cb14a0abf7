import Audio
import Glibc
import Tensors

extension FrontEnd {
  /// How strong values of samples are around each frame's centre: the mean of `|a|` under the frame's window, one number a
  /// frame; beyond the ends lie zeros. Smooth enough over time to be a gain.
  func envelope(of attribution: Tensor) -> Tensor {
    let frames = frameCount(samples: attribution.count)
    let weights = frameWeights.values.prefix(window)
    let whole = weights.reduce(0) { $0 + Double($1) }
    return attribution.withUnsafeValues { values in
      Tensor(
        [frames],
        (0..<frames).map { frame in
          let start = firstSample + frame * hop
          let known = max(0, -start)..<max(max(0, -start), min(window, values.count - start))
          let sum = known.reduce(0.0) { $0 + Double(weights[$1]) * Double(abs(values[start + $1])) }
          return whole > 0 ? Float(sum / whole) : 0
        })
    }
  }

  /// The frame whose centre is nearest to a sample.
  func nearestFrame(toSample index: Int, of frames: Int) -> Int {
    let place = frame(at: Double(index) / Double(sampleRate)).rounded()
    return Int(min(max(place, 0), Double(frames - 1)))
  }
}
