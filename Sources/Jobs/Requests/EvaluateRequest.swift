package import Explain

/// Which explanations of a model can be believed.
package struct EvaluateRequest: Codable, Sendable, Hashable {
  /// Files and folders.
  package var sounds: [String]
  package var model: ModelChoice
  package var methods: MethodSelection
  package var parameters = MethodParameters()
  /// At most.
  package var clips = 40
  package var mixtures = 40
  /// A folder of tables, or one table.
  package var annotations: String?
  /// The columns of the tables, where their names are not known: "start=Begin,end=Fin".
  package var columns: String?
  /// What labels of the tables mean: "hen=Chicken, rooster".
  package var labelMap: [String] = []
  /// Seconds of each sound; nil for two patches.
  package var duration: Double?
  package var leastProbability: Float = 0.2
  package var evaluations = 64
  package var removal: BaselineChoice?
  package var closeLooks = 3
  package var examples = 2

  package init(sounds: [String], model: ModelChoice, methods: MethodSelection) {
    (self.sounds, self.model, self.methods) = (sounds, model, methods)
  }
}
