import Audio
import Tensors

/// A score of a clip's samples as a function of the magnitudes of its STFT, the phases held: `[rows, frames, bins]`.
///
/// The gradient is the score's own, under whatever rule its way back follows, sent through the inverse transform, which is
/// linear. Perturbed magnitudes are sounds again, in which tiles of time and frequency are muted or replaced.
struct SpectrumScore: ScoreFunction {
  /// As a function of the samples, `[rows, samples]`.
  let sound: any ScoreFunction
  let spectrum: PhasedSpectrum
  /// Whether what flows back is relevance, not slopes.
  let isRelevance: Bool

  func scores(at x: Tensor) throws -> [Float] { try sound.scores(at: spectrum.sounds(of: x)) }

  func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float] {
    try sound.scores(at: spectrum.sounds(of: x), differingFrom: spectrum.sounds(of: base))
  }

  func gradient(at x: Tensor) throws -> Tensor {
    let sounds = spectrum.sounds(of: x)
    let gradient = try sound.gradient(at: sounds)
    return isRelevance
      ? spectrum.pullback(gradient.asSlopes(at: sounds)).times(x) : spectrum.pullback(gradient)
  }

  func multipliers(at x: Tensor, from baseline: Tensor) throws -> Tensor {
    try spectrum.pullback(
      sound.multipliers(at: spectrum.sounds(of: x), from: spectrum.sounds(of: baseline)))
  }
}
