package import Graphs

/// A layer whose activations a catalogue holds.
package struct CatalogueLayer: Sendable, Hashable {
  /// Its number in the database, which names its file of vectors.
  package let number: Int
  package let tensor: TensorName
  /// `convolution`, `dense`, `recurrence`, `attention`; `embedding` for what the last linear layer reads, which has
  /// vectors and no exemplars.
  package let kind: String
  package let channels: Int
  /// Places of one channel on a patch.
  package let times: Int
  package let bands: Int
  /// How much sound a place sees.
  package let seenSeconds: Double
  /// Its file, relative to the catalogue.
  let vectorFile: String

  package static let embeddingKind = "embedding"

  package var isEmbedding: Bool { kind == Self.embeddingKind }
}
