import Explain
import Glibc
import Synchronization
import Tensors

/// One thread that computes what requests ask for, one after another, while the rest wait in line.
///
/// Networks have their OpenMP threads with the thread that calls them: one caller means one team of threads, and no event
/// loop or pool thread is ever held up. The line is bounded. Who gives up while waiting is passed over; who gives up
/// while computing is told at the next report of progress.
final class ComputeQueue: Sendable {
  private final class Line: Sendable {
    let waiting = Mutex<[@Sendable () -> Void]>([])
    let signal = Signal()

    func add(_ work: @escaping @Sendable () -> Void, most: Int) -> Bool {
      let isTaken = waiting.withLock { waiting in
        guard waiting.count < most else { return false }
        waiting.append(work)
        return true
      }
      if isTaken { signal.post() }
      return isTaken
    }
  }

  private let line = Line()
  private let most: Int

  /// - Parameters:
  ///   - most: that wait, beside the one that is computed.
  ///   - niceness: 0 for work that somebody waits for, more for what may take its time.
  init(most: Int, niceness: Int32 = 0) {
    self.most = most
    _ = WorkerThread { [line] in
      // Linux has a niceness a thread.
      if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
      while true {
        line.signal.wait()
        line.waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
      }
    }
  }

  /// Computes `work` when its turn comes.
  ///
  /// - Throws: `StudioFailure.busy` where the line is full; `Cancelled` where the task was; what `work` throws.
  func run<Value: Sendable>(_ work: @escaping @Sendable (RunControl) throws -> Value) async throws -> Value {
    let control = RunControl()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
        let entry: @Sendable () -> Void = {
          continuation.resume(
            with: Result {
              try control.check()
              return try work(control)
            })
        }
        if !line.add(entry, most: most) { continuation.resume(throwing: StudioFailure.busy) }
      }
    } onCancel: {
      control.cancel()
    }
  }

  /// Puts work in the line that nobody waits for.
  func add(_ work: @escaping @Sendable () -> Void) { _ = line.add(work, most: .max) }
}

/// A counting semaphore.
///
/// Sendable because POSIX semaphores are made for being shared.
private final class Signal: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func post() { sem_post(semaphore) }

  func wait() { while sem_wait(semaphore) != 0 && errno == EINTR {} }
}
