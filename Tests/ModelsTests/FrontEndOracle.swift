import Audio
import Glibc
import Tensors

/// A front end in double precision, by the sums of its definition.
struct FrontEndOracle {
  let frontEnd: FrontEnd
  private let window: [Double]
  private let cosines: [Double]
  private let sines: [Double]
  private let weights: [Double]

  init(_ frontEnd: FrontEnd) {
    self.frontEnd = frontEnd
    window = (0..<frontEnd.window).map {
      0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(frontEnd.window))
    }
    let angles = (0..<frontEnd.fft).map { 2 * Double.pi * Double($0) / Double(frontEnd.fft) }
    cosines = angles.map { cos($0) }
    sines = angles.map { sin($0) }
    weights = frontEnd.melWeights.values.map(Double.init)
  }

  /// `[frames, bands]`.
  func logMel(_ samples: [Double]) -> [Double] {
    (0..<frontEnd.frameCount(samples: samples.count)).flatMap { frame in
      logMel(magnitudes: magnitudes(samples, frame: frame))
    }
  }

  func magnitudes(_ samples: [Double], frame: Int) -> [Double] {
    let place = frame * frontEnd.hop
    let start =
      frontEnd.framing == .centred ? place - frontEnd.fft / 2 + (frontEnd.fft - frontEnd.window) / 2 : place
    let inside = (0..<frontEnd.window).filter { samples.indices.contains(start + $0) }
    return (0..<frontEnd.fft / 2 + 1).map { bin in
      var (real, imaginary) = (0.0, 0.0)
      for index in inside {
        let value = window[index] * samples[start + index]
        real += value * cosines[index * bin % frontEnd.fft]
        imaginary -= value * sines[index * bin % frontEnd.fft]
      }
      return (real * real + imaginary * imaginary).squareRoot()
    }
  }

  /// One frame's bands.
  func logMel(magnitudes: [Double]) -> [Double] {
    let bins = magnitudes.count
    return (0..<frontEnd.bandCount).map { band in
      var energy = 0.0
      for bin in 0..<bins {
        let magnitude = magnitudes[bin]
        energy +=
          weights[band * bins + bin]
          * (frontEnd.analysis?.spectrum == .power ? magnitude * magnitude : magnitude)
      }
      return switch frontEnd.analysis?.compression {
      case .log(.natural, let scale, let offset, _)?: log(scale * energy + offset)
      case .log(_, let scale, let offset, _)?: log10(scale * energy + offset)
      case .decibels(let floor, _, _, _)?: 10 * log10(max(energy, floor))
      default: energy
      }
    }
  }
}
