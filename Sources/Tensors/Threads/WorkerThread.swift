import Glibc

/// A thread of its own: for work that waits, and must not hold up the pool's threads, with which networks compute.
package final class WorkerThread {
  private var thread = pthread_t()
  private let hasStarted: Bool

  package init(_ work: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Work(work))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    // FFmpeg's decoders need more than the smallest stack.
    pthread_attr_setstacksize(&attributes, 8 << 20)
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    pthread_attr_destroy(&attributes)
    hasStarted = status == 0
    if !hasStarted { box.release() }
  }

  /// Whether the system had room for it.
  package var isRunning: Bool { hasStarted }

  /// Waits until the work is done.
  package func join() { if hasStarted { pthread_join(thread, nil) } }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Seconds of processor time that the calling thread has had.
  package static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Seconds on a clock that only goes forward.
package func clockSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
