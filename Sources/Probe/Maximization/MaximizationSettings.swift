package import Graphs

/// How the input that excites a unit most is sought.
package struct MaximizationSettings: Codable, Sendable, Hashable {
  package var rule = Rule.modern
  /// Different answers to one question.
  package var answers = 1
  /// nil for the rule's own.
  package var steps: Int?
  /// The weight of `Σ x²`, x being what the network is given; nil for the rule's own.
  package var lambda: Float?
  /// By input, for networks of several.
  package var lambdas: [TensorName: Float] = [:]
  package var seed: UInt64 = 0
  /// Steps on the sound itself behind those on the picture; nil for the rule's own.
  package var soundSteps: Int?
  /// How much the regularizers count, 1 for their usual weights.
  package var smoothness: Float = 1

  package init() {}

  package enum Rule: String, Codable, Sendable, Hashable, CaseIterable {
    /// Montavon's: `A − λ|x|²`, λ = 0.1, closed ReLUs let 0.3 of a gradient through, any number is a value.
    case paper
    /// Waves of decaying amplitude within the range of sounds, shifts along time, and what favours simple pictures.
    case modern
  }

  package var ascent: Ascent.Settings {
    var ascent = Ascent.Settings()
    ascent.seed = seed
    ascent.leak = Self.leak
    switch rule {
    case .paper:
      ascent.steps = steps ?? 200
      ascent.rate = 0.1
      ascent.isPlain = true
      ascent.leakySteps = nil
    case .modern:
      ascent.steps = steps ?? 160
      ascent.rate = 0.07
    }
    return ascent
  }

  /// What a closed ReLU lets through on the way back.
  package static let leak: Float = 0.3
  /// λ of the paper's rule.
  package static let paperLambda: Float = 0.1
}
