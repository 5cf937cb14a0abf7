import Glibc

/// What lies at a path, links followed, and which of all things on the machine it is.
public struct FileKind: Sendable, Hashable {
  public enum Kind: String, Sendable {
    case file, folder, pipe, socket, device
  }

  public let kind: Kind
  /// The file system and the place in it: two paths with the same lead to the same thing.
  let identity: [UInt64]

  /// Nil where there is nothing, or a link that leads nowhere.
  public init?(of path: String) {
    var status = stat()
    guard path.withPath({ stat($0, &status) }) == 0 else { return nil }
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .folder
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      case S_IFCHR, S_IFBLK: .device
      default: .file
      }
    identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
  }

  /// Whether a link lies at `path`.
  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return path.withPath { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
  }
}
