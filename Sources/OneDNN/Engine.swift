import COneDNN

/// The CPU as oneDNN sees it.
///
/// Sendable because oneDNN's engines are: any thread may make and run primitives on one.
public final class Engine: @unchecked Sendable {
  let handle: OpaquePointer

  /// The engine of this process. Making it costs about a millisecond, once.
  public static func shared() throws(OneDNNError) -> Engine { try result.get() }

  private static let result = Result<Engine, OneDNNError> { () throws(OneDNNError) in try Engine() }

  private init() throws(OneDNNError) {
    handle = try made("dnnl_engine_create") { dnnl_engine_create($0, dnnl_cpu, 0) }
  }

  deinit { dnnl_engine_destroy(handle) }

  /// How many OpenMP threads the calling thread's kernels use from now on. OpenMP keeps this per calling thread, so
  /// whoever makes or runs primitives sets it there.
  public static func useThreads(_ count: Int) {
    if omp_get_max_threads() != Int32(count) { omp_set_num_threads(Int32(count)) }
  }
}

extension Engine {
  /// Calls `body` with each of `0..<count`, shared out among the team of threads that the calling thread's kernels use.
  /// Threads of our own would have to wait for the team's: those stay on their cores for a while after each kernel.
  public static func share(_ count: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Job(count: count, run: body)) { job in
        GOMP_parallel(
          { address in
            guard let job = address?.assumingMemoryBound(to: Job.self).pointee else { return }
            let step = Int(omp_get_num_threads())
            for index in stride(from: Int(omp_get_thread_num()), to: job.count, by: step) { job.run(index) }
          }, UnsafeMutableRawPointer(mutating: job), 0, 0)
      }
    }
  }

  private struct Job {
    let count: Int
    let run: (Int) -> Void
  }
}

/// The in-order queue that one program's kernels go through; used by one thread at a time.
public final class Stream {
  let handle: OpaquePointer

  public init(on engine: Engine) throws(OneDNNError) {
    handle = try made("dnnl_stream_create") {
      dnnl_stream_create($0, engine.handle, dnnl_stream_default_flags.rawValue)
    }
  }

  deinit { dnnl_stream_destroy(handle) }
}
