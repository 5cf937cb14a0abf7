public import Tensors

extension FrontEnd {
  /// The picture that a network listens to, of mono samples at `sampleRate`: `[frames, bands]`, after the tail rule's
  /// padding and the steps of the whole sound, before those of each patch. For most networks a log-mel spectrogram.
  ///
  /// `steps(compression(Σ_k weight[b, k] |Σ_i w[i] x[t·hop + i] e^(−2πi ki/fft)|^p))`; where the network takes samples,
  /// these, `[samples, 1]`. In single precision; agrees with double precision to about 1e-6 of the loudest band of a
  /// frame.
  ///
  /// Where there are several resolutions, their pictures lie side by side, `[frames, pictures · bands]`.
  public func logMel(_ samples: [Float]) -> Tensor { logMel(channels: [samples]) }

  /// The pictures of several channels side by side, `[frames, channels · pictures · bands]`: the bands of the first
  /// channel, then those of the second, ... All channels have the same length.
  public func logMel(channels: [[Float]]) -> Tensor {
    let makings = resolutions.map { PictureMaking($0) }
    let pictures = channels.flatMap { samples in makings.map { $0.picture(of: samples) } }
    guard pictures.count != 1 else { return pictures[0] }
    let (frames, bands) = (pictures.first?.shape[0] ?? 0, bandCount)
    precondition(pictures.allSatisfy { $0.shape == [frames, bands] }, "channels of different lengths")
    return Tensor(unsafeUninitialized: [frames, pictures.count * bands]) { joined in
      for (place, picture) in pictures.enumerated() {
        picture.withUnsafeValues { picture in
          for frame in 0..<frames {
            let start = (frame * pictures.count + place) * bands
            for band in 0..<bands { joined[start + band] = picture[frame * bands + band] }
          }
        }
      }
    }
  }

  /// The linear magnitude spectrogram that bands are sums of, `|X|` whatever `spectrum` is: `[frames, fft / 2 + 1]`;
  /// where the network takes samples, their magnitudes, `[samples, 1]`. Of several resolutions, the first.
  public func magnitudes(_ samples: [Float]) -> Tensor {
    PictureMaking(self).magnitudes(of: samples)
  }

  /// The picture of a magnitude spectrogram `[frames, bins]`, as `logMel` makes it of the samples' own. A negative
  /// magnitude counts as its absolute value.
  public func logMel(magnitudes: Tensor) -> Tensor {
    PictureMaking(self).picture(ofMagnitudes: magnitudes)
  }

  /// `Σ gradient · ∂picture/∂samples`: the vector-Jacobian product of ``logMel(_:)``, `[samples]`.
  ///
  /// The magnitude of a bin of digital silence has a kink: its derivative is taken as 0, and so is that of what lies
  /// at or below a floor. Where a derivative is beyond what single precision can hold it is 0.
  ///
  /// - Parameter gradient: with respect to the picture, `[frames, bands]`, or those of all resolutions.
  public func pullback(_ gradient: Tensor, at samples: [Float]) -> Tensor {
    let resolutions = resolutions
    guard resolutions.count > 1 else { return PictureMaking(self).pullback(gradient, at: samples).finite }
    let (frames, bands) = (gradient.shape[0], bandCount)
    let pictures = gradient.reshaped(to: [1, frames, resolutions.count * bands])
      .channelsApart(resolutions.count).reshaped(to: [resolutions.count, frames, bands])
    var sums = [Float](repeating: 0, count: samples.count)
    for (place, one) in resolutions.enumerated() {
      let part = pictures.rows(place..<place + 1).reshaped(to: [frames, bands])
      let pulled = PictureMaking(one).pullback(part, at: samples).finite
      pulled.withUnsafeValues { pulled in for index in sums.indices { sums[index] += pulled[index] } }
    }
    return Tensor([samples.count], sums)
  }

  /// `Σ gradient · ∂picture/∂magnitudes`: the vector-Jacobian product of ``logMel(magnitudes:)``, `[frames, bins]`.
  public func pullback(_ gradient: Tensor, atMagnitudes magnitudes: Tensor) -> Tensor {
    PictureMaking(self).pullback(gradient, atMagnitudes: magnitudes).finite
  }

  /// The bins of the transform, from 0 Hz to half the sample rate.
  public var bins: Int { fft / 2 + 1 }

  /// The frequency of each bin of the transform, in hertz.
  public var binHertz: [Double] { (0..<bins).map { Double($0) * Double(sampleRate) / Double(fft) } }

  /// The weights of the samples that a frame transforms, `[fft]`: the window, then zeros.
  public var frameWeights: Tensor {
    let window = analysis?.windowWeights(sampleRate: sampleRate) ?? [1]
    return Tensor([fft], window.map { Float($0) } + [Float](repeating: 0, count: fft - window.count))
  }

  /// The sample with which frame 0's window begins: before the first where frames are centred.
  ///
  /// librosa centres the window within the transform, and the transform on the sample.
  public var firstSample: Int {
    switch analysis?.framing {
    case .centred?: (fft - window) / 2 - fft / 2
    case .hopCentred?: hop / 2 - window / 2
    case .fromStart?: 0
    case .insideTransform?: (fft - window) / 2
    case nil: -leading
    }
  }

  /// The zeros before the first sample, where the network takes samples and patches are centred on them.
  var leading: Int { isSamples && patch.isCentred ? patch.frames / 2 : 0 }
}

extension Tensor {
  /// Zeros in place of what is infinite or no number.
  fileprivate var finite: Tensor {
    var result = self
    result.withUnsafeMutableValues { values in
      for place in values.indices where !values[place].isFinite { values[place] = 0 }
    }
    return result
  }
}
