public import Audio
import Models
public import Tensors

/// How deep into a sound an attribution goes: what the score is taken as a function of.
public enum Domain: String, Sendable, Hashable, CaseIterable {
  /// The bins that the network is given, `[frames, bands]`.
  case logMel = "log-mel"
  /// The magnitudes `|X|` of the front end's transform, `[frames, bins]`, linear in amplitude and frequency. The phase
  /// does not matter to the network; the way back to sound keeps the clip's own.
  case stft
  /// The samples, mono at the front end's rate, `[samples]`.
  case waveform

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

  /// What counts as nothing where nobody says: silence.
  func silence(of frontEnd: FrontEnd) -> Baseline { .constant(self == .logMel ? frontEnd.silence : 0) }

  /// The standard deviation of SmoothGrad's noise where nobody says, relative to the range of the input.
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

  /// What a sound is in this domain, without the axis of rows.
  public func picture(of samples: [Float], _ frontEnd: FrontEnd) -> Tensor {
    switch self {
    case .logMel: frontEnd.logMel(samples)
    case .stft: frontEnd.magnitudes(samples)
    case .waveform: Tensor([samples.count], samples)
    }
  }
}

extension AudioModel {
  /// A clip as one row of what scores in this domain are functions of.
  ///
  /// - Throws: `ExplainError.domainNeedsSamples` where what was heard was a picture, `.tooLarge`.
  func row(of listening: Listening, in domain: Domain) throws -> Tensor {
    let picture: Tensor
    if domain == .logMel {
      picture = listening.logMel
    } else {
      guard let samples = listening.samples else { throw ExplainError.domainNeedsSamples(domain) }
      let values = listening.logMel.shape[0] * frontEnd.bins
      guard domain != .stft || values <= Domain.mostMagnitudes else {
        throw ExplainError.tooLarge(frames: listening.logMel.shape[0], bins: frontEnd.bins)
      }
      picture = domain.picture(of: samples, frontEnd)
    }
    return picture.reshaped(to: Shape([1] + picture.shape.dimensions))
  }
}

extension Domain {
  /// 256 MiB of them; two minutes at a hop of 10 ms have 3 million with a transform of 512 points.
  static let mostMagnitudes = 1 << 26
}
