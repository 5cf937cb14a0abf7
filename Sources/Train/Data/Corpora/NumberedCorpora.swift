import Explain
import Files

extension DataSet {
  /// UrbanSound8K: `audio/fold1` to `fold10` and `metadata/UrbanSound8K.csv` with `slice_file_name, fsID, start, end, salience,
  /// fold, classID, class`. Slices of one recording (`fsID`) are a group; `start` and `end` lie in that recording, not in the
  /// slice.
  ///
  /// - Throws: `FileError`, `DataSetError`.
  init(urbanSound8K folder: String) throws {
    let path = Folder.path(to: "metadata/UrbanSound8K.csv", in: folder)
    let table = try TableFile.read(path)
    let columns = try TableFile.places(
      ["slice_file_name", "fsID", "fold", "classID", "class"], in: table, path)
    var rows: [NumberedRow] = []
    for (fields, line) in zip(table.rows, table.lines) {
      let (file, recording, label) = (fields[columns[0]], fields[columns[1]], fields[columns[4]])
      let fold = try NumberedRow.number(fields, columns[2], in: table, path, line)
      let clip = LabelledClip(
        path: Folder.path(to: "audio/fold\(fold)/\(file)", in: folder), classes: [], fold: fold,
        group: recording.isEmpty ? nil : recording)
      rows.append(
        NumberedRow(
          clip: clip, name: label, number: try NumberedRow.number(fields, columns[3], in: table, path, line)))
    }
    self.init(name: Corpus.urbanSound8K.title, rows)
  }

  /// ESC-50: `audio` and `meta/esc50.csv` with `filename, fold, target, category, esc10, src_file, take`. Clips of one
  /// recording (`src_file`) are a group.
  ///
  /// - Throws: `FileError`, `DataSetError`.
  init(esc50 folder: String) throws {
    let path = Folder.path(to: "meta/esc50.csv", in: folder)
    let table = try TableFile.read(path)
    let columns = try TableFile.places(
      ["filename", "fold", "target", "category", "src_file"], in: table, path)
    var rows: [NumberedRow] = []
    for (fields, line) in zip(table.rows, table.lines) {
      let recording = fields[columns[4]]
      let clip = LabelledClip(
        path: Folder.path(to: "audio/\(fields[columns[0]])", in: folder), classes: [],
        fold: try NumberedRow.number(fields, columns[1], in: table, path, line),
        group: recording.isEmpty ? nil : recording)
      rows.append(
        NumberedRow(
          clip: clip, name: fields[columns[3]],
          number: try NumberedRow.number(fields, columns[2], in: table, path, line)))
    }
    self.init(name: Corpus.esc50.title, rows)
  }

  /// Clips of classes with numbers; those that occur, in the order of these.
  private init(name: String, _ rows: [NumberedRow]) {
    var names: [Int: String] = [:]
    for row in rows { names[row.number] = row.name }
    let classes = names.sorted { $0.key < $1.key }.map(\.value)
    self.init(name: name, classes: classes, rows: rows.map { ($0.clip, [names[$0.number] ?? $0.name]) })
  }
}

private struct NumberedRow {
  var clip: LabelledClip
  var name: String
  var number: Int

  static func number(
    _ fields: [String], _ column: Int, in table: NamedColumns, _ path: String, _ line: Int
  ) throws(DataSetError) -> Int {
    guard let number = Int(fields[column]) else {
      throw .badValue(
        path: path, line: line, column: table.names[column], value: fields[column], expected: "a whole number"
      )
    }
    return number
  }
}
