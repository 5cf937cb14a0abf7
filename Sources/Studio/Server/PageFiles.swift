import Files
import Synchronization
import Tensors

/// The files of the page, from the binary or, while somebody works on them, from a folder.
final class PageFiles: Sendable {
  struct File: Sendable {
    let bytes: [UInt8]
    /// The same as gzip packs it.
    let packed: [UInt8]?
    let type: String
    /// Of what it holds.
    let tag: String
  }

  private let folder: String?
  private let known = Mutex<[String: File]>([:])

  init(folder: String?) { self.folder = folder }

  /// nil for a file that there is not.
  func file(_ name: String) -> File? {
    guard let ending = name.split(separator: ".").last.map(String.init), let type = Self.types[ending],
      name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }),
      name.first != ".", !name.contains("..")
    else { return nil }
    if let folder {
      return (try? WholeFile.read(Folder.path(to: name, in: folder))).map {
        Self.file($0, type, isPacked: false)
      }
    }
    if let file = known.withLock({ $0[name] }) { return file }
    guard let bytes = Self.embedded[name]?() else { return nil }
    let file = Self.file(bytes, type, isPacked: true)
    known.withLock { $0[name] = file }
    return file
  }

  private static func file(_ bytes: [UInt8], _ type: String, isPacked: Bool) -> File {
    File(
      bytes: bytes, packed: isPacked ? try? Deflate.gzip(bytes) : nil, type: type,
      tag: Studio.hash(String(decoding: bytes, as: UTF8.self)))
  }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml", "webmanifest": "application/manifest+json", "json": "application/json",
  ]
}
