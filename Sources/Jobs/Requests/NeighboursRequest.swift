package import Catalogue

/// Which sounds of a catalogue are near to others.
package struct NeighboursRequest: Codable, Sendable, Hashable {
  package var sounds: [String]
  package var catalogue: String
  /// Where the catalogue's model lies now; nil where it was.
  package var model: String?
  /// A tensor, or `embedding`; nil for the embedding, or the last layer.
  package var layer: String?
  package var metric = VectorMetric.cosine
  package var top = 10

  package init(sounds: [String], catalogue: String) { (self.sounds, self.catalogue) = (sounds, catalogue) }
}

/// How well layers of a catalogue know the classes of its sounds.
package struct AgreementRequest: Codable, Sendable, Hashable {
  package var catalogue: String
  /// Tensors, or `embedding`; none for all.
  package var layers: [String] = []
  package var metric = VectorMetric.cosine
  package var top = 10

  package init(catalogue: String) { self.catalogue = catalogue }
}
