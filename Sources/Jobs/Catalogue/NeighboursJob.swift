import Catalogue
package import Explain
import Files
import Models
package import Reports
import Tensors

/// What a run of `neighbours` tells, one by one.
package enum NeighboursEvent: Sendable {
  case found(NeighbourRecord)
  /// A sound cannot be heard; the others are.
  case failed(sound: String, reason: String)
}

/// Finds the sounds of a catalogue that are near to others. A sound that the catalogue has is looked up; others are heard.
package struct NeighboursJob {
  private let request: NeighboursRequest
  private let workspace: Workspace

  package init(_ request: NeighboursRequest, in workspace: Workspace) {
    (self.request, self.workspace) = (request, workspace)
  }

  /// - Throws: `Cancelled`; `CatalogueError`; what reading the model throws; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (NeighboursEvent) throws -> Void) throws {
    let catalogue = try Catalogue(reading: request.catalogue)
    let layer = try catalogue.layer(named: request.layer ?? catalogue.lastLayer?.tensor ?? "")
    let files = try catalogue.heardFiles()
    var ear = CatalogueEar(of: catalogue, layer, files, model: request.model, in: workspace)
    for (number, sound) in request.sounds.enumerated() {
      try control.report(number, of: request.sounds.count, Folder.name(of: sound))
      do {
        let content = try ContentHash(ofFileAt: sound)
        let vector = try ear.vector(of: sound, content)
        for neighbour in try catalogue.neighbours(
          of: vector, in: layer, metric: request.metric, top: request.top, among: files,
          excluding: content)
        {
          try emit(.found(NeighbourRecord(neighbour, of: sound, in: layer, request.metric)))
        }
      } catch let error as FileError {
        try emit(.failed(sound: sound, reason: "\(error)"))
      } catch let error as SoundVectorsError {
        try emit(.failed(sound: sound, reason: "\(error)"))
      }
    }
  }
}

/// Tells how well the layers of a catalogue know the classes of its sounds.
package struct AgreementJob {
  private let request: AgreementRequest

  package init(_ request: AgreementRequest) { self.request = request }

  /// - Throws: `Cancelled`; `CatalogueError`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (AgreementRecord) throws -> Void) throws {
    let catalogue = try Catalogue(reading: request.catalogue)
    let all = catalogue.layers + [catalogue.embedding].compactMap(\.self)
    let layers = request.layers.isEmpty ? all : try request.layers.map { try catalogue.layer(named: $0) }
    for (number, layer) in layers.enumerated() {
      let agreement = try catalogue.classAgreement(
        in: layer, metric: request.metric, top: request.top, control: control.part(number, of: layers.count))
      try emit(AgreementRecord(agreement, in: layer, request.metric))
    }
  }
}
