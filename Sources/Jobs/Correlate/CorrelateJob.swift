import Catalogue
package import Explain
import Figures
import Files
import Models
import Probe
package import Reports
import Tensors

/// Holds every unit of a catalogue's layers against every descriptor of its sounds, and layers' maps against parts of the sounds.
package struct CorrelateJob {
  private let request: CorrelateRequest
  private let workspace: Workspace

  package init(_ request: CorrelateRequest, in workspace: Workspace) {
    (self.request, self.workspace) = (request, workspace)
  }

  /// - Parameters:
  ///   - store: gets `correlations.csv`, `correlations.npz`, `correspondence.json` and pictures.
  ///   - note: told what should be known of the sounds.
  /// - Throws: `Cancelled`; `CatalogueError`, `CorrelateError`; what reading the model and writing throw.
  package func run(
    in store: any ResultStore, control: RunControl = RunControl(), note: (String) throws -> Void = { _ in }
  ) throws -> CorrespondenceRecord {
    let catalogue = try Catalogue(reading: request.catalogue)
    let all = catalogue.layers + [catalogue.embedding].compactMap(\.self)
    let layers = request.layers.isEmpty ? all : try request.layers.map { try catalogue.layer(named: $0) }
    let given = try DescriptorColumns(of: catalogue, table: request.descriptors)
    guard given.files.count >= CorrelationTable.fewestClips else {
      throw CorrelateError.tooFew(request.catalogue, sounds: given.files.count)
    }
    let compares = request.comparedSounds > 0
    let findings = try Findings(
      layers, in: catalogue, given, permutations: request.permutations, seed: request.seed,
      control: control.part(from: 0, to: compares ? 0.4 : 0.9))
    var files: [String] = []
    func keep(_ bytes: [UInt8], _ name: String) throws {
      try store.write(bytes, to: name)
      files.append(name)
    }
    try keep(Array(findings.table.utf8), "correlations.csv")
    try keep(findings.archive(), "correlations.npz")
    let best = Array(findings.best.prefix(max(request.top, 0)))
    for drawn in try findings.figures(of: best) { try keep(drawn.png, drawn.name) }
    if let figure = findings.layerFigure { try keep(figure.png(), "layers.png") }

    var parts: [PartRecord] = []
    var compared = 0
    if compares {
      let study = PartsStudy(
        request, catalogue: catalogue, layers: layers.filter { !$0.isEmbedding },
        numbers: Self.numbers(of: all))
      if let result = try study.run(workspace, control: control.part(from: 0.4, to: 1), note: note) {
        (parts, compared) = (result.records, result.sounds)
        for drawn in result.pictures { try keep(drawn.png, drawn.name) }
      }
    }
    let record = CorrespondenceRecord(
      catalogue: PathText.shown(request.catalogue), model: catalogue.model.name, clips: given.files.count,
      recordings: findings.recordings, units: findings.units, constantUnits: findings.constantUnits,
      descriptors: given.names, pairs: findings.pairCount, permutations: request.permutations,
      seed: request.seed,
      chance: findings.chance, best: findings.best, comparedSounds: compared, parts: parts,
      files: files + ["correspondence.json"])
    try store.write(RecordCoding.file(record), to: "correspondence.json")
    return record
  }

  /// What each layer is called in sentences: its place among the catalogue's, from 1.
  static func numbers(of layers: [CatalogueLayer]) -> [String: Int] {
    Dictionary(layers.enumerated().map { ($1.tensor, $0 + 1) }) { first, _ in first }
  }
}
