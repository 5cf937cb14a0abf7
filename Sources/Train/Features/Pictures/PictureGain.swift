public import Audio
import Glibc

/// What becomes of a picture's values when its sound is made louder or softer, without the sound.
///
/// With `s = scale · m` the scaled energy of a band, a value is `v = a · ln(max(s, floor) + offset) + b`. A gain of `g` dB turns `s` into
/// `k s` with `k = 10^(exponent · g / 20)`, so that
///
/// - without an offset `v` becomes `max(v + a ln k, v(floor))`: exact, but that bands below the floor, whose energy is not known, stay
///   there;
/// - without a floor `s = e^((v − b) / a) − offset` is known, and `v` becomes `a ln(k s + offset) + b`: exact to rounding.
public struct PictureGain: Sendable, Hashable, Codable {
  /// Of the magnitudes.
  private let exponent: Double
  /// The value of a neper.
  private let scale: Double
  private let shift: Double
  private let offset: Double
  /// The value at the floor; nil where there is none.
  private let lowest: Float?

  /// - Throws: `Obstacle` where a gain of the sound is no function of the picture's values.
  public init(_ frontEnd: FrontEnd) throws(Obstacle) {
    guard let analysis = frontEnd.analysis else { throw Obstacle("the network listens to samples") }
    switch frontEnd.sound.scaling {
    case .none, .factor: break
    case .peak, .standard: throw Obstacle("the front end brings every sound to one level")
    }
    var (scale, shift, floor) = (1.0, 0.0, 0.0)
    switch analysis.compression {
    case .log(let base, _, let offset, let lowest):
      guard offset == 0 || lowest == 0 else { throw Obstacle("its logarithm has a floor and an offset") }
      switch base {
      case .natural: break
      case .ten: scale = 1 / log(10)
      case .two: scale = 1 / log(2)
      }
      (self.offset, floor) = (offset, lowest)
    case .decibels(let lowest, let factor, let reference, let range):
      guard case .value(let value) = reference, range == nil else {
        throw Obstacle("its decibels count from the loudest band")
      }
      scale = factor / log(10)
      shift = -factor * log10(value)
      (offset, floor) = (0, lowest)
    case .power, .pcen, .none: throw Obstacle("its compression is no logarithm")
    }
    var bottom = floor > 0 ? scale * log(floor) + shift : nil
    for step in frontEnd.steps {
      guard case .affine(let factor, let addend) = step, factor > 0 else {
        throw Obstacle("its picture is normalised")
      }
      (scale, shift) = (factor * scale, factor * shift + addend)
      bottom = bottom.map { factor * $0 + addend }
    }
    exponent = analysis.spectrum.exponent
    (self.scale, self.shift) = (scale, shift)
    lowest = bottom.map { Float($0) }
  }

  /// Changes values as a gain of the sound would.
  package func apply(_ decibels: Double, to values: UnsafeMutableBufferPointer<Float>) {
    let nepers = exponent * decibels / 20 * log(10)
    guard offset > 0 else {
      let (step, floor) = (Float(scale * nepers), lowest ?? -.infinity)
      for place in values.indices where values[place] > floor {
        values[place] = max(floor, values[place] + step)
      }
      return
    }
    let (perValue, factor) = (Float(1 / scale), Float(exp(nepers)))
    let (scale, shift, offset) = (Float(scale), Float(shift), Float(offset))
    for place in values.indices {
      let energy = max(0, expf((values[place] - shift) * perValue) - offset)
      values[place] = scale * logf(energy * factor + offset) + shift
    }
  }

  /// Why a gain of the sound cannot be made on its picture, in a few words.
  public struct Obstacle: Error, Hashable, CustomStringConvertible {
    public let description: String

    init(_ reason: String) { description = reason }
  }
}
