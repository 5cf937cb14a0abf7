import Files

extension DataSet {
  /// The clips of a table, or of the one that lies in a folder; of several tables called `train`, `validation` and `test`,
  /// each is a part.
  ///
  /// - Throws: `FileError`, `DataSetError`.
  init(tableAt path: String, _ columns: TableColumns) throws {
    let location = try TableLocation(path, columns)
    var rows: [(clip: LabelledClip, classes: [String])] = []
    var isMultiLabel = false
    for (path, part) in location.tables {
      let table = try ClipTable(path, columns)
      isMultiLabel = isMultiLabel || table.isMultiLabel
      let entries = try table.rows()
      let files = TableFiles(of: path, entries.lazy.map(\.file))
      guard let files else {
        guard let first = entries.first else { continue }
        throw DataSetError.noFiles(path: path, tried: TableFiles.path(to: first.file, in: path))
      }
      rows += entries.map { row in
        let clip = LabelledClip(
          path: files.path(to: row.file), stretch: row.stretch, classes: [], fold: row.fold,
          group: row.group, part: row.part ?? part)
        return (clip, row.classes)
      }
    }
    self.init(name: location.name, rows: rows, isMultiLabel: isMultiLabel)
  }
}

/// Which tables are meant by a path.
struct TableLocation {
  let name: String
  private(set) var tables: [(path: String, part: LabelledClip.Part?)] = []

  /// The tables that lie in a folder.
  static func tables(in folder: String) throws(FileError) -> [String] {
    try Folder.visiblePaths(in: folder).filter { path in
      let ending = path.split(separator: ".").last?.lowercased() ?? ""
      return ["csv", "tsv"].contains(ending) && FileKind(of: path)?.kind == .file
    }
  }

  /// What a table is called, without its ending.
  private static func stem(_ path: String) -> String {
    let name = Folder.name(of: path)
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }

  /// - Throws: `DataSetError` for none, or several without a hint at the one.
  init(_ path: String, _ columns: TableColumns) throws {
    guard Folder.exists(path) else {
      name = Self.stem(path)
      tables = [(path, nil)]
      return
    }
    name = Folder.title(of: path)
    let all = try Self.tables(in: path)
    let known = all.filter(ClipTable.isOne)
    let candidates = known.isEmpty ? all : known
    let parts = candidates.compactMap { path in
      LabelledClip.Part(saying: Self.stem(path)).map { (path, Optional($0)) }
    }
    if candidates.count == 1, let only = candidates.first {
      tables = [(only, nil)]
    } else if parts.count > 1, parts.contains(where: { $0.1 == .training }) {
      tables = parts
    } else if let metadata = candidates.first(where: { Self.stem($0) == "metadata" }) {
      tables = [(metadata, nil)]
    } else {
      guard !candidates.isEmpty else {
        throw DataSetError.unreadable(path: path, reason: "there is no table (.csv, .tsv) in it")
      }
      throw DataSetError.severalTables(folder: path, names: candidates.map { Folder.name(of: $0) })
    }
  }
}

/// Where the files are that a table names: from its folder on, or from one beside it that tables take for granted; with or
/// without their endings.
struct TableFiles {
  private let base: String
  private let ending: String

  private static let bases = ["", "audio/", "wav/", "wavs/", "clips/", "sounds/", "audio_files/", "../"]
  private static let endings = ["", ".wav", ".flac", ".mp3", ".ogg"]
  /// So many of the files are looked for before all others are taken to be where the first was found.
  private static let most = 200

  /// Nil where none of them is anywhere.
  init?(of table: String, _ files: some Sequence<String>) {
    for file in files.prefix(Self.most) {
      for base in Self.bases {
        for ending in Self.endings
        where FileKind(of: Self.path(to: base + file + ending, in: table))?.kind == .file {
          (self.base, self.ending) = (Self.path(to: base, in: table), ending)
          return
        }
      }
    }
    return nil
  }

  func path(to file: String) -> String {
    file.hasPrefix("/") ? file + ending : base + Self.normal(file) + ending
  }

  /// From the folder of a table on; a path from the root on is itself.
  static func path(to file: String, in table: String) -> String {
    guard !file.hasPrefix("/") else { return file }
    let folder = table.lastIndex(of: "/").map { table[...$0] } ?? ""
    return folder + normal(file)
  }

  /// Windows' separators, and no `./` at the beginning.
  private static func normal(_ file: String) -> String {
    let path = file.contains("/") ? file : String(file.map { $0 == "\\" ? "/" : $0 })
    return path.hasPrefix("./") ? String(path.dropFirst(2)) : path
  }
}
