import GRDB

/// What can be measured of every clip without a network: a column a descriptor, a row a file.
package struct DescriptorTable: Sendable, Hashable {
  /// In the words of `otoscope descriptors`: `rms`, `centroid_hz`, `onset_rate_hz`, …
  package let names: [String]
  /// The files that have descriptors, in the order in which they were indexed.
  package let files: [CatalogueFile]
  /// A row for each of ``files``, a value for each of ``names``; NaN where there is none.
  package let rows: [[Double]]

  package init(names: [String], files: [CatalogueFile], rows: [[Double]]) {
    (self.names, self.files, self.rows) = (names, files, rows)
  }

  /// One descriptor of all files.
  package func column(_ name: String) -> [Double]? {
    names.firstIndex(of: name).map { place in rows.map { $0[place] } }
  }
}

extension Catalogue {
  /// The descriptors of all files that were heard; without columns where the catalogue was made without them.
  package func descriptors() throws -> DescriptorTable {
    try CatalogueError.translating(folder) {
      try database.read { database in
        let files = try CatalogueContents.files(database).filter { $0.row != nil }
        let names = try Self.descriptorNames(database)
        let known = Dictionary(files.map { ($0.id, $0) }) { first, _ in first }
        var (owners, rows) = ([CatalogueFile](), [[Double]]())
        let cursor = try Row.fetchCursor(database, sql: "SELECT * FROM descriptors ORDER BY file")
        while let row = try cursor.next() {
          guard let file = known[row["file"]] else { continue }
          owners.append(file)
          rows.append(names.map { (row[$0] as Double?) ?? .nan })
        }
        return DescriptorTable(names: names, files: owners, rows: rows)
      }
    }
  }

  static func descriptorNames(_ database: Database) throws -> [String] {
    try database.columns(in: "descriptors").map(\.name).filter { $0 != "file" }
  }
}
