package import Explain
package import Graphs

/// Why a model gave sounds their classes.
package struct ExplainRequest: Codable, Sendable, Hashable {
  /// Files; with averages also folders.
  package var sounds: [String]
  package var model: ModelChoice
  package var part = Stretch()
  package var methods: MethodSelection
  /// Empty for the model's own default.
  package var domains: [Domain] = []
  package var targets: [TargetChoice] = [.top(1)]
  /// A class whose logit is taken off the targets'.
  package var against: TargetChoice?
  package var embedding: EmbeddingChoice?
  package var layers: [TensorName] = []
  /// Parts of the sound for audioLIME.
  package var stems: [String] = []
  package var parameters = MethodParameters()
  package var findsEvents = false
  package var testsOrder = false
  package var averages = Averages.none

  package enum Averages: String, Codable, Sendable { case none, also, only }

  package init(sounds: [String], model: ModelChoice, methods: MethodSelection) {
    (self.sounds, self.model, self.methods) = (sounds, model, methods)
  }
}
