import Files
import Glibc

/// The right to write to a catalogue: one process at a time.
struct CatalogueLock: ~Copyable {
  private let lock: ProcessLock

  /// - Throws: `CatalogueError.locked`, with the process that holds it; `.unwritable`.
  init(_ folder: String) throws(CatalogueError) {
    do throws(ProcessLock.Failure) {
      lock = try ProcessLock(at: Folder.path(to: CatalogueSchema.lock, in: folder))
    } catch {
      switch error {
      case .held(let process): throw .locked(folder, process: process)
      case .system(ENOSPC): throw .diskFull(folder)
      case .system(let number): throw .unwritable(folder, reason: String(cString: strerror(number)))
      }
    }
  }
}
