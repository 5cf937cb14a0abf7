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

  /// - Parameter clip: as a function of log-mel pictures.
  public init(_ clip: some ScoreFunction, _ frontEnd: DifferentiableFrontEnd) {
    (self.clip, self.frontEnd) = (clip, frontEnd)
  }

  public func scores(at x: Tensor) throws -> [Float] { try clip.scores(at: frontEnd.logMel(of: x)) }

  public func gradient(at x: Tensor) throws -> Tensor {
    try frontEnd.pullback(clip.gradient(at: frontEnd.logMel(of: x)), at: x)
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
  func attribution(
    by method: any InputMethod, _ clip: some ScoreFunction, in domain: Domain, at x: Tensor
  ) throws -> Tensor {
    switch domain {
    case .logMel: try method.attribute(clip, at: x)
    case .stft:
      try method.attribute(SoundScore(clip, differentiableFrontEnd(from: .magnitudes)), at: x)
    case .waveform: try method.attribute(SoundScore(clip, differentiableFrontEnd(from: .samples)), at: x)
    }
  }
}
