import Files
import Synchronization

/// Where results are written. Whoever makes them does not know whether it is a folder or memory.
package protocol ResultStore: Sendable {
  /// Writes a file whole or not at all. Its name may have `/` between parts.
  func write(_ bytes: [UInt8], to name: String) throws
  /// The file called `name`; nil where there is none.
  func read(_ name: String) throws -> [UInt8]?
}

/// Results as files in a folder.
package struct FolderStore: ResultStore {
  package let folder: String

  package init(_ folder: String) { self.folder = folder }

  package func write(_ bytes: [UInt8], to name: String) throws {
    if let slash = name.lastIndex(of: "/") {
      try WholeFile.makeFolder(Folder.path(to: String(name[..<slash]), in: folder))
    }
    try WholeFile.write(bytes, to: Folder.path(to: name, in: folder))
  }

  package func read(_ name: String) throws -> [UInt8]? {
    let path = Folder.path(to: name, in: folder)
    return WholeFile.exists(path) ? try WholeFile.read(path) : nil
  }
}

/// Results in memory, by name.
package final class MemoryStore: ResultStore {
  private let files = Mutex<[String: [UInt8]]>([:])

  package init() {}

  package var names: [String] { files.withLock { $0.keys.sorted() } }

  package func write(_ bytes: [UInt8], to name: String) { files.withLock { $0[name] = bytes } }

  package func read(_ name: String) -> [UInt8]? { files.withLock { $0[name] } }
}
