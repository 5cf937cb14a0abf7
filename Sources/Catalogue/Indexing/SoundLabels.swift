import Explain
import Files

/// What kinds of sounds files are, as somebody says.
package enum LabelSource: Sendable, Hashable, Codable {
  /// The folder that a sound lies in, below the one that was named; none for sounds that lie in that one itself.
  case folders
  /// Tables with a column of files and one of classes; one of groups, if they have that.
  case tables([String])
  case none
}

/// Labels of files.
package struct SoundLabels: Sendable {
  package struct Label: Sendable, Hashable {
    package var label: String?
    /// What recording a clip stems from.
    package var group: String?

    package init(label: String? = nil, group: String? = nil) { (self.label, self.group) = (label, group) }
  }

  private let roots: [String]
  private let rows: [String: [(parts: [Substring], label: Label)]]
  private let usesFolders: Bool

  /// - Parameter roots: the folders that were named.
  /// - Throws: `FileError`, `AnnotationError`; `LabelError` for a table without a column of files or of classes.
  package init(_ source: LabelSource, roots: [String]) throws {
    self.roots = roots.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
    usesFolders = source == .folders
    guard case .tables(let paths) = source else {
      rows = [:]
      return
    }
    var rows: [String: [(parts: [Substring], label: Label)]] = [:]
    for path in paths { try Self.read(path, into: &rows) }
    self.rows = rows
  }

  private static func read(_ path: String, into rows: inout [String: [(parts: [Substring], label: Label)]])
    throws
  {
    let table = try NamedColumns(WholeFile.read(path, limit: 1 << 30), from: PathText.shown(path))
    guard let file = table.place(of: ClipColumns.files), let label = table.place(of: ClipColumns.classes)
    else {
      throw LabelError.columns(path: path, found: table.names)
    }
    let group = table.place(of: ClipColumns.groups)
    for row in table.rows where !row[file].isEmpty {
      let parts = row[file].split { $0 == "/" || $0 == "\\" }
      guard let name = parts.last else { continue }
      let said = Label(
        label: row[label].isEmpty ? nil : row[label], group: group.flatMap { row[$0].isEmpty ? nil : row[$0] }
      )
      rows[String(name), default: []].append((parts, said))
    }
  }

  /// What is said of the file at an absolute path.
  package func label(of path: String) -> Label {
    guard usesFolders else { return tableLabel(of: path) }
    guard let root = roots.filter({ path.hasPrefix($0) }).max(by: { $0.utf8.count < $1.utf8.count }) else {
      return Label()
    }
    let inside = path.dropFirst(root.count).split(separator: "/")
    return Label(label: inside.count > 1 ? String(inside[inside.count - 2]) : nil)
  }

  /// Of the rows that name the file, the one that agrees with its path in the most parts from the end.
  private func tableLabel(of path: String) -> Label {
    let parts = path.split(separator: "/")
    guard let name = parts.last, let candidates = rows[String(name)] else { return Label() }
    func agreement(_ other: [Substring]) -> Int {
      zip(parts.reversed(), other.reversed()).prefix { $0 == $1 }.count
    }
    let best = candidates.max { agreement($0.parts) < agreement($1.parts) }
    return best?.label ?? Label()
  }
}

/// What can be wrong with a table of labels.
package enum LabelError: Error, CustomStringConvertible {
  case columns(path: String, found: [String])

  package var description: String {
    switch self {
    case .columns(let path, let found):
      "\(PathText.shown(path)): has the columns \(found.joined(separator: ", ")); a table of labels has one called filename "
        + "(or file, path, sound) and one called class (or label, category), and may have one called group"
    }
  }
}
