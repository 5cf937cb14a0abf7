import Glibc

/// What lies in a folder.
public enum Folder {
  /// Whether `path` is a folder.
  public static func exists(_ path: String) -> Bool { FileKind(of: path)?.kind == .folder }

  /// The paths of the files and folders in `folder`, in the order of their names; hidden ones are left out.
  ///
  /// - Throws: `FileError` when there is no such folder or it cannot be read.
  public static func visiblePaths(in folder: String) throws(FileError) -> [String] {
    guard let directory = folder.withPath({ opendir($0) }) else {
      throw errno == ENOENT
        ? .notFound(path: folder) : .unreadable(path: folder, reason: String(cString: strerror(errno)))
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in PathText.text(bytes.prefix { $0 != 0 })
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    // By bytes: the same order on every machine.
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { path(to: $0, in: folder) }
  }

  /// The path of what is called `name` in `folder`.
  public static func path(to name: String, in folder: String) -> String {
    (folder.hasSuffix("/") ? folder : folder + "/") + name
  }

  /// What the file or folder at `path` is called.
  public static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
