import COneDNN

/// A layout bound to an address. Owns no bytes: whoever plans the memory points it there.
public final class Memory {
  let handle: OpaquePointer

  public init(_ layout: Layout, on engine: Engine) throws(OneDNNError) {
    // A null pointer instead of DNNL_MEMORY_ALLOCATE (all ones): nothing is allocated here.
    handle = try made("dnnl_memory_create") { dnnl_memory_create($0, layout.handle, engine.handle, nil) }
  }

  deinit { dnnl_memory_destroy(handle) }

  /// Points this memory at `address`. oneDNN never writes through the address of an input.
  public func point(at address: UnsafeMutableRawPointer) throws(OneDNNError) {
    try check(dnnl_memory_set_data_handle(handle, address), "dnnl_memory_set_data_handle")
  }
}
