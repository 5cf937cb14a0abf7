import Glibc
import Tensors

extension FrontEnd.PCEN {
  private func smoothing(_ hopSeconds: Double) -> Double {
    let frames = timeConstant / hopSeconds
    return ((1 + 4 * frames * frames).squareRoot() - 1) / (2 * frames * frames)
  }

  /// - Parameter picture: energies, `[frames, bands]`.
  func apply(to picture: Tensor, hopSeconds: Double) -> Tensor {
    let (frames, bands, share) = (picture.shape[0], picture.shape[1], smoothing(hopSeconds))
    let offset = pow(bias, power)
    return Tensor(unsafeUninitialized: picture.shape) { result in
      picture.withUnsafeValues { x in
        for band in 0..<bands {
          var mean = 1.0
          for frame in 0..<frames {
            let energy = Double(x[frame * bands + band])
            mean += share * (energy - mean)
            result[frame * bands + band] = Float(
              pow(energy * pow(epsilon + mean, -gain) + bias, power) - offset)
          }
        }
      }
    }
  }

  /// The energies that become `picture` where each band's past is that of `original`.
  func undo(_ picture: Tensor, as original: Tensor, hopSeconds: Double) -> Tensor {
    let (frames, bands, share) = (picture.shape[0], picture.shape[1], smoothing(hopSeconds))
    let offset = pow(bias, power)
    return Tensor(unsafeUninitialized: picture.shape) { result in
      picture.withUnsafeValues { y in
        original.withUnsafeValues { x in
          for band in 0..<bands {
            var mean = 1.0
            for frame in 0..<frames {
              let place = frame * bands + band
              mean += share * (Double(x[place]) - mean)
              let inner = pow(max(0, Double(y[place]) + offset), 1 / power) - bias
              result[place] = Float(max(0, inner) * pow(epsilon + mean, gain))
            }
          }
        }
      }
    }
  }

  func pullback(_ gradient: Tensor, at picture: Tensor, hopSeconds: Double) -> Tensor {
    let (frames, bands, share) = (picture.shape[0], picture.shape[1], smoothing(hopSeconds))
    return Tensor(unsafeUninitialized: picture.shape) { result in
      picture.withUnsafeValues { x in
        gradient.withUnsafeValues { g in
          var means = [Double](repeating: 0, count: frames)
          for band in 0..<bands {
            var mean = 1.0
            for frame in 0..<frames {
              mean += share * (Double(x[frame * bands + band]) - mean)
              means[frame] = mean
            }
            // The gradient of the mean that a frame leaves to the next.
            var later = 0.0
            for frame in (0..<frames).reversed() {
              let place = frame * bands + band
              let (energy, level) = (Double(x[place]), epsilon + means[frame])
              let scale = pow(level, -gain)
              let inner = energy * scale + bias
              let slope = inner > 0 ? Double(g[place]) * power * pow(inner, power - 1) : 0
              later -= slope * energy * gain * scale / level
              result[place] = Float(slope * scale + later * share)
              later *= 1 - share
            }
          }
        }
      }
    }
  }
}
