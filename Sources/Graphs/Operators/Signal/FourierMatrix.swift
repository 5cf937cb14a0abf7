import Fourier
import Glibc
import Tensors

/// A matrix of a real Fourier transform, `W[n, k] = w[n] · cos(2πnk/F)` or `w[n] · sin(2πnk/F)`: exporters write the front
/// end of a network as products with such constants. A fast transform computes them in F log F instead of F² steps, and to
/// fewer roundings.
struct FourierMatrix: Sendable {
  enum Part: Int, Sendable { case cosine, sine }

  let part: Part
  /// F, the points of the transform.
  let points: Int
  /// The rows n.
  let samples: Int
  /// The columns k.
  let bins: Int
  /// w, with its sign.
  let window: Tensor

  /// Transforms shorter than that are as fast as products.
  private static let fewestPoints = 128
  /// Of the largest weight: cosines and windows are each rounded to single precision, and so is their product.
  private static let tolerance = 4 * 0x1p-24

  /// nil where `weights`, `[samples, bins]` or transposed, are another matrix.
  ///
  /// - Parameter made: computes something of the weights, once for all programs.
  init?(_ weights: Tensor, transposed: Bool, made: (_ purpose: String, _ make: () -> Tensor) -> Tensor) {
    let extents = weights.shape.dimensions.drop { $0 == 1 }
    guard extents.count == 2, let rows = extents.first, let columns = extents.last else { return nil }
    let (samples, bins) = transposed ? (columns, rows) : (rows, columns)
    let candidates = Set([samples, 2 * (bins - 1)]).filter { $0 >= max(samples, bins, Self.fewestPoints) }
      .sorted()
    let matrix = Matrix(samples: samples, bins: bins, strides: transposed ? (1, samples) : (bins, 1))
    for points in candidates where bins >= points / 8 {
      for part in [Part.cosine, .sine] where matrix.mayBe(part, of: weights) {
        let window = made("window of \(part) transform of \(points), \(transposed)") {
          matrix.window(of: part, points, weights) ?? Tensor([0])
        }
        guard window.count == samples else { continue }
        (self.part, self.points, self.samples, self.bins, self.window) = (part, points, samples, bins, window)
        return
      }
    }
    return nil
  }

  private struct Matrix {
    let samples: Int
    let bins: Int
    let strides: (sample: Int, bin: Int)

    /// Whether the first column is what the transform's is like: a glance that nearly all other matrices fail.
    func mayBe(_ part: Part, of weights: Tensor) -> Bool {
      weights.withUnsafeValues { values in
        let glance = stride(from: 0, to: samples, by: max(1, samples / 16))
        return switch part {
        case .sine: glance.allSatisfy { values[$0 * strides.sample] == 0 }
        // cos(−x) = cos(x): rows n and bin 1 are bounded by bin 0.
        case .cosine:
          glance.allSatisfy {
            abs(values[$0 * strides.sample + strides.bin]) <= abs(values[$0 * strides.sample]) * 1.000_001
          }
        }
      }
    }

    /// The window, if the matrix is that transform.
    func window(of part: Part, _ points: Int, _ weights: Tensor) -> Tensor? {
      let wave = (0..<points).map { index in
        let angle = 2 * Double.pi * Double(index) / Double(points)
        return part == .cosine ? cos(angle) : sin(angle)
      }
      return weights.withUnsafeValues { values -> Tensor? in
        let largest = values.reduce(Float(0)) { max($0, abs($1)) }
        guard largest > 0, largest.isFinite else { return nil }
        let slack = tolerance * Double(largest)
        var window = [Float](repeating: 0, count: samples)
        for n in 0..<samples {
          // The bin at which the wave is largest tells the weight to rounding.
          var (best, factor) = (0, 0.0)
          for k in 0..<min(bins, 8) where abs(wave[n * k % points]) > abs(factor) + 1e-9 {
            (best, factor) = (k, wave[n * k % points])
          }
          let weight =
            abs(factor) < 0.05 ? 0 : Double(values[n * strides.sample + best * strides.bin]) / factor
          for k in 0..<bins {
            let value = Double(values[n * strides.sample + k * strides.bin])
            guard abs(value - weight * wave[n * k % points]) <= slack else { return nil }
          }
          window[n] = Float(weight)
        }
        return Tensor([samples], window)
      }
    }

    private var tolerance: Double { FourierMatrix.tolerance }
  }

  // MARK: - Kernels

  /// About how many elementary operations a row takes.
  var workOfRow: Int { 16 * points }

  /// `y[r, k] = Σ_n x[r, n] W[n, k]`; if `transposed`, `y[r, n] = Σ_k x[r, k] W[n, k]`: both indices have the same part
  /// in the wave.
  func multiply(
    _ x: UnsafePointer<Float>, _ window: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    rows: Range<Int>, transposed: Bool
  ) {
    let (plan, buffers) = (RealFourierPlan.shared(points), RealFourierBuffers(points))
    defer { withExtendedLifetime(buffers) {} }
    let (width, count) = transposed ? (bins, samples) : (samples, bins)
    for row in rows {
      let (source, result) = (x + row * width, y + row * count)
      if transposed {
        for k in 0..<width { buffers.samples[k] = Double(source[k]) }
      } else {
        for n in 0..<width { buffers.samples[n] = Double(source[n]) * Double(window[n]) }
      }
      plan.transform(buffers)
      read(buffers, count: count) { result[$0] = $1 }
      if transposed { for n in 0..<samples { result[n] *= window[n] } }
    }
  }

  /// The first places of the sums with the wave; those beyond the middle are the mirror image.
  @inline(__always)
  private func read(_ buffers: RealFourierBuffers, count: Int, _ body: (Int, Float) -> Void) {
    let middle = min(count, points / 2 + 1)
    switch part {
    case .cosine:
      for place in 0..<middle { body(place, Float(buffers.parts[2 * place])) }
      for place in middle..<max(middle, count) { body(place, Float(buffers.parts[2 * (points - place)])) }
    case .sine:
      // The transform's wave is e^(−ix).
      for place in 0..<middle { body(place, Float(-buffers.parts[2 * place + 1])) }
      for place in middle..<max(middle, count) { body(place, Float(buffers.parts[2 * (points - place) + 1])) }
    }
  }
}
