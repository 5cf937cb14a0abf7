import COneDNN

/// The CPU as oneDNN sees it.
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
