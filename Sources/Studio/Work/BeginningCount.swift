import Files
import Glibc
import HTTPTypes

/// How often a job was begun without getting anywhere, in a hidden file of its folder: one that ends the studio itself is not
/// begun for ever.
struct BeginningCount {
  private let path: String

  private static let most = 3

  init(in folder: String) { path = Folder.path(to: ".begun", in: folder) }

  /// Counts one more.
  ///
  /// - Throws: `StudioFailure` where it was too often; `FileError`.
  func begin() throws {
    let known = WholeFile.exists(path) ? try WholeFile.read(path, limit: 1 << 10) : []
    guard known.count < Self.most else {
      throw StudioFailure(
        .internalServerError, "the studio ended each of the \(Self.most) times that this was begun",
        remedy: "ask for less at once: a shorter sound, fewer methods, a smaller batch")
    }
    try WholeFile.write(known + [UInt8(ascii: "I")], to: path)
  }

  /// It got somewhere.
  func forget() { unlink(path) }
}
