import Catalogue
package import Explain
import Files
import Models
package import Reports
import Tensors
import Audio

/// What a run of `patches` tells, one by one.
package enum PatchesEvent: Sendable {
  case shown(PatchRecord)
  /// A sound that cannot be shown: it has changed or vanished since it was indexed, or cannot be read.
  case passedOver(sound: String, reason: String)
}

/// Shows where a channel was strongest: a sheet, the sounds, what they have in common, a page.
package struct PatchesJob {
  private let request: PatchesRequest
  private let workspace: Workspace

  package init(_ request: PatchesRequest, in workspace: Workspace) {
    (self.request, self.workspace) = (request, workspace)
  }

  /// - Throws: `Cancelled`; `CatalogueError`; `PatchesError.nothing`; what `emit` and `store` throw.
  package func run(
    into store: any ResultStore, control: RunControl = RunControl(), emit: (PatchesEvent) throws -> Void
  ) throws -> ExcerptsRecord {
    let catalogue = try Catalogue(reading: request.catalogue)
    let layer = try catalogue.layer(named: request.layer)
    guard !layer.isEmbedding else { throw PatchesError.embedding }
    let exemplars = try catalogue.exemplars(of: layer, channel: request.channel)
    let model = try workspace.model(of: catalogue, at: request.model)
    let view = ExcerptView(of: model, seconds: layer.seenSeconds)
    var shown: [(exemplar: Exemplar, picture: Tensor)] = []
    var records: [PatchRecord] = []
    for exemplar in exemplars where shown.count < request.top {
      try control.report(shown.count, of: min(request.top, exemplars.count))
      do {
        try requireUnchanged(exemplar.file)
        let picture = try view.picture(exemplar.file.path, around: (exemplar.start + exemplar.end) / 2)
        let number = exemplar.rank + 1
        let name =
          "\(number < 10 ? "0" : "")\(number).\(Clip.stem(of: PathText.shown(Folder.name(of: exemplar.file.path)))).wav"
        try store.write(wavBytes(of: view.sound(exemplar)), to: name)
        let record = PatchRecord(exemplar, sound: name)
        shown.append((exemplar, picture))
        records.append(record)
        try emit(.shown(record))
      } catch let error as AudioError {
        try emit(.passedOver(sound: exemplar.file.path, reason: "\(error)"))
      } catch let error as PatchesError {
        try emit(.passedOver(sound: exemplar.file.path, reason: "\(error)"))
      }
    }
    guard !shown.isEmpty else { throw PatchesError.nothing(request.catalogue) }
    let known = try catalogue.files().filter { $0.status == .indexed }
    let record = ExcerptsRecord(
      layer: layer, channel: request.channel, isConstant: try isConstant(layer, exemplars, catalogue),
      patches: records, classes: ClassShare.shares(of: shown.map(\.exemplar.file), among: known))
    let page = ChannelPage(record, model: catalogue.model.name, view, shown)
    for picture in try page.pictures() { try store.write(picture.bytes, to: picture.name) }
    try store.write(RecordCoding.file(record), to: "patches.json")
    try store.write(Array(page.html(command: request.command).utf8), to: "index.html")
    return record
  }

  /// Whether the strongest places are no stronger than the mean of all: the same value everywhere.
  private func isConstant(_ layer: CatalogueLayer, _ exemplars: [Exemplar], _ catalogue: Catalogue) throws
    -> Bool
  {
    guard let strongest = exemplars.first?.value else { return false }
    let matrix = try catalogue.vectors(of: layer)
    return try catalogue.heardFiles().allSatisfy { file in
      guard let row = file.row, row < matrix.rows else { return true }
      return (matrix[row][request.channel] - strongest).magnitude <= 1e-6 * strongest.magnitude
    }
  }

  private func requireUnchanged(_ file: CatalogueFile) throws(PatchesError) {
    guard let identity = FileIdentity(of: file.path) else { throw .vanished(file.path) }
    guard identity.bytes == file.bytes, identity.modified == file.modified else { throw .changed(file.path) }
  }
}

/// What can keep a channel's places from being shown.
package enum PatchesError: RemediableError {
  case vanished(String)
  case changed(String)
  case nothing(String)
  case embedding

  package var isMisuse: Bool { if case .embedding = self { true } else { false } }

  package var description: String {
    switch self {
    case .vanished(let path):
      "\(PathText.shown(path)): is not there any more; index the folder again"
    case .changed(let path):
      "\(PathText.shown(path)): has changed since it was indexed; index the folder again"
    case .nothing(let path):
      "\(PathText.shown(path)): none of the channel's sounds can be read; index the folder again"
    case .embedding: "the embedding has no places: name a layer"
    }
  }
}
