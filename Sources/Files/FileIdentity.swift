import Glibc

/// How a file is told from what it was before: by its size and the moment it was last changed.
package struct FileIdentity: Codable, Sendable, Hashable {
  package let bytes: Int
  /// In nanoseconds since 1970.
  package let modified: Int

  package init(bytes: Int, modified: Int) { (self.bytes, self.modified) = (bytes, modified) }

  /// Of the file at `path`; nil where there is none, and for what is no file.
  package init?(of path: String) {
    var information = stat()
    guard path.withPath({ stat($0, &information) }) == 0, information.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    bytes = Int(information.st_size)
    modified = Int(information.st_mtim.tv_sec) * 1_000_000_000 + Int(information.st_mtim.tv_nsec)
  }
}
