import Hummingbird

/// A catalogue that the studio shows.
struct CatalogueRecord: Encodable {
  let id: String
  let name: String
  let model: String
  let sounds: Int
}

extension Studio {
  func addCatalogueRoutes(to api: StudioRoutes) {}

  func catalogueRecords() throws -> [CatalogueRecord] { [] }
}
