import Catalogue
import Explain
import Files
import Tensors

/// What is known of a catalogue's sounds without a network: a column a descriptor, in the order of some of its files.
struct DescriptorColumns {
  let files: [CatalogueFile]
  let names: [String]
  /// NaN where there is none.
  let columns: [[Float]]

  /// - Parameter table: the path of a table of descriptors; nil for the catalogue's own.
  /// - Throws: `CatalogueError`, `CorrelateError`, `AnnotationError`, `FileError`.
  init(of catalogue: Catalogue, table path: String?) throws {
    guard let path else {
      let table = try catalogue.descriptors()
      guard !table.names.isEmpty, !table.files.isEmpty else {
        throw CorrelateError.noDescriptors(catalogue.folder)
      }
      files = table.files
      names = table.names
      columns = table.names.indices.map { column in table.rows.map { Float($0[column]) } }
      return
    }
    let table = try NamedColumns(WholeFile.read(path), from: path)
    guard let place = table.place(of: ["sound", "path", "filename", "file", "name"]) else {
      throw CorrelateError.noSoundColumn(path, columns: table.names)
    }
    let numeric = table.names.indices.filter { column in
      column != place && table.rows.contains { Float($0[column]) != nil }
        && table.rows.allSatisfy { $0[column].isEmpty || Float($0[column]) != nil }
    }
    guard !numeric.isEmpty else { throw CorrelateError.noNumbers(path) }
    // By the whole path, or else by the file's name where one sound alone has it.
    let heard = try catalogue.heardFiles()
    var byPath: [String: Int] = [:]
    var byName: [String: Int] = [:]
    for (index, row) in table.rows.enumerated() {
      byPath[AbsolutePath.text(row[place])] = index
      let name = Folder.name(of: row[place])
      byName[name] = byName[name] == nil ? index : -1
    }
    let found = heard.compactMap { file -> (CatalogueFile, Int)? in
      let row = byPath[file.path] ?? byName[Folder.name(of: file.path)]
      return row.flatMap { $0 >= 0 ? (file, $0) : nil }
    }
    guard !found.isEmpty else { throw CorrelateError.noMatches(path, catalogue: catalogue.folder) }
    files = found.map(\.0)
    names = numeric.map { table.names[$0] }
    columns = numeric.map { column in found.map { Float(table.rows[$0.1][column]) ?? .nan } }
  }
}

/// What can keep units from being held against descriptors.
package enum CorrelateError: RemediableError {
  /// The catalogue was made without them.
  case noDescriptors(String)
  case noSoundColumn(String, columns: [String])
  case noNumbers(String)
  case noMatches(String, catalogue: String)
  /// Fewer sounds than a correlation needs.
  case tooFew(String, sounds: Int)

  package var description: String {
    switch self {
    case .noDescriptors(let catalogue):
      "\(PathText.shown(catalogue)): holds no descriptors; index it again with them, or give a table with --descriptors"
    case .noSoundColumn(let path, let columns):
      "\(PathText.shown(path)): has no column 'sound', 'path' or 'filename' among \(columns.map { "'\($0)'" }.joined(separator: ", "))"
    case .noNumbers(let path): "\(PathText.shown(path)): has no column of numbers"
    case .noMatches(let path, let catalogue):
      "\(PathText.shown(path)): names none of the sounds of \(PathText.shown(catalogue))"
    case .tooFew(let catalogue, let sounds):
      "\(PathText.shown(catalogue)): \(sounds) sounds with descriptors are too few; correlations need 4"
    }
  }
}
