public import Files

/// A CSV file with a row for each epoch, beside the event file: `epoch`, then the columns.
///
/// It is written anew with each row, whole or not at all. A run that goes on from a checkpoint leaves out the rows behind it.
public struct EpochTable: Sendable {
  public let path: String
  public let columns: [String]
  private var rows: [(epoch: Int, text: String)] = []

  /// A table, begun anew, or gone on with behind `epoch`.
  ///
  /// - Throws: `FileError.unreadable` where the file that is to be gone on with has other columns.
  public init(_ path: String, columns: [String], after epoch: Int? = nil) throws(FileError) {
    (self.path, self.columns) = (path, columns)
    guard let epoch, WholeFile.exists(path) else { return }
    let lines = String(decoding: try WholeFile.read(path, limit: 1 << 26), as: UTF8.self).split(
      separator: "\n")
    guard lines.first.map(String.init) == head else {
      throw .unreadable(path: path, reason: "it has other columns than this run; name another folder")
    }
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == columns.count + 1, let number = Int(fields[0]), number <= epoch else { continue }
      rows.append((number, String(line)))
    }
  }

  private var head: String { (["epoch"] + columns).joined(separator: ",") }

  /// Adds a row and writes the file; a value that is not known is left empty.
  ///
  /// - Throws: `FileError`.
  public mutating func add(epoch: Int, _ values: [Double?]) throws(FileError) {
    precondition(values.count == columns.count, "\(values.count) values for \(columns.count) columns")
    let fields = values.map { $0.map { NumberText.rounded($0, digits: 9) } ?? "" }
    rows.append((epoch, (["\(epoch)"] + fields).joined(separator: ",")))
    let text = ([head] + rows.map(\.text)).joined(separator: "\n") + "\n"
    try WholeFile.write(Array(text.utf8), to: path)
  }
}
