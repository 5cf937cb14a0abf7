import Glibc

/// A new, empty folder of a test's own, gone with all it holds when `body` returns.
public func withScratchFolder<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
  var template = Array("/tmp/otoscope-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw ScratchFolderError(errno: errno) }
  let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  defer { removeAll(path) }
  return try body(path)
}

/// Removes what is at `path`, and what is in it; a link, not what it leads to.
private func removeAll(_ path: String) {
  guard unlink(path) != 0 else { return }
  for name in names(in: path) { removeAll("\(path)/\(name)") }
  rmdir(path)
}

/// The names in the folder at `path`, sorted.
public func names(in path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names = [String]()
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

struct ScratchFolderError: Error {
  let errno: Int32
}
