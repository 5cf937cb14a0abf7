package import Reports

/// A map of the sounds of a catalogue.
package struct AtlasRequest: Codable, Sendable, Hashable {
  package enum Method: String, Codable, Sendable, Hashable, CaseIterable { case tsne, pca }

  package var catalogue: String
  /// A tensor, or `embedding`; nil for the embedding, or the last layer.
  package var layer: String?
  package var method = Method.tsne
  package var colouring = AtlasContent.Colouring.group
  /// The channel whose mean activation colours the map, for `.unit`.
  package var unit = 0
  package var seed: UInt64 = 0
  /// The most bytes of sounds that the page holds itself.
  package var mostBytes = AtlasRequest.defaultBytes

  package static let defaultBytes = 24_000_000

  package init(catalogue: String) { self.catalogue = catalogue }
}

/// How alike a network finds the moments of sounds.
package struct StripsRequest: Codable, Sendable, Hashable {
  package var sounds: [String]
  package var model: ModelChoice
  /// Tensors; none for the first, a middle and the last layer that run in time.
  package var layers: [String] = []
  package var part = Stretch()
  package var seed: UInt64 = 0

  package init(sounds: [String], model: ModelChoice) { (self.sounds, self.model) = (sounds, model) }
}
