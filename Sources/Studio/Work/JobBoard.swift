import Explain
import Files
import Glibc
import HTTPTypes
import Jobs
import Reports
import Synchronization

/// What takes longer than a visitor wants to wait: jobs, one at a time, whose states survive a restart.
///
/// A job waits in a queue of its own, with a thread that gives way to what visitors wait for. What waited or ran when the
/// studio was ended waits again when it begins: trainings and evaluations go on where they were, the others begin anew.
final class JobBoard: Sendable {
  private struct Entry {
    var record: JobRecord
    var work: (any JobWork)?
    var control: RunControl?
    var listeners: [Int: AsyncStream<JobEvent>.Continuation] = [:]
    /// When it began, and when it was told and kept last.
    var began = ContinuousClock.now
    var told = ContinuousClock.now
    var kept = ContinuousClock.now

    func tell(_ event: JobEvent) { for listener in listeners.values { listener.yield(event) } }

    /// Ends all streams. Not to be called while the state is locked: a stream that ends takes itself off the list.
    func end() {
      tell(.end)
      for listener in listeners.values { listener.finish() }
    }
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var nextNumber = 1
    var nextListener = 0
  }

  private let store: StudioStore
  private let queue = ComputeQueue(most: .max, niceness: 10)
  private let state = Mutex(State())

  /// Jobs that may wait.
  private static let mostWaiting = 24
  /// Listeners of one job.
  private static let mostListeners = 64
  /// Between two events of progress, and between two states that are kept.
  private static let (tellInterval, keepInterval) = (Duration.milliseconds(200), Duration.seconds(3))

  init(_ store: StudioStore) throws {
    self.store = store
    let known = try store.jobs()
    state.withLock { state in
      for job in known {
        state.entries[job.id] = Entry(record: JobRecord(job))
        state.nextNumber = max(state.nextNumber, job.number + 1)
      }
    }
  }

  /// Goes on with what was not finished when the studio was last ended.
  func begin(for studio: Studio) {
    let open = all().filter(\.stored.state.isOpen).reversed()
    for job in open {
      do {
        let work = try JobKind.work(job.stored.request, in: studio)
        state.withLock { state in
          state.entries[job.stored.id]?.work = work
          state.entries[job.stored.id]?.record.stored.state = .waiting
        }
        enqueue(job.stored.id, in: studio)
      } catch {
        finish(job.stored.id, .failed(StudioFailure(error)))
      }
    }
  }

  // MARK: - Looking

  /// Newest first.
  func all() -> [JobRecord] {
    state.withLock { $0.entries.values.map(\.record) }.sorted { $0.stored.number > $1.stored.number }
  }

  /// - Throws: `StudioFailure.notFound`.
  func job(_ id: String) throws(StudioFailure) -> JobRecord {
    guard let record = state.withLock({ $0.entries[id]?.record }) else { throw .notFound("such job") }
    return record
  }

  /// What happens to a job from now on, its present state first. Of those who do not keep up, the oldest news are dropped.
  ///
  /// - Throws: `StudioFailure.notFound`; `.busy` where too many listen.
  func events(of id: String) throws(StudioFailure) -> AsyncStream<JobEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: JobEvent.self, bufferingPolicy: .bufferingNewest(256))
    let outcome = state.withLock { state -> Result<Int, StudioFailure> in
      guard var entry = state.entries[id] else { return .failure(.notFound("such job")) }
      guard entry.listeners.count < Self.mostListeners else { return .failure(.busy) }
      continuation.yield(.job(entry.record))
      guard entry.record.stored.state.isOpen else {
        continuation.yield(.end)
        continuation.finish()
        return .success(-1)
      }
      state.nextListener += 1
      entry.listeners[state.nextListener] = continuation
      state.entries[id] = entry
      return .success(state.nextListener)
    }
    let listener = try outcome.get()
    let pulse = Task {
      while !Task.isCancelled {
        try await Task.sleep(for: .seconds(15))
        continuation.yield(.pulse)
      }
    }
    continuation.onTermination = { [weak self] _ in
      pulse.cancel()
      self?.state.withLock { _ = $0.entries[id]?.listeners.removeValue(forKey: listener) }
    }
    return stream
  }

  // MARK: - Asking

  /// Takes a job.
  ///
  /// - Throws: `StudioFailure` for what cannot be meant, or where too many wait already.
  func add(_ request: JSONValue, to studio: Studio) throws -> JobRecord {
    let work = try JobKind.work(request, in: studio)
    let record = try state.withLock { state in
      guard state.entries.values.count(where: { $0.record.stored.state == .waiting }) < Self.mostWaiting
      else {
        throw StudioFailure(
          .tooManyRequests, "\(Self.mostWaiting) jobs wait already",
          remedy: "wait until some are done, or cancel some",
          retryAfter: 30)
      }
      let record = JobRecord(
        StoredJob(
          id: StudioStore.newID(), number: state.nextNumber, kind: work.kind.rawValue, title: work.title,
          request: request))
      state.nextNumber += 1
      state.entries[record.stored.id] = Entry(record: record, work: work)
      return record
    }
    do { try store.keep(record.stored) } catch {
      state.withLock { _ = $0.entries.removeValue(forKey: record.stored.id) }
      throw error
    }
    enqueue(record.stored.id, in: studio)
    return record
  }

  /// Ends a job that waits or runs.
  ///
  /// - Throws: `StudioFailure.notFound`.
  func cancel(_ id: String) throws -> JobRecord {
    let hasWaited = try state.withLock { state in
      guard var entry = state.entries[id] else { throw StudioFailure.notFound("such job") }
      let hasWaited = entry.record.stored.state == .waiting
      // Whoever takes it off the queue now passes it over.
      if hasWaited { entry.record.stored.state = .cancelled }
      if entry.record.stored.state == .running {
        entry.control?.cancel()
        entry.record.what = "is being cancelled"
      }
      state.entries[id] = entry
      return hasWaited
    }
    if hasWaited { finish(id, .cancelled) }
    return try self.job(id)
  }

  /// Forgets a job that has ended, with its files.
  func forget(_ id: String) throws {
    try store.removeJob(id)
    let ended = state.withLock { $0.entries.removeValue(forKey: id) }
    ended?.end()
    FolderRemoval.remove(store.jobFolder(id))
  }

  // MARK: - Working

  private enum Ending {
    case done(JobOutcome)
    case failed(StudioFailure)
    case cancelled
  }

  private func enqueue(_ id: String, in studio: Studio) {
    queue.add { [weak self, weak studio] in
      guard let self, let studio else { return }
      self.run(id, in: studio)
    }
  }

  private func run(_ id: String, in studio: Studio) {
    let control = RunControl { [weak self] progress in self?.report(progress, of: id) }
    // One that was cancelled while it waited is passed over.
    let work = state.withLock { state -> (any JobWork)? in
      guard var entry = state.entries[id], entry.record.stored.state == .waiting, let work = entry.work else {
        return nil
      }
      entry.control = control
      (entry.began, entry.kept) = (.now, .now)
      entry.record.stored.state = .running
      entry.record.stored.started = entry.record.stored.started ?? StudioStore.now()
      entry.record.what = "begins"
      state.entries[id] = entry
      entry.tell(.job(entry.record))
      return work
    }
    guard let work else { return }
    keep(id)
    do {
      let folder = store.jobFolder(id)
      try WholeFile.makeFolder(folder)
      try BeginningCount(in: folder).begin()
      let desk = JobDesk(id: id, folder: folder, control: control, board: self)
      let outcome = try work.run(studio, desk)
      BeginningCount(in: folder).forget()
      finish(id, .done(outcome))
    } catch is Cancelled {
      finish(id, .cancelled)
    } catch {
      finish(id, .failed(StudioFailure(error)))
    }
  }

  private func finish(_ id: String, _ ending: Ending) {
    let ended = state.withLock { state -> Entry? in
      guard var entry = state.entries[id] else { return nil }
      switch ending {
      case .done(let outcome):
        entry.record.stored.state = .done
        (entry.record.stored.result, entry.record.stored.page) = (outcome.result, outcome.page)
        entry.record.share = 1
      case .failed(let failure):
        entry.record.stored.state = .failed
        entry.record.stored.failure = .init(what: failure.what, remedy: failure.remedy)
      case .cancelled: entry.record.stored.state = .cancelled
      }
      entry.record.stored.ended = StudioStore.now()
      (entry.record.what, entry.record.eta) = ("", nil)
      entry.work = nil
      entry.control = nil
      entry.tell(.job(entry.record))
      state.entries[id] = entry
      return entry
    }
    ended?.end()
    keep(id)
  }

  private func report(_ progress: RunControl.Progress, of id: String) {
    let isDue = state.withLock { state -> Bool in
      guard var entry = state.entries[id], entry.record.stored.state == .running else { return false }
      let now = ContinuousClock.now
      entry.record.share = max(entry.record.share, min(1, progress.share))
      if !progress.what.isEmpty, entry.control?.isCancelled != true { entry.record.what = progress.what }
      let seconds = (now - entry.began) / .seconds(1)
      entry.record.eta =
        progress.share > 0.01 && seconds > 1 ? seconds * (1 - progress.share) / progress.share : nil
      if now - entry.told >= Self.tellInterval {
        entry.told = now
        var record = entry.record
        record.tellsCurves = false
        entry.tell(.job(record))
      }
      let isDue = now - entry.kept >= Self.keepInterval
      if isDue { entry.kept = now }
      state.entries[id] = entry
      return isDue
    }
    guard isDue else { return }
    keep(id)
    BeginningCount(in: store.jobFolder(id)).forget()
  }

  /// Adds a point to one of a job's curves.
  func add(series: String, x: Double, y: Double, to id: String) {
    guard x.isFinite, y.isFinite else { return }
    state.withLock { state in
      // A run that goes on may tell again what is known.
      guard state.entries[id]?.record.stored.curves[series]?.last.map({ $0[0] < x }) ?? true else { return }
      state.entries[id]?.record.stored.curves[series, default: []].append([x, y])
      state.entries[id]?.tell(.point(series: series, x: x, y: y))
    }
  }

  /// Notes a file that a job has written.
  func add(file name: String, to id: String) {
    state.withLock { state in
      guard state.entries[id]?.record.stored.files.contains(name) == false else { return }
      state.entries[id]?.record.stored.files.append(name)
    }
  }

  private func keep(_ id: String) {
    guard let job = try? job(id) else { return }
    // What cannot be kept now is kept with the next change.
    try? store.keep(job.stored)
  }

  // MARK: - Catalogues

  /// The catalogues that jobs have made.
  func catalogues() -> [(id: String, folder: String)] {
    all().filter { $0.stored.kind == JobKind.index.rawValue && $0.stored.state == .done }.reversed().map {
      job in
      (job.stored.id, Folder.path(to: IndexWork.catalogue, in: store.jobFolder(job.stored.id)))
    }
  }

  /// What such a catalogue is called; nil for the others.
  func title(ofCatalogue id: String) -> String? {
    guard let job = try? job(id), case .object(let request) = job.stored.request,
      case .text(let name)? = request["data"]
    else { return nil }
    return name
  }
}
