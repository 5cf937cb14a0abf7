import Catalogue
import Models
import Tensors

/// What a layer of a catalogue makes of sounds: those that the catalogue has are looked up, others are heard by its model.
struct CatalogueEar {
  private let catalogue: Catalogue
  private let layer: CatalogueLayer
  private let files: [CatalogueFile]
  private let model: String?
  private let workspace: Workspace
  private var hearer: (model: AudioModel, layers: [ObservedLayer])?

  /// - Parameters:
  ///   - files: of the catalogue, those that were heard.
  ///   - model: where the catalogue's model lies now; nil where it was.
  init(
    of catalogue: Catalogue, _ layer: CatalogueLayer, _ files: [CatalogueFile], model: String? = nil,
    in workspace: Workspace
  ) {
    (self.catalogue, self.layer, self.files) = (catalogue, layer, files)
    (self.model, self.workspace) = (model, workspace)
  }

  /// A sound's mean activations.
  ///
  /// - Parameter content: of the file at `path`.
  /// - Throws: `CatalogueError`; `SoundVectorsError`; what reading the model throws.
  mutating func vector(of path: String, _ content: ContentHash) throws -> [Float] {
    if let row = files.first(where: { $0.contentHash == content.digits })?.row {
      return try catalogue.vectors(of: layer)[row]
    }
    let ready: (model: AudioModel, layers: [ObservedLayer])
    if let hearer {
      ready = hearer
    } else {
      let model = try workspace.model(of: catalogue, at: model)
      ready = (model, [try ObservedLayer(layer, of: model)])
      hearer = ready
    }
    return try SoundVectors(of: path, by: ready.model, ready.layers).vectors[0]
  }
}
