import Explain
import Files

extension DataSet {
  /// FSD50K: `FSD50K.dev_audio`, `FSD50K.eval_audio` and `FSD50K.ground_truth` with `dev.csv` (`fname, labels, mids, split`,
  /// the last one `train` or `val`), `eval.csv` (`fname, labels, mids`) and `vocabulary.csv` (number, label and mid, without
  /// names). Multi-label; classes are in the order of the vocabulary. One of the two halves is enough.
  ///
  /// - Throws: `FileError`, `DataSetError`.
  init(fsd50k folder: String) throws {
    let vocabulary = Folder.path(to: "FSD50K.ground_truth/vocabulary.csv", in: folder)
    let words = try TableFile.read(vocabulary)
    // Its first line is a row like the others.
    let labels = ([words.names] + words.rows).compactMap { $0.count > 1 ? $0[1] : nil }
    let known = Set(labels)
    var rows: [(clip: LabelledClip, classes: [String])] = []
    for (half, isTest) in [("dev", false), ("eval", true)] {
      let path = Folder.path(to: "FSD50K.ground_truth/\(half).csv", in: folder)
      guard WholeFile.exists(path) else { continue }
      let table = try TableFile.read(path)
      let columns = try TableFile.places(["fname", "labels"] + (isTest ? [] : ["split"]), in: table, path)
      for (fields, line) in zip(table.rows, table.lines) {
        func wrong(_ column: Int, _ value: String, _ expected: String) -> DataSetError {
          .badValue(path: path, line: line, column: table.names[column], value: value, expected: expected)
        }
        let classes = fields[columns[1]].split(separator: ",").map { $0.trimmed }
        if let strange = classes.first(where: { !known.contains($0) }) {
          throw wrong(columns[1], strange, "in vocabulary.csv")
        }
        var part = LabelledClip.Part.test
        if !isTest {
          guard let said = LabelledClip.Part(saying: fields[columns[2]]) else {
            throw wrong(columns[2], fields[columns[2]], "train or val")
          }
          part = said
        }
        let sound = Folder.path(to: "FSD50K.\(half)_audio/\(fields[columns[0]]).wav", in: folder)
        rows.append((LabelledClip(path: sound, classes: [], part: part), classes))
      }
    }
    self.init(name: Corpus.fsd50k.title, classes: labels, rows: rows, isMultiLabel: true)
  }
}
