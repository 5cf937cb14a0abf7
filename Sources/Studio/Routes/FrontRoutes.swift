import Audio
import Files
import Hummingbird
import Models
import Reports

extension Studio {
  /// What the studio is and has.
  func addFrontRoutes(to api: StudioRoutes) {
    api.get("") { [self] _, _ in
      // Catalogues are opened for it.
      try await readers.run { [self] _ in
        Response.json(
          FrontRecord(
            product: "otoscope", version: Product.version, model: defaultModel, limits: settings.limits,
            examples: examples.map { .init(name: $0) }, catalogues: catalogueRecords(),
            dataSets: settings.dataSetNames.map { .init(name: $0) },
            architectures: Architecture.allCases.map(\.rawValue), frontEnds: FrontEnd.presetNames))
      }
    }
    api.get("openapi.json") { [self] _, _ in
      guard let file = page.file("openapi.json") else { throw StudioFailure.notFound("description") }
      return Response.bytes(file.bytes, file.type)
    }
  }

  /// The bundled sounds, by name.
  var examples: [String] {
    guard let folder = BundledData.folder else { return [] }
    let paths = (try? Folder.visiblePaths(in: Folder.path(to: "sounds", in: folder))) ?? []
    return paths.map { Folder.name(of: $0) }.filter { !$0.hasSuffix(".md") && !$0.hasSuffix(".txt") }.sorted()
  }
}

private struct FrontRecord: Encodable {
  struct Example: Encodable { let name: String }
  struct DataSet: Encodable { let name: String }

  let product: String
  let version: String
  let model: String
  let limits: StudioSettings.Limits
  let examples: [Example]
  let catalogues: [CatalogueRecord]
  let dataSets: [DataSet]
  let architectures: [String]
  let frontEnds: [String]
}
