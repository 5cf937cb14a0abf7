import Glibc
import Tensors

extension PictureOperation {
  /// The picture that this operation turns into `picture`; where it forgets something about the whole picture, such as
  /// its maximum, that of the original.
  ///
  /// Values that were raised or clipped stay at their bound. Cepstra of fewer coefficients than bands give the smooth
  /// picture that has no others, as `librosa.feature.inverse.mfcc_to_mel`.
  ///
  /// - Parameters:
  ///   - picture: `[frames, bands]`.
  ///   - original: what the operation was given for the original sound, as large as the picture.
  ///   - isLogarithmic: whether a shift of the picture is a gain of the sound.
  /// - Throws: `.noSoundOfPicture` where the operation forgets what only an original could tell.
  func undo(_ picture: Tensor, as original: Tensor?, isLogarithmic: Bool) throws(AudioError) -> Tensor {
    switch self {
    case .step(let step): return try step.undo(picture, as: original, isLogarithmic: isLogarithmic)
    case .pcen(let pcen, let hopSeconds):
      guard let original else {
        throw .noSoundOfPicture(
          reason:
            "per-channel energy normalisation (PCEN) divides each band by its own past, which the picture does "
            + "not show; start from a sound instead")
      }
      return pcen.undo(picture, as: original, hopSeconds: hopSeconds)
    }
  }

  /// Whether undoing it without an original leaves the sound's loudness open.
  var forgetsLevel: Bool {
    switch self {
    case .step(.subtractMaximum), .step(.unitPeak): true
    case .step, .pcen: false
    }
  }
}

extension PictureStep {
  fileprivate func undo(_ picture: Tensor, as original: Tensor?, isLogarithmic: Bool) throws(AudioError)
    -> Tensor
  {
    switch self {
    case .affine(let scale, let shift):
      guard scale != 0 else {
        throw .noSoundOfPicture(reason: "its values were multiplied by 0 (\"affine\" with a \"scale\" of 0)")
      }
      return picture.mapped { ($0 - Float(shift)) / Float(scale) }
    case .statistics(let mean, let deviation):
      let bands = picture.shape[1]
      return picture.mappedByPlace { value, place in
        let band = place % bands
        return value * Float(deviation[deviation.count == 1 ? 0 : band])
          + Float(mean[mean.count == 1 ? 0 : band])
      }
    case .raiseToRange, .clip: return picture
    case .standardise(let standardisation):
      guard standardisation.centres || standardisation.scales else { return picture }
      guard let original else { throw Self.unknown("mean and deviation", "standardise") }
      return standardisation.undo(picture, as: original)
    case .subtractMaximum:
      if let original {
        let top = original.maximum.value
        return picture.mapped { $0 + top }
      }
      guard isLogarithmic else { throw Self.unknown("maximum", "subtract-maximum") }
      return picture
    case .unitRange(let epsilon):
      guard let original else { throw Self.unknown("lowest and highest value", "unit-range") }
      let (low, high) = (original.minimum.value, original.maximum.value)
      return picture.mapped { $0 * (high - low + Float(epsilon)) + low }
    case .unitPeak:
      if let original {
        let peak = abs(original.peak.value)
        return picture.mapped { $0 * peak }
      }
      guard !isLogarithmic else { throw Self.unknown("largest magnitude", "unit-peak") }
      return picture
    case .cepstra(let cepstra):
      return try cepstra.undo(picture, bands: original.map { $0.shape[1] })
    }
  }

  private static func unknown(_ what: String, _ step: String) -> AudioError {
    .noSoundOfPicture(
      reason: "the step \"\(step)\" forgets the \(what) of the whole picture; start from a sound instead")
  }
}

extension PictureStep.Cepstra {
  /// - Parameter bands: how many bands there were; nil where the caller does not know.
  fileprivate func undo(_ picture: Tensor, bands: Int?) throws(AudioError) -> Tensor {
    guard let bands else {
      throw .noSoundOfPicture(reason: "the number of bands behind its cepstra is unknown")
    }
    // The rows of the matrix are orthogonal, so its transpose over their squared lengths takes it back.
    let matrix = matrix(bands: bands)
    let squares = (0..<count).map { row in
      (0..<bands).reduce(0.0) { $0 + Double(matrix[row, $1]) * Double(matrix[row, $1]) }
    }
    guard squares.allSatisfy({ $0 > 1e-12 }) else {
      throw .noSoundOfPicture(reason: "the lifter of its cepstra multiplies one of them by 0")
    }
    let scaled = picture.mappedByPlace { value, place in Float(Double(value) / squares[place % count]) }
    return scaled.alongLastAxis(matrix.transposed)
  }
}

extension FrontEnd.Compression {
  /// The energy of a band that has this value, at least 0; what lies at a floor or below counts as silence. Of decibels
  /// whose reference is the maximum, over that of the sound.
  func energy(of value: Double) -> Double {
    switch self {
    case .log(let base, let scale, let offset, let floor):
      let sum =
        switch base {
        case .natural: exp(value)
        case .ten: pow(10, value)
        case .two: exp2(value)
        }
      let scaled = sum - offset
      return scaled > floor * (1 + 1e-5) ? scaled / scale : 0
    case .decibels(let floor, let factor, let reference, _):
      let energy = pow(10, value / factor)
      guard case .value(let level) = reference else { return energy }
      return energy * level > floor * (1 + 1e-5) ? energy * level : 0
    case .power(let exponent): return value > 0 ? pow(value, 1 / exponent) : 0
    case .pcen, .none: return max(0, value)
    }
  }

  /// Whether a shift of its values is a gain of the sound.
  var isLogarithmic: Bool {
    switch self {
    case .log(_, _, let offset, _): offset == 0
    case .decibels: true
    case .power, .pcen, .none: false
    }
  }
}
