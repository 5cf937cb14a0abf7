public import Audio
import Glibc

extension FrontEnd {
  /// How much larger every value of the picture is when the sound is 1 dB louder; nil where that is no one number.
  ///
  /// With `|X|^p` and a logarithm to base `b` without offset and floor, `p / 20 · log_b 10`; times the factor of decibels, and times
  /// the scale of affine steps. ``gainObstacle`` says what stands in the way.
  public var valuePerDecibel: Float? {
    guard gainObstacle == nil, let analysis else { return nil }
    var value = 0.0
    switch analysis.compression {
    case .log(let base, _, _, _):
      let perTen =
        switch base {
        case .natural: log(10.0)
        case .ten: 1.0
        case .two: log2(10.0)
        }
      value = analysis.spectrum.exponent / 20 * perTen
    case .decibels(_, let factor, _, _): value = analysis.spectrum.exponent / 20 * factor
    case .power, .pcen, .none: return nil
    }
    for case .affine(let scale, _) in steps { value *= scale }
    return Float(value)
  }

  /// Why a gain of the sound is no shift of the picture, in a few words; nil where it is.
  public var gainObstacle: String? {
    guard let analysis else { return "the network listens to samples" }
    switch sound.scaling {
    case .none, .factor: break
    case .peak, .standard: return "the front end brings every sound to one level"
    }
    switch analysis.compression {
    case .log(_, _, let offset, let floor):
      if offset != 0 { return "its logarithm has an offset" }
      if floor > 0 { return "its logarithm has a floor" }
    case .decibels(let floor, _, let reference, let range):
      if reference == .maximum { return "its decibels count from the loudest band" }
      if floor > 0 || range != nil { return "its decibels have a floor" }
    case .power, .pcen, .none: return "its compression is no logarithm"
    }
    for step in steps {
      guard case .affine = step else { return "its picture is normalised" }
    }
    return nil
  }
}
