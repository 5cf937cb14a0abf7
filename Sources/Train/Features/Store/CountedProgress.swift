import Explain
import Synchronization

/// The progress of pieces that several threads do, told one at a time; and what ends them all before their time.
final class CountedProgress: Sendable {
  private let control: RunControl
  private let all: Int
  private let state = Mutex<(done: Int, failure: (any Error)?)>((0, nil))

  init(_ control: RunControl, of all: Int) { (self.control, self.all) = (control, all) }

  /// Whether pieces that are not begun are to be left out.
  var isStopped: Bool { control.isCancelled || state.withLock { $0.failure != nil } }

  /// One more is done.
  func advance(_ what: String) {
    state.withLock { state in
      state.done += 1
      do { try control.report(state.done, of: all, what.isEmpty ? nil : what) } catch {
        state.failure = state.failure ?? error
      }
    }
  }

  func stop(_ failure: any Error) { state.withLock { $0.failure = $0.failure ?? failure } }

  /// - Throws: what ended the work.
  func finish() throws {
    try control.check()
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}
