import Glibc

/// Takes folders away with all that is in them. Links are taken away, not what they lead to.
package enum FolderRemoval {
  /// What cannot be taken away stays.
  package static func remove(_ path: String) {
    var information = stat()
    guard lstat(path, &information) == 0 else { return }
    guard information.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    if let folder = opendir(path) {
      var names: [String] = []
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { PathText.text(at: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
      }
      closedir(folder)
      for name in names { remove(Folder.path(to: name, in: path)) }
    }
    rmdir(path)
  }
}
