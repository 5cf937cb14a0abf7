import COneDNN

/// How a tensor lies in memory: dimensions and plain strides, or one of oneDNN's blocked formats, or "any", which
/// leaves the choice to a primitive.
///
/// Sendable because a memory descriptor is never changed once it is made.
public final class Layout: @unchecked Sendable, Equatable {
  let handle: OpaquePointer

  init(adopting handle: OpaquePointer) { self.handle = handle }

  deinit { dnnl_memory_desc_destroy(handle) }

  /// Row-major, as `Tensor` keeps its elements. A scalar becomes one dimension of extent 1: oneDNN has no rank 0.
  public static func plain(_ dimensions: [Int]) throws(OneDNNError) -> Layout {
    let dimensions = dimensions.isEmpty ? [1] : dimensions
    var strides = [Int](repeating: 1, count: dimensions.count)
    for axis in stride(from: dimensions.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * max(1, dimensions[axis + 1])
    }
    return try strided(dimensions, strides)
  }

  /// The elements `[n, c, …]` with the channels innermost.
  public static func channelsLast(_ dimensions: [Int]) throws(OneDNNError) -> Layout {
    var strides = [Int](repeating: 1, count: dimensions.count)
    var step = dimensions.count > 1 ? dimensions[1] : 1
    for axis in stride(from: dimensions.count - 1, through: 2, by: -1) {
      strides[axis] = step
      step *= max(1, dimensions[axis])
    }
    strides[0] = step
    return try strided(dimensions, strides)
  }

  /// `strides` in elements, one for each dimension.
  public static func strided(_ dimensions: [Int], _ strides: [Int]) throws(OneDNNError) -> Layout {
    Layout(
      adopting: try made("dnnl_memory_desc_create_with_strides") {
        dnnl_memory_desc_create_with_strides(
          $0, Int32(dimensions.count), dimensions.map(Int64.init), dnnl_f32, strides.map(Int64.init))
      })
  }

  /// Left for a primitive to choose; ask the primitive which layout it took.
  public static func any(_ dimensions: [Int]) throws(OneDNNError) -> Layout {
    Layout(
      adopting: try made("dnnl_memory_desc_create_with_tag") {
        dnnl_memory_desc_create_with_tag(
          $0, Int32(dimensions.count), dimensions.map(Int64.init), dnnl_f32, dnnl_format_tag_any)
      })
  }

  /// The same elements with their axes in another order: axis `i` of the result is axis `axes[i]` of this.
  public func permuted(_ axes: [Int]) throws(OneDNNError) -> Layout {
    // oneDNN's permutation says where each axis goes, ours (NumPy's and ONNX's) where each comes from.
    var destinations = [Int32](repeating: 0, count: axes.count)
    for (to, from) in axes.enumerated() { destinations[from] = Int32(to) }
    return Layout(
      adopting: try made("dnnl_memory_desc_permute_axes") {
        dnnl_memory_desc_permute_axes($0, handle, destinations)
      })
  }

  /// Bytes that a buffer of this layout takes, padding of blocked channels included.
  public var byteCount: Int { dnnl_memory_desc_get_size(handle) }

  public static func == (a: Layout, b: Layout) -> Bool { dnnl_memory_desc_equal(a.handle, b.handle) != 0 }
}
