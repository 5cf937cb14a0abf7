package import Graphs
package import Probe

/// What a model begins to hear in sounds, drawn into them.
package struct DreamRequest: Codable, Sendable, Hashable {
  package var sounds: [String]
  package var model: ModelChoice
  package var part = Stretch()
  /// Labels or numbers, also several with commas between.
  package var targets: [String] = []
  /// nil for one in the middle of the network, where no class is named.
  package var layer: TensorName?
  /// Of the layer; nil for the layer as a whole.
  package var channels: ChannelChoice?
  /// The path of a sound that the layer's activations follow.
  package var guide: String?
  package var settings = Dream.Settings()
  package var makesFilms = false

  package init(sounds: [String], model: ModelChoice) { (self.sounds, self.model) = (sounds, model) }
}
