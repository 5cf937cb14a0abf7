import Glibc
import Synchronization

/// The temporary files being written at this moment, so that an interrupted run can take them away.
public final class PartialFiles: Sendable {
  /// Those of this process.
  static let current = PartialFiles()

  private let paths = Mutex<Set<String>>([])

  package init() {}

  /// Makes the file at `path`, listed from its first moment on; its descriptor, or -1 with the reason in `errno`.
  func create(_ path: String) -> Int32 {
    paths.withLock { paths in
      remove(path)  // left behind by an earlier process of the same number
      let descriptor = path.withPath { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
      if descriptor >= 0 { paths.insert(path) }
      return descriptor
    }
  }

  /// The file at `path` is whole and takes the name `target`; 0, or -1 with the reason in `errno`.
  func finish(_ path: String, as target: String) -> Int32 {
    paths.withLock { paths in
      let status = path.withPath { from in target.withPath { rename(from, $0) } }
      if status == 0 { paths.remove(path) }
      return status
    }
  }

  /// Deletes the file at `path`, which is not to become whole.
  func abandon(_ path: String) {
    paths.withLock { paths in
      if paths.remove(path) != nil { remove(path) }
    }
  }

  /// Deletes what processes that were killed while they wrote `target` have left beside it. `target` is not hidden.
  public static func removeLeftovers(of target: String) {
    let slash = target.lastIndex(of: "/")
    let folder = slash.map { String(target[..<$0]) } ?? "."
    let start = "\(slash.map { String(target[target.index(after: $0)...]) } ?? target)."
    for path in (try? Folder.visiblePaths(in: folder.isEmpty ? "/" : folder)) ?? [] {
      let name = Folder.name(of: path)
      // NAME.PROCESS.NUMBER.partial, as `WholeFile` calls them.
      guard name.hasPrefix(start), name.hasSuffix(".partial") else { continue }
      let parts = name.dropFirst(start.count).split(separator: ".")
      guard parts.count == 3, let process = pid_t(parts[0]), kill(process, 0) != 0, errno == ESRCH else {
        continue
      }
      remove(path)
    }
  }

  /// Deletes every file that is not yet whole. Whoever is writing one finds it gone and fails.
  package func discard() {
    paths.withLock { open in
      for path in open { remove(path) }
      open.removeAll()
    }
  }

  /// Deletes every file that is not yet whole, and ends the process by `leave`, before which none can be begun or
  /// finished.
  public static func discard(leaving leave: () -> Never) -> Never {
    current.paths.withLock { open in
      for path in open { remove(path) }
      leave()
    }
  }
}

private func remove(_ path: String) { _ = path.withPath { unlink($0) } }
