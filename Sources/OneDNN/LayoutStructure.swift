import COneDNN

extension Layout {
  /// Where each element lies: axes with strides, of which one may be cut into blocks that lie innermost (`aBcd8b`: the
  /// channels in blocks of eight).
  public struct Structure: Sendable, Hashable {
    public struct Block: Sendable, Hashable {
      public var axis: Int
      public var extent: Int
    }

    public var dimensions: [Int]
    /// The extents with the padding that fills the last block. What lies there is always zero.
    public var paddedDimensions: [Int]
    /// How far apart neighbours along each axis lie, in elements; on the axis of the blocks, neighbouring blocks.
    public var strides: [Int]
    public var block: Block?

    /// How many neighbours along `axis` lie together in a block; 1 on an axis without blocks.
    public func blockExtent(of axis: Int) -> Int { block?.axis == axis ? block?.extent ?? 1 : 1 }
  }

  /// nil for layouts of other forms: several blocks, an offset, packed weights.
  public var structure: Structure? {
    func number(_ what: dnnl_query_t) -> Int? {
      var value: Int32 = 0
      return dnnl_memory_desc_query(handle, what, &value) == dnnl_success ? Int(value) : nil
    }
    func list(_ what: dnnl_query_t, _ count: Int) -> [Int]? {
      var values: UnsafePointer<Int64>?
      guard dnnl_memory_desc_query(handle, what, &values) == dnnl_success, let values else { return nil }
      return (0..<count).map { Int(values[$0]) }
    }
    var kind = dnnl_format_kind_undef
    var offset: Int64 = 0
    guard dnnl_memory_desc_query(handle, dnnl_query_format_kind, &kind) == dnnl_success, kind == dnnl_blocked,
      dnnl_memory_desc_query(handle, dnnl_query_submemory_offset_s64, &offset) == dnnl_success, offset == 0,
      let rank = number(dnnl_query_ndims_s32), let blocks = number(dnnl_query_inner_nblks_s32), blocks <= 1,
      let dimensions = list(dnnl_query_dims, rank), let padded = list(dnnl_query_padded_dims, rank),
      let strides = list(dnnl_query_strides, rank),
      let axes = list(dnnl_query_inner_idxs, blocks), let extents = list(dnnl_query_inner_blks, blocks)
    else { return nil }
    let block = zip(axes, extents).map { Structure.Block(axis: $0, extent: $1) }.first
    return Structure(dimensions: dimensions, paddedDimensions: padded, strides: strides, block: block)
  }

  /// A tensor of other extents laid out as this one: its axes in the same order, its channels in the same blocks. An
  /// axis of blocks that shrinks to 1 is no longer cut. nil if this layout has no simple structure.
  public func sibling(_ dimensions: [Int]) throws(OneDNNError) -> Layout? {
    guard let structure, structure.dimensions.count == dimensions.count else { return nil }
    if let block = structure.block, dimensions[block.axis] == structure.dimensions[block.axis] {
      return try Self.blocked(dimensions, block)
    }
    // Outermost first; axes of one stride (all but one have extent 1) stay in their order.
    let order = dimensions.indices.sorted {
      (structure.strides[$1], $0) < (structure.strides[$0], $1)
    }
    var strides = [Int](repeating: 1, count: dimensions.count)
    var step = 1
    for axis in order.reversed() {
      strides[axis] = step
      step *= max(1, dimensions[axis])
    }
    return try .strided(dimensions, strides)
  }

  /// Channels in blocks; nil where oneDNN has no name for it.
  private static func blocked(_ dimensions: [Int], _ block: Structure.Block) throws(OneDNNError) -> Layout? {
    let tags: [Int: [dnnl_format_tag_t]] = [
      4: [dnnl_aBc4b, dnnl_aBcd4b, dnnl_aBcde4b], 8: [dnnl_aBc8b, dnnl_aBcd8b, dnnl_aBcde8b],
      16: [dnnl_aBc16b, dnnl_aBcd16b, dnnl_aBcde16b],
    ]
    guard block.axis == 1, (3...5).contains(dimensions.count),
      let tag = tags[block.extent]?[dimensions.count - 3]
    else { return nil }
    return Layout(
      adopting: try made("dnnl_memory_desc_create_with_tag") {
        dnnl_memory_desc_create_with_tag(
          $0, Int32(dimensions.count), dimensions.map(Int64.init), dnnl_f32, tag)
      })
  }
}
