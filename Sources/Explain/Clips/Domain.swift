public import Audio
public import Models
public import Tensors

/// How deep into a sound an attribution goes: what the score is taken as a function of.
public enum Domain: String, Sendable, Hashable, CaseIterable {
  /// The bins of the picture, `[frames, bands]`: of what the network is given, or of the spectrogram that it carries
  /// inside.
  case logMel = "log-mel"
  /// The magnitudes of an STFT of the sound, `[frames, bins]`, linear in amplitude and frequency: those `|X|` of the front
  /// end's transform where it has one, whose phase does not matter to the network; for all other networks those of a
  /// transform put before the network, whose phases are held (`PhasedSpectrum`).
  case stft
  /// The samples, mono at the front end's rate, `[samples]`.
  case waveform

  /// The domain called `name`.
  ///
  /// - Parameter name: a raw value, or `picture` for the bins of the picture.
  public init?(named name: String) {
    if name == "picture" { self = .logMel } else { self.init(rawValue: name) }
  }

  /// What one value of it is, for units.
  public var unit: String {
    switch self {
    case .logMel: "log-mel"
    case .stft: "magnitude"
    case .waveform: "sample"
    }
  }

  /// For captions.
  public var title: String {
    switch self {
    case .logMel: "log-mel bins"
    case .stft: "STFT magnitudes"
    case .waveform: "samples"
    }
  }

  /// What counts as nothing by default: silence.
  func silence(of model: AudioModel) -> Baseline { self == .logMel ? model.silence : .constant(0) }

  /// The default standard deviation of SmoothGrad's noise, relative to the range of the input.
  ///
  /// 15 % of a log-mel picture's range is Smilkov's choice; of a waveform's range it would be noise as loud as the clip.
  var noiseShare: Float { self == .logMel ? 0.15 : 0.01 }

  /// Whether a baseline can be made in it.
  func knows(_ baseline: Baseline) -> Bool {
    switch baseline {
    case .noiseFloor, .localMean: self != .waveform
    case .constant, .given, .repeated, .noise: true
    }
  }
}

extension AudioModel {
  /// What counts as nothing in the picture: that of digital silence.
  public var silence: Baseline { silentPatch.map { .repeated($0) } ?? .constant(frontEnd.silence) }

  /// What sounds are explained in where nobody says: the picture, or, where there is none, the STFT.
  public var defaultDomain: Domain { hasPicture ? .logMel : .stft }

  /// Whether the magnitudes of the front end's own transform are all that the network hears of a sound.
  var hearsMagnitudes: Bool { hasPicture && silentPatch == nil && frontEnd.pictureCount == 1 }

  /// Where the bins of the STFT lie that sounds are explained on.
  public var spectrumAxes: PictureAxes {
    hearsMagnitudes ? frontEnd.linearAxes : PhasedSpectrum.axes(sampleRate: sampleRate)
  }

  /// Where what is explained in a domain lies; nil in the waveform.
  public func axes(in domain: Domain) -> PictureAxes? {
    switch domain {
    case .logMel: axes
    case .stft: spectrumAxes
    case .waveform: nil
    }
  }

  /// What a sound is in a domain, without the axis of rows.
  ///
  /// - Parameter samples: mono at the front end's rate.
  public func picture(of samples: [Float], in domain: Domain) throws -> Tensor {
    switch domain {
    case .logMel: try picture(of: samples)
    case .stft:
      hearsMagnitudes
        ? frontEnd.magnitudes(samples) : PhasedSpectrum(samples, sampleRate: sampleRate).magnitudes
    case .waveform: Tensor([samples.count], samples)
    }
  }

  /// A clip as one row of what scores in this domain are functions of.
  ///
  /// - Throws: `ExplainError.domainNeedsSamples` where what was heard was a picture, `.tooLarge`.
  func row(of listening: Listening, in domain: Domain) throws -> Tensor {
    let picture: Tensor
    if domain == .logMel {
      picture = listening.logMel
    } else {
      guard let samples = listening.samples else { throw ExplainError.domainNeedsSamples(domain) }
      let (frames, bins) = (spectrumFrames(samples: samples.count), spectrumAxes.bandCount)
      guard domain != .stft || frames * bins <= Domain.mostMagnitudes else {
        throw ExplainError.tooLarge(frames: frames, bins: bins)
      }
      picture = try self.picture(of: samples, in: domain)
    }
    return picture.reshaped(to: Shape([1] + picture.shape.dimensions))
  }

  /// How many frames the STFT of so many samples has.
  func spectrumFrames(samples count: Int) -> Int {
    hearsMagnitudes
      ? frontEnd.frameCount(samples: count) : PhasedSpectrum.frames(samples: count, sampleRate: sampleRate)
  }
}

extension Domain {
  /// 256 MiB of them; two minutes at a hop of 10 ms have 3 million with a transform of 512 points.
  static let mostMagnitudes = 1 << 26
}
