import Audio
import Graphs
public import Models
public import Tensors

/// A score of a whole clip, a class's logit as a rule, as a function of its samples, or of the magnitudes of its STFT.
///
/// The chain rule in two steps: `∂score/∂x = (∂log-mel/∂x)ᵀ · ∂score/∂log-mel`, the right factor from `ClipScore`, under
/// whatever rule its way back follows, the left one from the front end, which is bent by none.
public struct SoundScore: ScoreFunction {
  private let clip: any ScoreFunction
  private let frontEnd: DifferentiableFrontEnd
  /// Whether what flows back is relevance, not slopes.
  private let isRelevance: Bool

  /// - Parameters:
  ///   - clip: as a function of log-mel pictures.
  ///   - isRelevance: only where the front end is linear.
  public init(_ clip: some ScoreFunction, _ frontEnd: DifferentiableFrontEnd, isRelevance: Bool = false) {
    (self.clip, self.frontEnd, self.isRelevance) = (clip, frontEnd, isRelevance)
  }

  public func scores(at x: Tensor) throws -> [Float] { try clip.scores(at: frontEnd.logMel(of: x)) }

  public func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float] {
    try clip.scores(at: try frontEnd.logMel(of: x), differingFrom: try frontEnd.logMel(of: base))
  }

  public func gradient(at x: Tensor) throws -> Tensor {
    let picture = try frontEnd.logMel(of: x)
    let gradient = try clip.gradient(at: picture)
    guard isRelevance else { return try frontEnd.pullback(gradient, at: x) }
    return try frontEnd.pullback(gradient.asSlopes(at: picture), at: x).times(x)
  }

  /// Where the front end is linear, as that of samples without scaling by their own statistics is.
  public func multipliers(at x: Tensor, from baseline: Tensor) throws -> Tensor {
    guard frontEnd.frontEnd.isLinear else { throw ExplainError.noMultipliers }
    return try frontEnd.pullback(
      clip.multipliers(at: frontEnd.logMel(of: x), from: frontEnd.logMel(of: baseline)), at: x)
  }
}

extension Tensor {
  /// Relevance as what each value must be multiplied by to give it, `R / x`, 0 where the value is: through linear steps
  /// it flows back as a gradient does. DFT-LRP; Vielhaben et al., Pattern Recognition 2024.
  func asSlopes(at x: Tensor) -> Tensor {
    withUnsafeValues { relevance in
      x.withUnsafeValues { x in
        Tensor(unsafeUninitialized: shape) { result in
          for place in result.indices { result[place] = x[place] == 0 ? 0 : relevance[place] / x[place] }
        }
      }
    }
  }
}

extension AudioModel {
  /// The model's front end with its derivative, computed with as many threads and as much memory as the network.
  public func differentiableFrontEnd(from source: DifferentiableFrontEnd.Source) throws
    -> DifferentiableFrontEnd
  {
    try DifferentiableFrontEnd(frontEnd, from: source, threads: network.threads, memory: network.memory)
  }

  /// What `method` makes of a clip's score in a domain, at the row `x`.
  ///
  /// - Parameters:
  ///   - clip: as a function of pictures; of samples where the network makes its picture inside.
  ///   - samples: of the clip.
  func attribution(
    by method: any InputMethod, _ clip: some ScoreFunction, in domain: Domain, at x: Tensor,
    of samples: [Float]?,
    isRelevance: Bool
  ) throws -> Tensor {
    switch domain {
    case .logMel: return try method.attribute(clip, at: x)
    case .stft where hearsMagnitudes:
      return try method.attribute(SoundScore(clip, differentiableFrontEnd(from: .magnitudes)), at: x)
    case .stft:
      let sound = SoundScore(clip, try differentiableFrontEnd(from: .samples), isRelevance: isRelevance)
      let spectrum = PhasedSpectrum(samples ?? [], sampleRate: sampleRate)
      return try method.attribute(
        SpectrumScore(sound: sound, spectrum: spectrum, isRelevance: isRelevance), at: x)
    case .waveform:
      return try method.attribute(
        SoundScore(clip, differentiableFrontEnd(from: .samples), isRelevance: isRelevance), at: x)
    }
  }

  /// A map over samples, `[samples, 1]`, on the frames and bins of an STFT: the mean around each frame's centre, the same
  /// for all frequencies.
  func spread(_ map: Tensor, over spectrum: Tensor) -> Tensor {
    let (frames, bins) = (spectrum.shape[1], spectrum.shape[2])
    let hop = Int((spectrumAxes.hop * Double(sampleRate)).rounded())
    return map.withUnsafeValues { values in
      Tensor(unsafeUninitialized: [frames, bins]) { result in
        for frame in 0..<frames {
          let range = max(0, frame * hop - hop / 2)..<max(0, min(values.count, frame * hop + hop / 2))
          let sum = range.reduce(0.0) { $0 + Double(values[$1]) }
          let mean = Float(range.isEmpty ? 0 : sum / Double(range.count))
          for bin in 0..<bins { result[frame * bins + bin] = mean }
        }
      }
    }
  }
}
