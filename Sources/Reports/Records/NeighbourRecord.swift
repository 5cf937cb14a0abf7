package import Catalogue
import Explain
import Files

/// A sound that is near to another one, as JSON.
package struct NeighbourRecord: Codable, Sendable {
  /// The sound that was asked about.
  package var sound: String
  package var layer: String
  package var metric: VectorMetric
  package var rank: Int
  package var file: String
  package var distance: Double
  @OrNull package var label: String?
  @OrNull package var seconds: Double?

  package init(_ neighbour: Neighbour, of sound: String, in layer: CatalogueLayer, _ metric: VectorMetric) {
    (self.sound, self.layer, self.metric) = (PathText.shown(sound), layer.tensor, metric)
    (rank, file) = (neighbour.rank, PathText.shown(neighbour.file.path))
    distance = Double(neighbour.distance)
    label = neighbour.file.label
    seconds = neighbour.file.seconds
  }

  enum CodingKeys: String, CodingKey {
    case sound, layer, metric, rank, file, distance, seconds
    case label = "class"
  }
}

/// How well a layer's space knows the classes, as JSON.
package struct AgreementRecord: Codable, Sendable {
  package var layer: String
  package var metric: VectorMetric
  package var sounds: Int
  package var recordings: Int
  package var classes: Int
  /// The share of sounds whose nearest neighbour is of their class, with its 95 % interval.
  package var nearest: Double
  package var nearestInterval: [Double]
  /// Of the `top` nearest, the mean share that is.
  package var precision: Double
  package var precisionInterval: [Double]
  package var top: Int
  package var chance: Double

  package init(_ agreement: ClassAgreement, in layer: CatalogueLayer, _ metric: VectorMetric) {
    self.layer = layer.isEmbedding ? CatalogueLayer.embeddingKind : layer.tensor
    (self.metric, sounds, recordings) = (metric, agreement.sounds, agreement.recordings)
    (classes, top, chance) = (agreement.classes, agreement.top, agreement.chance)
    (nearest, nearestInterval) = (agreement.nearest.value, [agreement.nearest.low, agreement.nearest.high])
    (precision, precisionInterval) = (
      agreement.precision.value, [agreement.precision.low, agreement.precision.high]
    )
  }

  enum CodingKeys: String, CodingKey {
    case layer, metric, sounds, recordings, classes, top, chance
    case nearest = "nearest_shares_class"
    case nearestInterval = "nearest_shares_class_95"
    case precision = "share_of_class_in_top"
    case precisionInterval = "share_of_class_in_top_95"
  }
}
