import Glibc
import Synchronization

/// The temporary files being written at this moment, so that an interrupted run can take them away.
public final class PartialFiles: Sendable {
  /// Those of this process.
  static let current = PartialFiles()

  private let paths = Mutex<Set<String>>([])

  func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }
  func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  package init() {}

  package func discard() {
    paths.withLock { open in
      for path in open { unlink(path) }
      open.removeAll()
    }
  }

  /// Deletes every file that is not yet whole. Whoever is writing one finds it gone and fails.
  public static func discard() { current.discard() }
}
