import COneDNN

/// A oneDNN call that did not succeed.
public struct OneDNNError: Error, CustomStringConvertible {
  /// The C function that was called.
  public let operation: String
  /// oneDNN's own code, `dnnl_status_t`.
  public let status: UInt32

  public var description: String {
    let meaning =
      switch dnnl_status_t(rawValue: status) {
      case dnnl_out_of_memory: "out of memory"
      case dnnl_invalid_arguments: "invalid arguments"
      case dnnl_unimplemented: "not implemented for these shapes"
      case dnnl_runtime_error: "a run-time error"
      default: "status \(status)"
      }
    return "oneDNN: \(operation): \(meaning)"
  }
}

/// Throws unless `status` says success. Every call of the C API goes through here.
func check(_ status: dnnl_status_t, _ operation: StaticString) throws(OneDNNError) {
  guard status == dnnl_success else {
    throw OneDNNError(operation: "\(operation)", status: status.rawValue)
  }
}

/// The handle that `body` fills in, once its status is checked.
func made(
  _ operation: StaticString, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> dnnl_status_t
) throws(OneDNNError) -> OpaquePointer {
  var handle: OpaquePointer?
  try check(body(&handle), operation)
  guard let handle else { throw OneDNNError(operation: "\(operation)", status: dnnl_runtime_error.rawValue) }
  return handle
}
