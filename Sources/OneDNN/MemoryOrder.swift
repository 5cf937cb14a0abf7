import COneDNN

/// The orders in which kernels run through the axes of a tensor `[batch, channels, places…]`.
public enum MemoryOrder: Hashable, Sendable {
  /// Row-major, as `Tensor` keeps its elements.
  case plain
  /// `[batch, places…, channels]`
  case channelsLast
  /// `[batch, channels / block, places…, block]`, the last block filled up.
  case blockedChannels(Int)

  static let all: [MemoryOrder] = [.plain, .channelsLast, .blockedChannels(8), .blockedChannels(16)]

  /// The extents in memory, outermost first, of a tensor of these dimensions.
  public func extents(_ dimensions: [Int]) -> [Int] {
    arranged(dimensions, blocks: { ($0 + $1 - 1) / $1 }, within: \.self)
  }

  /// Whether a tensor of these dimensions lies in this order as it would in the plain one.
  public func isRowMajor(_ dimensions: [Int]) -> Bool {
    switch self {
    case .plain: true
    case .channelsLast: dimensions[1] == 1 || dimensions[2...].allSatisfy { $0 == 1 }
    case .blockedChannels(let block):
      dimensions[1] % block == 0 && dimensions[2...].allSatisfy { $0 == 1 }
    }
  }

  /// One thing an axis in the order of memory. A blocked channel axis becomes two: `blocks` and `within` say of what.
  public func arranged<Item>(
    _ items: [Item], blocks: (Item, Int) -> Item, within: (Int) -> Item
  ) -> [Item] {
    switch self {
    case .plain: items
    case .channelsLast: [items[0]] + items[2...] + [items[1]]
    case .blockedChannels(let block): [items[0], blocks(items[1], block)] + items[2...] + [within(block)]
    }
  }
}

extension Layout {
  /// Dense, in this order. Orders other than the plain one are for 3 to 5 dimensions.
  public static func ordered(_ order: MemoryOrder, _ dimensions: [Int]) throws(OneDNNError) -> Layout {
    guard order != .plain else { return try plain(dimensions) }
    let tag: dnnl_format_tag_t
    switch (order, dimensions.count) {
    case (.channelsLast, 3): tag = dnnl_acb
    case (.channelsLast, 4): tag = dnnl_acdb
    case (.channelsLast, _): tag = dnnl_acdeb
    case (.blockedChannels(8), 3): tag = dnnl_aBc8b
    case (.blockedChannels(8), 4): tag = dnnl_aBcd8b
    case (.blockedChannels(8), _): tag = dnnl_aBcde8b
    case (_, 3): tag = dnnl_aBc16b
    case (_, 4): tag = dnnl_aBcd16b
    case (_, _): tag = dnnl_aBcde16b
    }
    return Layout(
      adopting: try made("dnnl_memory_desc_create_with_tag") {
        dnnl_memory_desc_create_with_tag(
          $0, Int32(dimensions.count), dimensions.map(Int64.init), dnnl_f32, tag)
      })
  }

  /// The order of this layout of a tensor of these dimensions; nil if it is none of those known here.
  public func order(_ dimensions: [Int]) -> MemoryOrder? {
    let candidates = (3...5).contains(dimensions.count) ? MemoryOrder.all : [.plain]
    return candidates.first { (try? Layout.ordered($0, dimensions)) == self }
  }
}
