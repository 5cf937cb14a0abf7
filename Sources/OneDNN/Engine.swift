import COneDNN

/// The CPU as oneDNN sees it, and the one in-order stream that work is sent to.
public final class Engine: @unchecked Sendable {
  let handle: OpaquePointer
  let stream: OpaquePointer

  /// The engine of this process. Making it costs about a millisecond, once.
  public static func shared() throws(OneDNNError) -> Engine { try result.get() }

  private static let result = Result<Engine, OneDNNError> { () throws(OneDNNError) in try Engine() }

  private init() throws(OneDNNError) {
    handle = try made("dnnl_engine_create") { dnnl_engine_create($0, dnnl_cpu, 0) }
    let engine = handle
    stream = try made("dnnl_stream_create") {
      dnnl_stream_create($0, engine, dnnl_stream_default_flags.rawValue)
    }
  }

  deinit {
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(handle)
  }

  /// How many OpenMP threads the calling thread's kernels use from now on. OpenMP keeps this per calling thread, so
  /// whoever makes or runs primitives sets it there.
  public static func useThreads(_ count: Int) {
    if omp_get_max_threads() != Int32(count) { omp_set_num_threads(Int32(count)) }
  }
}
