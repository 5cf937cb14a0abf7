package import Tensors

/// What was found in one sound, ready to be written.
package struct IndexedClip: Sendable {
  package var source: SoundSource
  package var contentHash: ContentHash
  package var seconds: Double
  /// The mean activations of each layer, by its place among the catalogue's layers.
  package var vectors: [[Float]]
  /// Each layer's strongest places, channel by channel.
  var places: [[CandidatePlace]]
  package var descriptors: [(name: String, value: Double)]
}

/// A file as the run met it.
package struct SoundSource: Sendable, Hashable {
  /// Absolute.
  package var path: String
  package var bytes: Int
  /// In nanoseconds since 1970.
  package var modified: Int
  package var label: String?
  package var group: String?

  package init(path: String, bytes: Int, modified: Int, label: String? = nil, group: String? = nil) {
    (self.path, self.bytes, self.modified) = (path, bytes, modified)
    (self.label, self.group) = (label, group)
  }
}
