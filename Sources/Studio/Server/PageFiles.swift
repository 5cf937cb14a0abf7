import Files

/// The files of the page, from the binary or, while somebody works on them, from a folder.
struct PageFiles: Sendable {
  let folder: String?

  /// nil for a file that there is not.
  func file(_ name: String) -> (bytes: [UInt8], type: String)? {
    guard let ending = name.split(separator: ".").last.map(String.init), let type = Self.types[ending],
      name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }),
      name.first != ".", !name.contains("..")
    else { return nil }
    if let folder {
      return (try? WholeFile.read(Folder.path(to: name, in: folder))).map { ($0, type) }
    }
    return Self.embedded[name].map { ($0(), type) }
  }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml", "webmanifest": "application/manifest+json", "json": "application/json",
  ]
}
