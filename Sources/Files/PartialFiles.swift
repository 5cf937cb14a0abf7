import Glibc
import Synchronization

/// The temporary files being written at this moment, so that an interrupted run can take them away.
public enum PartialFiles {
  private static let paths = Mutex<Set<String>>([])

  static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }
  static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Deletes every file that is not yet whole.
  public static func discard() {
    paths.withLock { open in
      for path in open { unlink(path) }
      open.removeAll()
    }
  }
}
