import COneDNN

/// A compiled kernel for fixed shapes, and which layouts it chose.
///
/// Scratch memory is the caller's (`dnnl_scratchpad_mode_user`), so that one arena serves a whole program.
public final class Primitive {
  private let plan: OpaquePointer
  private let handle: OpaquePointer

  /// Compiles what `description` fills in. `description` receives the attributes: fused operations and scratch mode.
  init(
    _ operation: StaticString, fusing fused: [FusedOperation] = [],
    _ description: (UnsafeMutablePointer<OpaquePointer?>, OpaquePointer) -> dnnl_status_t
  ) throws(OneDNNError) {
    let attributes = try Attributes(fused)
    plan = try made(operation) { description($0, attributes.handle) }
    do throws(OneDNNError) {
      let plan = plan
      handle = try made("dnnl_primitive_create") { dnnl_primitive_create($0, plan) }
    } catch {
      dnnl_primitive_desc_destroy(plan)
      throw error
    }
  }

  deinit {
    dnnl_primitive_destroy(handle)
    dnnl_primitive_desc_destroy(plan)
  }

  /// The plan, for backward primitives that ask for their forward one as a hint.
  var hint: OpaquePointer { plan }

  /// The layout that this kernel wants for `argument`.
  public func layout(_ argument: Argument) throws(OneDNNError) -> Layout {
    let (query, position): (dnnl_query_t, Int32) =
      switch argument {
      case .source: (dnnl_query_src_md, 0)
      case .source1: (dnnl_query_src_md, 1)
      case .weights: (dnnl_query_weights_md, 0)
      case .bias: (dnnl_query_weights_md, 1)
      case .mean, .variance, .scale, .shift, .scaleGradient, .shiftGradient:
        (dnnl_query_exec_arg_md, argument.index)
      case .weightsGradient: (dnnl_query_diff_weights_md, 0)
      case .biasGradient: (dnnl_query_diff_weights_md, 1)
      case .destination: (dnnl_query_dst_md, 0)
      case .workspace: (dnnl_query_workspace_md, 0)
      case .scratchpad: (dnnl_query_scratchpad_md, 0)
      case .sourceGradient: (dnnl_query_diff_src_md, 0)
      case .destinationGradient: (dnnl_query_diff_dst_md, 0)
      case .fusedOperand: (dnnl_query_exec_arg_md, argument.index)
      }
    let borrowed = dnnl_primitive_desc_query_md(plan, query, position)
    return Layout(
      adopting: try made("dnnl_memory_desc_clone") { dnnl_memory_desc_clone($0, borrowed) })
  }

  /// oneDNN's name of the kernel it chose, `jit:avx2` for example; `ref` is a slow one.
  public var implementation: String {
    var text: UnsafePointer<CChar>?
    guard dnnl_primitive_desc_query(plan, dnnl_query_impl_info_str, 0, &text) == dnnl_success, let text
    else { return "unknown" }
    return String(cString: text)
  }

  /// Whether the kernel was written for the machine's vector instructions, and so were the operations fused into it.
  /// Transposed convolutions that go by way of a convolution (`conv:`) apply fused operations one number at a time.
  public var fusesFast: Bool {
    let implementation = implementation
    return !implementation.hasPrefix("ref") && !implementation.hasPrefix("conv:")
  }

  /// Runs the kernel and returns when it is done: a CPU stream works in the calling thread and its OpenMP team.
  public func execute(_ arguments: borrowing BoundArguments, on stream: Stream) throws(OneDNNError) {
    try arguments.withUnsafeList { (list) throws(OneDNNError) in
      try check(
        dnnl_primitive_execute(handle, stream.handle, Int32(list.count), list.baseAddress),
        "dnnl_primitive_execute")
    }
  }
}

/// The memories of one call, ready to hand over: built once, used by every run.
public struct BoundArguments: ~Copyable {
  private let list: [dnnl_exec_arg_t]
  private let memories: [Memory]

  public init(_ arguments: [(Argument, Memory)]) {
    list = arguments.map { dnnl_exec_arg_t(arg: $0.index, memory: $1.handle) }
    memories = arguments.map(\.1)
  }

  func withUnsafeList(
    _ body: (UnsafeBufferPointer<dnnl_exec_arg_t>) throws(OneDNNError) -> Void
  ) throws(OneDNNError) {
    var failure: OneDNNError?
    list.withUnsafeBufferPointer { buffer in
      do throws(OneDNNError) { try body(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
