import Audio
import Files

/// The tables in a folder, or one table, and which of their regions lie in which sound.
///
/// A table belongs to the sound that it is named after (`dog.txt`, `dog.Table.1.selections.txt`, `dog.wav.csv` to `dog.wav`).
/// A row that names a file belongs to that file, whatever its table is called: to the sound whose path agrees with it in
/// the most parts from the end.
package struct AnnotationTables {
  /// What was passed over.
  package private(set) var notes: [String] = []
  private var tables: [(path: String, table: AnnotationTable)] = []
  private let isFolder: Bool

  /// How tables are named after sounds; where one sound has several, the first of these counts.
  private static let endings = [
    "txt", "csv", "tsv", "lab", "textgrid", "selections.txt", "table.1.selections.txt",
    "birdnet.selection.table.txt",
    "birdnet.results.csv", "birdnet.results.txt", "birdnet.results.kaleidoscope.csv", "events.txt",
    "events.csv",
  ]

  /// - Throws: `FileError` where nothing is at `path`; `AnnotationError` for a single table that cannot be read. In a folder
  ///   such a table is passed over with a note.
  package init(_ path: String, columns: AnnotationColumns = AnnotationColumns()) throws {
    isFolder = Folder.exists(path)
    guard isFolder else {
      tables = [(path, try Self.table(path, columns))]
      notes = tables[0].table.notes
      return
    }
    let walk = try FolderWalk(path) { file in
      ["txt", "csv", "tsv", "lab", "textgrid"].contains { file.lowercased().hasSuffix("." + $0) }
    }
    for file in walk.files {
      do {
        let table = try Self.table(file, columns)
        tables.append((file, table))
        notes += table.notes
      } catch { notes.append("\(error): the table was passed over") }
    }
    if tables.isEmpty { notes.append("\(PathText.shown(path)): there are no tables of annotations in it") }
  }

  private static func table(_ path: String, _ columns: AnnotationColumns) throws -> AnnotationTable {
    try AnnotationTable(
      WholeFile.read(path, limit: AnnotationTable.largestFile), from: PathText.shown(path), columns: columns)
  }

  /// The regions of each of `sounds` that has any; what belongs to none is counted in ``notes``.
  package mutating func regions(of sounds: [String]) -> [String: [AnnotatedRegion]] {
    var found: [String: [AnnotatedRegion]] = [:]
    var (unknown, ambiguous, nameless) = (Counted(), Counted(), Counted())
    var strangers: [String] = []
    for (sound, path, table) in owned(sounds) {
      for region in table.regions {
        guard let file = region.file else {
          if let sound {
            found[sound, default: []].append(region)
          } else {
            nameless.add(path)
          }
          continue
        }
        let matches = Self.matches(file, sounds)
        if matches.count == 1 {
          found[matches[0], default: []].append(region)
        } else if matches.isEmpty {
          unknown.add(file)
        } else {
          ambiguous.add(file)
        }
      }
      if sound == nil, isFolder, table.regions.allSatisfy({ $0.file == nil }) { strangers.append(path) }
    }
    if !strangers.isEmpty {
      notes.append(
        "tables that are named after none of the sounds: \(Counted(strangers.map(Folder.name(of:))))")
    } else if nameless.count > 0 {
      notes.append(
        "regions that name no file, where there are several sounds: \(nameless.count), in \(nameless)")
    }
    if unknown.count > 0 {
      notes.append("regions in files that are not among the sounds: \(unknown.count), in \(unknown)")
    }
    if ambiguous.count > 0 {
      notes.append(
        "regions in files that several sounds are called: \(ambiguous.count), in \(ambiguous); name their folders"
      )
    }
    return found
  }

  /// Each table, and the sound that it is named after.
  private mutating func owned(_ sounds: [String]) -> [(sound: String?, path: String, table: AnnotationTable)]
  {
    guard isFolder else { return tables.map { (sounds.count == 1 ? sounds[0] : nil, $0.path, $0.table) } }
    var byName: [String: [String]] = [:]
    for sound in sounds {
      let name = Folder.name(of: sound).lowercased()
      for base in Set([name, Self.stem(name)]) {
        for ending in Self.endings { byName["\(base).\(ending)", default: []].append(sound) }
      }
    }
    var owners: [(sound: String?, path: String, table: AnnotationTable)] = []
    for (path, table) in tables {
      let candidates = byName[Folder.name(of: path).lowercased()] ?? []
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      let best =
        candidates.count > 1
        ? Self.matches("\(folder)/x", candidates.map { $0 }, isFolderOnly: true) : candidates
      owners.append((best.count == 1 ? best[0] : nil, path, table))
    }
    // Of several tables for one sound, the first kind counts.
    func rank(_ path: String) -> Int {
      Self.endings.firstIndex { Folder.name(of: path).lowercased().hasSuffix("." + $0) } ?? Self.endings.count
    }
    var chosen: [String: String] = [:]
    for owner in owners.sorted(by: { rank($0.path) < rank($1.path) }) {
      guard let sound = owner.sound else { continue }
      if let first = chosen[sound] {
        notes.append(
          "\(PathText.shown(owner.path)): passed over: \(Folder.name(of: first)) is the table of the same sound"
        )
      } else {
        chosen[sound] = owner.path
      }
    }
    return owners.filter { owner in owner.sound.map { chosen[$0] == owner.path } ?? true }
  }

  /// The sounds whose paths agree with `file` in the most parts from the end, and in the name at least; without its ending,
  /// if `file` has none. Parts may stand between slashes of either kind.
  package static func matches(_ file: String, _ sounds: [String], isFolderOnly: Bool = false) -> [String] {
    let wanted = parts(file)
    func agreement(_ sound: String) -> Int {
      let parts = parts(sound)
      guard let name = parts.last, let named = wanted.last else { return 0 }
      guard isFolderOnly || name == named || stem(name) == named else { return 0 }
      return 1 + zip(parts.dropLast().reversed(), wanted.dropLast().reversed()).prefix { $0 == $1 }.count
    }
    let agreements = sounds.map(agreement)
    guard let most = agreements.max(), most > 0 else { return [] }
    return zip(sounds, agreements).filter { $0.1 == most }.map(\.0)
  }

  private static func parts(_ path: String) -> [Substring] {
    path.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." }
  }

  private static func stem(_ name: some StringProtocol) -> String {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
    return String(name[..<dot])
  }
}

/// Names that came up, and how often; shown as the first three and how many more.
private struct Counted: CustomStringConvertible {
  private(set) var count = 0
  private var names: [String] = []

  init(_ names: [String] = []) { for name in names { add(name) } }

  mutating func add(_ name: String) {
    count += 1
    if !names.contains(name) { names.append(name) }
  }

  var description: String {
    let more = names.count > 3 ? " and \(names.count - 3) more" : ""
    return names.prefix(3).map(PathText.shown).joined(separator: ", ") + more
  }
}
