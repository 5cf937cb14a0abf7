import Glibc
public import Tensors

/// From the picture that a network is given back to a sound.
///
/// ```swift
/// let picture = frontEnd.logMel(dog)                                    // [frames, bands]
/// let again = try frontEnd.sound(fromPicture: picture)                  // phases by Griffin-Lim
/// let dream = try frontEnd.sound(fromPicture: changed, like: dog)       // the dog's phases where its energy is
/// ```
extension FrontEnd {
  /// A sound at `sampleRate` whose picture is near to the given one.
  ///
  /// The steps of the picture and its compression are undone, the bands become bins by non-negative least squares
  /// (``magnitudes(fromPicture:like:)``), and the bins a sound by fast Griffin-Lim on this front end's own frames
  /// (``GriffinLim``). Steps that forget the sound's loudness, such as decibels below the maximum, give a sound with a peak
  /// of ½.
  ///
  /// - Parameters:
  ///   - picture: `[frames, bands]`, as ``logMel(_:)`` makes it: before the steps of the patch.
  ///   - original: the samples that the picture was made of before it was changed. What steps forget about the whole
  ///     picture is taken from it, the bins of a band keep their proportions, and bins that sound at least half as loud in
  ///     it keep its phase. The picture of the original gives the original.
  ///   - count: how many samples; those of the original or else the fewest that have so many frames.
  ///   - progress: called after each iteration with the share that is done; what it throws ends the search.
  /// - Throws: `AudioError.noSoundOfPicture` for a picture of another shape, of values that are no numbers, or of steps
  ///   that cannot be undone, and what `progress` throws.
  public func sound(
    fromPicture picture: Tensor, like original: [Float]? = nil, samples count: Int? = nil,
    iterations: Int = 32, seed: UInt64 = 0, progress: (Double) throws -> Void = { _ in }
  ) throws -> [Float] {
    try sound(
      fromPicture: picture, like: original, samples: count,
      by: GriffinLim(iterations: iterations, seed: seed), progress: progress)
  }

  /// The same with other settings of Griffin-Lim.
  public func sound(
    fromPicture picture: Tensor, like original: [Float]? = nil, samples count: Int? = nil,
    by search: GriffinLim,
    progress: (Double) throws -> Void = { _ in }
  ) throws -> [Float] {
    let forgetsLevel =
      original == nil && (sound.forgetsLevel || PictureOperation.all(of: self).contains { $0.forgetsLevel })
    let made: [Float]
    if isSamples {
      let samples = try undone(picture, like: original)
      made = sound.undo(Array(samples.values.dropFirst(leading)), as: original)
    } else {
      let magnitudes = try magnitudes(fromPicture: picture, like: original)
      let grid = grid(frames: magnitudes.shape[0], samples: original?.count ?? count)
      var phases: Tensor?
      if let original {
        phases = grid.phases(of: emphasised(PictureMaking(self).prepared(original), to: grid.count))
      }
      let known = phases.map { grid.phases($0, whereAtLeast: 0.5, of: magnitudes) }
      let emphasised = try search.sound(
        of: magnitudes, on: grid, start: phases.map(\.unit), known: known, progress: progress)
      made = sound.undo(deemphasised(emphasised), as: original)
    }
    let wanted = original?.count ?? count ?? made.count
    let cut = Array(made.prefix(wanted)) + [Float](repeating: 0, count: max(0, wanted - made.count))
    guard forgetsLevel else { return cut }
    let peak = cut.reduce(0) { max($0, abs($1)) }
    return peak > 0 ? cut.map { $0 / peak / 2 } : cut
  }

  /// The linear magnitude spectrogram `|X|`, `[frames, fft / 2 + 1]`, whose picture is nearest to the given one: steps and
  /// compression undone, then non-negative least squares on the bands.
  ///
  /// Where several spectra have the same bands it is the smoothest in `|X|^exponent`, or that which takes the least change of
  /// the original's bins, relative to what they hold. Bins that belong to no band are 0, or the original's.
  ///
  /// - Parameters:
  ///   - picture: `[frames, bands]`; of several resolutions, the first one's are used.
  ///   - original: as in ``sound(fromPicture:like:samples:iterations:seed:progress:)``.
  /// - Throws: `AudioError.noSoundOfPicture`.
  public func magnitudes(fromPicture picture: Tensor, like original: [Float]? = nil) throws(AudioError)
    -> Tensor
  {
    guard let analysis else {
      let samples = try undone(picture, like: original)
      return samples.mapped { abs($0) }
    }
    let values = try undone(picture, like: original)
    let energies = values.mapped { Float(analysis.compression.energy(of: Double($0))) }
    try Self.checkFinite(energies, "its energies are beyond what numbers can hold")
    let exponent = Float(analysis.spectrum.exponent)
    let model = original.map {
      PictureMaking(resolutions[0]).magnitudes(of: $0).mapped { powf($0, exponent) }
    }
    let bank = FilterBank.shared(for: analysis, sampleRate: sampleRate)
    let spectra = BandInversion(bank).spectra(of: energies, near: model)
    return spectra.mapped { powf($0, 1 / exponent) }
  }

  /// The picture of compressed bands behind which the steps are.
  private func undone(_ picture: Tensor, like original: [Float]?) throws(AudioError) -> Tensor {
    let width = bandCount
    guard picture.shape.rank == 2, picture.shape[0] > 0, picture.shape[1] == width * pictureCount else {
      throw .noSoundOfPicture(
        reason: "it has the shape \(picture.shape), not [frames, \(width * pictureCount)]")
    }
    try Self.checkFinite(picture, "a value of it is no number")
    if let original, case let frames = frameCount(samples: original.count), frames != picture.shape[0] {
      throw .noSoundOfPicture(
        reason:
          "it has \(picture.shape[0]) frames, and the picture of the sound that it was made of \(frames)")
    }
    let making = PictureMaking(resolutions[0])
    var result = pictureCount == 1 ? picture : picture.columns(0..<width)
    // What each operation was given for the original; without one, pictures of silence that tell shapes only.
    var inputs: [Tensor] = []
    if !making.operations.isEmpty { inputs = making.inputs(of: original ?? []) }
    for (operation, input) in zip(making.operations, inputs).reversed() {
      if original == nil, case .step(.cepstra) = operation {
        result = try operation.undo(result, as: input, isLogarithmic: false)
      } else {
        result = try operation.undo(
          result, as: original == nil ? nil : input,
          isLogarithmic: analysis?.compression.isLogarithmic ?? false)
      }
    }
    return result
  }

  private static func checkFinite(_ picture: Tensor, _ problem: String) throws(AudioError) {
    let place = picture.withUnsafeValues { $0.firstIndex { !$0.isFinite } }
    guard let place else { return }
    throw .noSoundOfPicture(
      reason: "\(problem) (frame \(place / picture.shape[1]), band \(place % picture.shape[1]))")
  }

  /// The frames of a picture of so many, on a sound of `count` samples or else on the shortest that has as many.
  func grid(frames: Int, samples count: Int? = nil) -> FrameGrid {
    FrameGrid(
      window: analysis?.windowWeights(sampleRate: sampleRate) ?? [1], hop: hop, size: fft, first: firstSample,
      frames: frames,
      count: count.map { preparedCount(samples: $0) } ?? max(1, fewestSamples(frames: frames)),
      padding: analysis?.padding ?? .none)
  }

  // MARK: - Emphasis within frames

  /// A frame's emphasis as one of the whole sound: the two differ in the first sample of a frame only, where windows are
  /// next to nothing.
  private func emphasised(_ samples: [Float], to count: Int) -> [Float] {
    let sound = Array(samples.prefix(count)) + [Float](repeating: 0, count: max(0, count - samples.count))
    let factor = Float(analysis?.framePreEmphasis ?? 0)
    guard factor != 0, let first = sound.first else { return sound }
    return [first] + zip(sound.dropFirst(), sound).map { $0 - factor * $1 }
  }

  private func deemphasised(_ samples: [Float]) -> [Float] {
    Sound.deemphasised(samples, analysis?.framePreEmphasis ?? 0)
  }
}

extension FrontEnd.Sound {
  /// Whether the loudness of a sound is lost.
  var forgetsLevel: Bool {
    switch scaling {
    case .none, .factor: false
    case .peak, .standard: true
    }
  }

  /// The samples before emphasis and scaling; the mean that was taken off stays off.
  func undo(_ samples: [Float], as original: [Float]?) -> [Float] {
    let sound = Self.deemphasised(samples, preEmphasis)
    switch scaling {
    case .none: return sound
    case .factor(let factor): return sound.map { $0 / Float(factor) }
    case .peak, .standard:
      // Without an original, the loudness is set afterwards.
      guard let original, let (shift, factor) = gain(of: cut(original)) else { return sound }
      return sound.map { $0 * factor + shift }
    }
  }

  /// `y[n] = x[n] + factor · y[n − 1]`. With a factor of ±1 errors would add up for ever: it leaks a little.
  static func deemphasised(_ samples: [Float], _ factor: Double) -> [Float] {
    guard factor != 0 else { return samples }
    let factor = min(max(factor, -0.9995), 0.9995)
    var last = 0.0
    return samples.map { sample in
      last = Double(sample) + factor * last
      return Float(last)
    }
  }
}

extension FrameGrid {
  /// The complex spectrum that phases are taken from.
  fileprivate func phases(of samples: [Float]) -> Tensor { spectrum(of: samples) }

  /// The phases of a spectrum where it is at least `share` as loud as magnitudes, and zeros elsewhere.
  fileprivate func phases(_ spectrum: Tensor, whereAtLeast share: Float, of magnitudes: Tensor) -> Tensor {
    var result = spectrum.unit
    result.withUnsafeMutableValues { result in
      spectrum.withUnsafeValues { spectrum in
        magnitudes.withUnsafeValues { magnitudes in
          for place in magnitudes.indices {
            let (real, imaginary) = (spectrum[2 * place], spectrum[2 * place + 1])
            let wanted = share * magnitudes[place]
            if real * real + imaginary * imaginary < wanted * wanted {
              (result[2 * place], result[2 * place + 1]) = (0, 0)
            }
          }
        }
      }
    }
    return result
  }
}

extension Tensor {
  /// Complex numbers `[…, 2]` over their magnitudes; 0 where they are 0.
  fileprivate var unit: Tensor {
    withUnsafeValues { values in
      Tensor(unsafeUninitialized: shape) { result in
        for place in 0..<count / 2 {
          let (real, imaginary) = (values[2 * place], values[2 * place + 1])
          let magnitude = hypotf(real, imaginary)
          result[2 * place] = magnitude > 0 ? real / magnitude : 0
          result[2 * place + 1] = magnitude > 0 ? imaginary / magnitude : 0
        }
      }
    }
  }

  /// Some columns of a matrix.
  fileprivate func columns(_ range: Range<Int>) -> Tensor {
    let (rows, width) = (shape[0], shape[1])
    return Tensor(unsafeUninitialized: [rows, range.count]) { result in
      withUnsafeValues { values in
        for row in 0..<rows {
          for column in range {
            result[row * range.count + column - range.lowerBound] = values[row * width + column]
          }
        }
      }
    }
  }
}
