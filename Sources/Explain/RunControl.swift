import Synchronization

/// How a run tells its progress, and how it is ended before its time, from any thread.
///
/// Long work reports after each piece, which throws ``Cancelled`` once ``cancel()`` was called. A part of the work is
/// given a control of its own, whose reports count within the whole (``part(_:of:_:)``). Copies share one state.
public struct RunControl: Sendable {
  /// What was done so far.
  public struct Progress: Sendable, Hashable {
    /// Of the whole run, 0 to 1.
    public let share: Double
    /// What is being done, in a few words; empty where nobody says.
    public let what: String
    /// Of the piece that reports, in its own counting.
    public let done: Int
    public let all: Int
  }

  private final class State: Sendable {
    let isCancelled = Atomic(false)
    let observe: @Sendable (Progress) -> Void

    init(_ observe: @escaping @Sendable (Progress) -> Void) { self.observe = observe }
  }

  private let state: State
  private var start = 0.0
  private var length = 1.0
  private var what = ""

  /// - Parameter observe: called with each report, on the thread that does the work.
  public init(_ observe: @escaping @Sendable (Progress) -> Void = { _ in }) { state = State(observe) }

  /// Ends the run at its next report.
  public func cancel() { state.isCancelled.store(true, ordering: .relaxed) }

  public var isCancelled: Bool { state.isCancelled.load(ordering: .relaxed) }

  /// - Throws: `Cancelled`.
  public func check() throws(Cancelled) { if isCancelled { throw Cancelled() } }

  /// Tells that `done` of `all` equal pieces of this part are done.
  ///
  /// - Throws: `Cancelled`.
  public func report(_ done: Int, of all: Int, _ what: String? = nil) throws(Cancelled) {
    try check()
    let share = min(1, Double(done) / Double(max(1, all)))
    state.observe(Progress(share: start + length * share, what: what ?? self.what, done: done, all: all))
  }

  /// The control of piece `index` of `count` equal ones.
  public func part(_ index: Int, of count: Int, _ what: String? = nil) -> RunControl {
    let width = 1 / Double(max(1, count))
    return part(from: Double(index) * width, to: Double(index + 1) * width, what)
  }

  /// The control of what lies between two shares of this part.
  public func part(from low: Double, to high: Double, _ what: String? = nil) -> RunControl {
    var part = self
    part.start = start + low * length
    part.length = (high - low) * length
    part.what = what ?? self.what
    return part
  }
}

/// A run was ended before its time. What it had finished stays whole.
public struct Cancelled: Error, Hashable, CustomStringConvertible {
  public init() {}
  public var description: String { "cancelled" }
}
