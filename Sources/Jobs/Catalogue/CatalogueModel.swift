import Audio
import Catalogue
import Files
import Models
import Reports
import Tensors

extension Workspace {
  /// Seconds of a patch for networks that take sounds of any length.
  private static let freePatch = 5.0

  /// A model as catalogues use it: one that takes sounds of any length hears patches of five seconds, unless the choice says
  /// otherwise.
  func catalogueModel(_ choice: ModelChoice) throws -> AudioModel {
    let model = try model(choice)
    guard model.frontEnd.patch.isFree else { return model }
    return try model.fitted(toSamples: Int(Self.freePatch * Double(model.sampleRate)))
  }

  /// What tells a catalogue's model from others.
  func identity(of model: AudioModel, _ choice: ModelChoice) throws -> ModelIdentity {
    let path = try BundledData.modelPath(choice.name)
    var choice = choice
    if path == choice.name { choice.name = AbsolutePath.text(path) }
    return ModelIdentity(
      name: model.name, path: choice.name, contentHash: try ContentHash(ofFileAt: path),
      frontEnd: try RecordCoding.line(model.frontEnd), choice: try RecordCoding.line(choice))
  }

  /// The model that made a catalogue.
  ///
  /// - Parameter path: where it lies now; nil where it was.
  /// - Throws: `CatalogueError.otherModel`, `.otherFrontEnd` where it has changed.
  func model(of catalogue: Catalogue, at path: String?) throws -> AudioModel {
    var choice = try RecordCoding.read(ModelChoice.self, from: catalogue.model.choice.utf8)
    if let path { choice.name = path }
    let made = try catalogueModel(choice)
    try catalogue.model.requireSame(as: identity(of: made, choice), in: catalogue.folder)
    return made
  }
}
