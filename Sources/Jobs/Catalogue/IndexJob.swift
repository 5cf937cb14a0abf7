import Audio
package import Catalogue
package import Explain
import Files
import Graphs
import Models
package import Reports

/// What a run of `index` tells, one by one.
package enum IndexEvent: Sendable {
  /// What was passed over in a folder, one sentence.
  case passedOver(String)
  /// How many sounds are to be heard, and how many are known already.
  case begun(new: Int, known: Int)
  case heard(IndexStep)
  /// A sound of the catalogue that is not there any more.
  case removed(String)
}

/// Lets a model hear a corpus, into a catalogue; what is there already is not heard again.
package struct IndexJob {
  private let request: IndexRequest
  private let workspace: Workspace
  private let model: AudioModel

  package init(_ request: IndexRequest, in workspace: Workspace) throws {
    (self.request, self.workspace) = (request, workspace)
    model = try workspace.catalogueModel(request.model)
  }

  /// - Throws: `Cancelled`; `CatalogueError`, `LabelError`, `AudioError.noSounds`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (IndexEvent) throws -> Void) throws
    -> IndexRecord
  {
    let sounds = try SoundFiles(in: request.sounds)
    for note in sounds.notes { try emit(.passedOver(note)) }
    // A catalogue that is there notes what is gone; one of nothing is not begun.
    if let first = sounds.all.first, !Folder.exists(request.catalogue),
      !sounds.all.contains(where: WholeFile.exists)
    {
      throw FileError.notFound(path: first)
    }
    let labels = try SoundLabels(
      request.labels ?? .folders, roots: request.sounds.filter(Folder.exists).map(AbsolutePath.text))
    let (writer, layers) = try openCatalogue()
    var record = IndexRecord(catalogue: PathText.shown(request.catalogue), model: model.name)
    var (new, seen, known) = ([SoundSource](), Set<String>(), 0)
    for path in sounds.all.map(AbsolutePath.text) where seen.insert(path).inserted {
      guard let identity = FileIdentity(of: path) else {
        let source = SoundSource(path: path, bytes: 0, modified: 0)
        let reason = WholeFile.exists(path) ? "it is no file" : "there is no such file"
        try emit(.heard(.failed(source, reason: "\(PathText.shown(path)): \(reason)")))
        record.failed += 1
        continue
      }
      let source = source(path, identity, labels, writer.files[path])
      if let file = writer.files[path], file.status != .failed, file.bytes == source.bytes,
        file.modified == source.modified
      {
        try writer.update(file, source)
        known += 1
      } else {
        new.append(source)
      }
    }
    try emit(.begun(new: new.count, known: known))
    for file in writer.files.values.sorted(by: { $0.id < $1.id }) where !seen.contains(file.path) {
      guard file.status != .removed, !WholeFile.exists(file.path) else { continue }
      try writer.markRemoved(file)
      record.removed += 1
      try emit(.removed(file.path))
    }
    record.known = known
    let indexer = Indexer(
      model, layers: layers, into: writer, describe: request.describes ? Self.describe : nil)
    let costs = try indexer.index(new, threads: workspace.threads, control: control) { step in
      switch step {
      case .added: record.added += 1
      case .unchanged: record.known += 1
      case .failed: record.failed += 1
      }
      try emit(.heard(step))
    }
    try writer.finish()
    record.sounds = writer.files.values.count { $0.status == .indexed }
    record.layers = writer.layers.count { !$0.isEmbedding }
    record.channels = writer.layers.reduce(0) { $0 + ($1.isEmbedding ? 0 : $1.channels) }
    record.take(costs)
    return record
  }

  private static let describe: Indexer.Describe = { recording in
    try Descriptors(of: recording).scalars.map { ($0.name, $0.value ?? .nan) }
  }

  private func source(
    _ path: String, _ identity: FileIdentity, _ labels: SoundLabels, _ known: CatalogueFile?
  )
    -> SoundSource
  {
    var label = labels.label(of: path)
    if request.labels == nil, let known { label = .init(label: known.label, group: known.group) }
    return SoundSource(
      path: path, bytes: identity.bytes, modified: identity.modified, label: label.label, group: label.group)
  }

  /// The catalogue, and its layers as the model has them.
  private func openCatalogue() throws -> (CatalogueWriter, [ObservedLayer]) {
    let folder = request.catalogue
    let identity = try workspace.identity(of: model, request.model)
    let present = try? Catalogue(reading: folder)
    var settings = CatalogueSettings(top: request.top ?? 16, perFile: request.perFile ?? 2)
    var names = request.layers
    if let present {
      try present.model.requireSame(as: identity, in: folder)
      try present.settings.requireSame(top: request.top, perFile: request.perFile, in: folder)
      settings = present.settings
      let kept = present.layers.map(\.tensor)
      names = try names.map { try model.network.graph.tensor(named: $0) }
      guard names.isEmpty || names == kept else {
        throw CatalogueError.otherSettings(
          folder, what: "the layers", made: kept.joined(separator: ","), given: names.joined(separator: ","))
      }
      names = kept
    }
    let layers = try ObservedLayer.layers(named: names, of: model)
    let writer = try CatalogueWriter(
      folder, model: identity, settings: settings,
      layers: layers.enumerated().map { $1.entry($0, of: model) })
    return (writer, layers)
  }
}
