package import Catalogue
package import Graphs

/// Which sounds a model hears for a catalogue.
package struct IndexRequest: Codable, Sendable, Hashable {
  /// Files and folders.
  package var sounds: [String]
  package var model: ModelChoice
  /// The catalogue's folder.
  package var catalogue: String
  /// Tensors; none for the catalogue's, or, of a new one, for the outline's.
  package var layers: [TensorName] = []
  /// Places of a channel; nil for the catalogue's, or 16.
  package var top: Int?
  /// Of these, the most of one file; nil for the catalogue's, or 2.
  package var perFile: Int?
  /// nil for what the catalogue knows, and folders for new files.
  package var labels: LabelSource?
  /// Whether sounds are measured, too.
  package var describes = true

  package init(sounds: [String], model: ModelChoice, catalogue: String) {
    (self.sounds, self.model, self.catalogue) = (sounds, model, catalogue)
  }
}
