import Files
import Glibc

/// What a run has finished, a line of JSON each, in a hidden file beside its results: for `--resume`.
///
/// The first line tells what was asked. A line is written in one piece when its files are whole; one that an
/// interruption tore is passed over. Nothing is ever rewritten, so that thousands of lines cost no more than they hold.
package struct Journal: Sendable {
  private let path: String

  /// The journal of the results in `folder`.
  package init(in folder: String) { path = Folder.path(to: ".otoscope.jsonl", in: folder) }

  /// The first line and those behind it; nil where there is no journal.
  package func read() throws -> (header: [UInt8], entries: [[UInt8]])? {
    guard WholeFile.exists(path) else { return nil }
    var lines = try WholeFile.read(path).split(separator: 10, omittingEmptySubsequences: false).map(
      Array.init)
    // Behind the last newline is what was not finished.
    if !lines.isEmpty { lines.removeLast() }
    guard let header = lines.first else { return nil }
    return (header, Array(lines.dropFirst()))
  }

  /// Begins anew.
  package func begin(_ header: some Encodable) throws {
    try WholeFile.write(RecordCoding.file(header), to: path)
  }

  /// Makes sure that the file ends with a whole line, so that what follows is one, too.
  package func mend() throws {
    let bytes = try WholeFile.read(path)
    guard bytes.last != 10 else { return }
    try WholeFile.write(Array(bytes.prefix((bytes.lastIndex(of: 10) ?? -1) + 1)), to: path)
  }

  package func add(_ entry: some Encodable) throws {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure }
    defer { close(descriptor) }
    var bytes = try RecordCoding.file(entry)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Nothing is left to resume.
  package func remove() { unlink(path) }

  private var failure: FileError { .unwritable(path: path, reason: String(cString: strerror(errno))) }
}
