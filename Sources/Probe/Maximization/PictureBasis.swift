import Fourier
import Glibc
package import Tensors

/// What a picture is a function of while it is changed.
package enum PictureBasis: Sendable, Hashable {
  /// Its own values.
  case values
  /// The amplitudes of its waves, along time and, in each panel, along frequency. A step of one size moves a slow wave more
  /// than a fast one: the amplitude of a wave of `f` cycles a bin counts `f^(−decay)` times.
  ///
  /// With `H` the real discrete Hartley transform, which is its own inverse and its own transpose, `x = H(s · h)` with `s`
  /// the scale of each wave, of mean square 1. Olah et al., *Feature Visualization* (2017) take the complex Fourier
  /// transform, whose real and imaginary parts these amplitudes are turned by 45 degrees.
  case waves(decay: Double)

  /// Pictures `[rows, frames, bands]` of their amplitudes, shaped alike.
  package func pictures(of amplitudes: Tensor, _ shape: CanvasShape) -> Tensor {
    guard case .waves(let decay) = self else { return amplitudes }
    return amplitudes.eachPanel(shape) { panel, frames, bands in
      let scales = WaveScales.shared(frames, bands, decay)
      for place in panel.indices { panel[place] *= scales.values[place] }
      hartley(panel, frames, bands)
    }
  }

  /// `Σ gradient · ∂picture/∂amplitudes`.
  package func pullback(_ gradient: Tensor, _ shape: CanvasShape) -> Tensor {
    guard case .waves(let decay) = self else { return gradient }
    return gradient.eachPanel(shape) { panel, frames, bands in
      let scales = WaveScales.shared(frames, bands, decay)
      hartley(panel, frames, bands)
      for place in panel.indices { panel[place] *= scales.values[place] }
    }
  }

  /// The amplitudes of pictures.
  package func amplitudes(of pictures: Tensor, _ shape: CanvasShape) -> Tensor {
    guard case .waves(let decay) = self else { return pictures }
    return pictures.eachPanel(shape) { panel, frames, bands in
      let scales = WaveScales.shared(frames, bands, decay)
      hartley(panel, frames, bands)
      for place in panel.indices { panel[place] /= scales.values[place] }
    }
  }
}

/// How much the amplitude of each wave counts in a picture.
private final class WaveScales: Sendable {
  let values: [Float]

  private struct Key: Hashable {
    let frames: Int
    let bands: Int
    let decay: Double
  }

  private static let cache = Cache<Key, WaveScales>()

  static func shared(_ frames: Int, _ bands: Int, _ decay: Double) -> WaveScales {
    cache.value(Key(frames: frames, bands: bands, decay: decay)) { WaveScales($0.frames, $0.bands, $0.decay) }
  }

  /// `max(f, 1 / extent)^(−decay)` with `f` in cycles a bin, scaled to a mean square of 1.
  private init(_ frames: Int, _ bands: Int, _ decay: Double) {
    func cycles(_ index: Int, of extent: Int) -> Double {
      Double(min(index, extent - index)) / Double(extent)
    }
    let lowest = 1 / Double(max(frames, bands))
    var scales: [Double] = []
    for frame in 0..<frames {
      for band in 0..<bands {
        let (x, y) = (cycles(frame, of: frames), cycles(band, of: bands))
        scales.append(pow(max((x * x + y * y).squareRoot(), lowest), -decay))
      }
    }
    let square = scales.reduce(0) { $0 + $1 * $1 } / Double(scales.count)
    values = scales.map { Float($0 / square.squareRoot()) }
  }
}

/// `H[k, l] = Σ x[n, m] cas(2π(kn/frames + lm/bands)) / √(frames · bands)` in place, `cas = cos + sin`.
private func hartley(_ panel: UnsafeMutableBufferPointer<Float>, _ frames: Int, _ bands: Int) {
  var spectrum = [SIMD2<Double>](repeating: .zero, count: frames * bands)
  if bands > 1 {
    let plan = ComplexFourierPlan.shared(bands)
    let buffers = ComplexFourierBuffers(bands)
    for frame in 0..<frames {
      for band in 0..<bands { buffers.input[band] = SIMD2(Double(panel[frame * bands + band]), 0) }
      plan.transform(buffers, inverse: false)
      for band in 0..<bands { spectrum[frame * bands + band] = buffers.output[band] }
    }
  } else {
    for place in panel.indices { spectrum[place].x = Double(panel[place]) }
  }
  let scale = 1 / Double(frames * bands).squareRoot()
  let plan = ComplexFourierPlan.shared(frames)
  let buffers = ComplexFourierBuffers(frames)
  for band in 0..<bands {
    for frame in 0..<frames { buffers.input[frame] = spectrum[frame * bands + band] }
    plan.transform(buffers, inverse: false)
    // cos + sin of an angle are the real part of its wave less the imaginary one.
    for frame in 0..<frames {
      panel[frame * bands + band] = Float((buffers.output[frame].x - buffers.output[frame].y) * scale)
    }
  }
}

extension Tensor {
  /// The same pictures, each panel changed by `change`, rows on several threads.
  fileprivate func eachPanel(
    _ shape: CanvasShape,
    _ change: @Sendable (UnsafeMutableBufferPointer<Float>, _ frames: Int, _ bands: Int) -> Void
  ) -> Tensor {
    let (frames, bands, rows) = (shape.frames, shape.bands, self.shape[0])
    return withUnsafeValues { values in
      Tensor(unsafeUninitialized: self.shape) { result in
        nonisolated(unsafe) let (values, result) = (values, result)
        concurrently(rows) { row in
          for panel in shape.panels {
            let width = panel.count
            let part = UnsafeMutableBufferPointer<Float>.allocate(capacity: frames * width)
            defer { part.deallocate() }
            for frame in 0..<frames {
              let start = (row * frames + frame) * bands + panel.lowerBound
              for band in 0..<width { part[frame * width + band] = values[start + band] }
            }
            change(part, frames, width)
            for frame in 0..<frames {
              let start = (row * frames + frame) * bands + panel.lowerBound
              for band in 0..<width { result[start + band] = part[frame * width + band] }
            }
          }
        }
      }
    }
  }
}
