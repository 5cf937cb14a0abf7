package import Probe

/// What the layers of a model make of a sound.
package struct LookRequest: Codable, Sendable, Hashable {
  /// A file.
  package var sound: String
  package var model: ModelChoice
  package var part = Stretch()
  /// Names of tensors, numbers of the outline or patterns; none for all layers.
  package var layers: [String] = []
  /// Channels (heads of attention) to solo, in each of the layers.
  package var channels: [Int] = []
  package var order = ChannelOrder.strength
  /// How many channels of a layer are shown.
  package var top = LookRequest.defaultTop

  package static let defaultTop = 35

  package init(sound: String, model: ModelChoice) { (self.sound, self.model) = (sound, model) }
}

/// What the filters of a model's first layer look like.
package struct FiltersRequest: Codable, Sendable, Hashable {
  package var model: ModelChoice

  package init(model: ModelChoice) { self.model = model }
}
