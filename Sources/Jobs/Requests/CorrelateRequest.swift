/// Which units of a catalogue's layers follow what can be measured of its sounds, and what their maps look like.
package struct CorrelateRequest: Codable, Sendable, Hashable {
  package var catalogue: String
  /// Where the catalogue's model lies now; nil where it was.
  package var model: String?
  /// Tensors, or `embedding`; none for all.
  package var layers: [String] = []
  /// A table of descriptors instead of the catalogue's own: a row a sound, a column named `sound`, `path` or `filename`, and
  /// columns of numbers.
  package var descriptors: String?
  /// Pairs that are told and drawn.
  package var top = 12
  package var permutations = 1000
  /// Sounds whose maps are compared with their parts; 0 for none.
  package var comparedSounds = 24
  /// Channels of each layer that are, evenly spaced ones.
  package var comparedChannels = 16
  package var seed: UInt64 = 0

  package init(catalogue: String) { self.catalogue = catalogue }
}
