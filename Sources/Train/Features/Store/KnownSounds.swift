import Files
import Glibc
import Synchronization
import Tensors

/// What files held when they were last read, so that unchanged ones are not read again: by path, size and time of change.
///
/// A line a file: hash, bytes, nanoseconds since 1970, path. A line that is none is passed over: the file is read then.
final class KnownSounds: Sendable {
  private struct Entry {
    let identity: FileIdentity
    let hash: ContentHash
  }

  private let list: String
  private let entries: Mutex<(known: [String: Entry], isChanged: Bool)>

  init(in folder: String) {
    list = Folder.path(to: "sounds.txt", in: folder)
    entries = Mutex((Self.read(list), false))
  }

  /// What the file at `path` holds, from any thread.
  ///
  /// - Throws: `FileError`.
  func content(of path: String) throws(FileError) -> ContentHash {
    let name = AbsolutePath.text(path)
    let identity = FileIdentity(of: path)
    if let identity, let known = entries.withLock({ $0.known[name] }), known.identity == identity {
      return known.hash
    }
    let hash = try ContentHash(ofFileAt: path)
    // A file that was changed just now may change again at the same time of the clock. A path with a line's end has no line.
    if let identity, identity == FileIdentity(of: path), identity.modified < Self.now - 2_000_000_000,
      !name.contains("\n")
    {
      entries.withLock { $0.known[name] = Entry(identity: identity, hash: hash) }
      entries.withLock { $0.isChanged = true }
    }
    return hash
  }

  /// Writes down what is new. It only saves time: where that fails, nothing is lost.
  func save() {
    let (mine, isChanged) = entries.withLock { $0 }
    guard isChanged else { return }
    // Another process may have added to it.
    let all = Self.read(list).merging(mine) { $1 }
    let lines = all.sorted { $0.key < $1.key }.map { path, entry in
      "\(entry.hash.digits) \(entry.identity.bytes) \(entry.identity.modified) \(path)\n"
    }
    try? WholeFile.write(Array(lines.joined().utf8), to: list)
    entries.withLock { $0.isChanged = false }
  }

  private static func read(_ list: String) -> [String: Entry] {
    guard WholeFile.exists(list), let bytes = try? WholeFile.read(list, limit: 1 << 30) else { return [:] }
    var known: [String: Entry] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      guard fields.count == 4, fields[0].utf8.count == 16, UInt64(fields[0], radix: 16) != nil,
        let bytes = Int(fields[1]), let modified = Int(fields[2])
      else { continue }
      known[String(fields[3])] = Entry(
        identity: FileIdentity(bytes: bytes, modified: modified), hash: ContentHash(digits: String(fields[0]))
      )
    }
    return known
  }

  private static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }
}
