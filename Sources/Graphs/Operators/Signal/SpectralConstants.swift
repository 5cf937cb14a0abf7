import Glibc
import Tensors

/// Constants of signal processing that a file names by their sizes.
enum SpectralConstants {
  /// `Σ a[j] · (−1)ʲ · cos(2πjn/N)` for `n` up to `size`, with `N = size`, or `size − 1` where the window is to be
  /// symmetric rather than periodic. ONNX `HannWindow`, `HammingWindow`, `BlackmanWindow`.
  static func window(_ coefficients: [Double], size: Int, periodic: Bool) -> Tensor {
    let period = Double(max(1, periodic ? size : size - 1))
    let values = (0..<size).map { n in
      coefficients.enumerated().reduce(0) { sum, term in
        let (j, a) = term
        return sum + (j % 2 == 0 ? a : -a) * cos(2 * Double.pi * Double(j * n) / period)
      }
    }
    return Tensor([size], values.map { Float($0) })
  }

  /// Triangles of height 1 whose corners are evenly spaced in mel, `2595 · log10(1 + f/700)`, and lie on bins of the
  /// spectrum: `[length/2 + 1, bands]`. ONNX `MelWeightMatrix`, whose spacing counts `bands + 2` steps.
  static func melWeights(bands: Int, length: Int, sampleRate: Double, from low: Double, to high: Double)
    -> Tensor
  {
    func mel(_ frequency: Double) -> Double { 2595 * log10(1 + frequency / 700) }
    let bins = length / 2 + 1
    let step = (mel(high) - mel(low)) / Double(bands + 2)
    let corners = (0..<bands + 2).map { corner in
      let frequency = 700 * (pow(10, (mel(low) + step * Double(corner)) / 2595) - 1)
      return Int(max(0, min(Double(bins), (Double(length + 1) * frequency / sampleRate).rounded(.down))))
    }
    var weights = [Float](repeating: 0, count: bins * bands)
    for band in 0..<bands {
      let (left, middle, right) = (corners[band], corners[band + 1], corners[band + 2])
      for bin in left..<max(left, min(middle + 1, bins)) {
        weights[bin * bands + band] = left == middle ? 1 : Float(bin - left) / Float(middle - left)
      }
      for bin in middle..<max(middle, min(right, bins)) {
        weights[bin * bands + band] = Float(right - bin) / Float(right - middle)
      }
    }
    return Tensor([bins, bands], weights)
  }
}
