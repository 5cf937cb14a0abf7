public import Tensors

/// Which axes of an array are patches, channels, frames and bands.
///
/// Programs write the same patches as `[frames, bands]`, `[1, bands, frames]`, `[patches, frames, bands, 1]`, ... Where extents
/// tell the axes apart, they do; where they do not, the usual order is taken.
public struct PatchArrangement: Sendable, Hashable {
  public enum Axis: String, Sendable, Codable, CaseIterable {
    case patches
    case channels
    case frames
    case bands
  }

  /// What runs along the axes of more than one place, in their order.
  public let axes: [Axis]
  /// Whether they run in the order that was expected.
  public let isUsual: Bool

  private let shape: Shape

  /// The likeliest arrangement of an array that should hold patches of the shape `ours`, `[patches, channels, frames, bands]`.
  ///
  /// Of all ways to assign roles to axes that which needs the fewest differences of extents, of bands and channels above all;
  /// then the fewest changes of places. nil where the array has more axes of more than one place than there are roles.
  ///
  /// - Parameter order: in which the axes are expected.
  public init?(_ shape: Shape, like ours: Shape, order: [Axis] = Axis.allCases) {
    let extents = shape.dimensions.filter { $0 != 1 }
    guard extents.count <= order.count else { return nil }
    var best: (cost: Int, axes: [Axis])?
    for axes in Self.arrangements(of: order, count: extents.count) {
      let cost = Self.cost(axes, extents, ours, order)
      if cost < best?.cost ?? .max { best = (cost, axes) }
    }
    guard let best else { return nil }
    axes = best.axes
    isUsual = best.axes == order.filter(best.axes.contains)
    self.shape = shape
  }

  /// The array as `[patches, channels, frames, bands]`.
  public func arranged(_ array: Tensor) -> Tensor {
    precondition(array.shape == shape, "an array of \(array.shape), not of \(shape)")
    let extents = shape.dimensions.filter { $0 != 1 }
    let strides = Shape(extents).strides
    func axis(_ axis: Axis) -> (extent: Int, stride: Int) {
      axes.firstIndex(of: axis).map { (extents[$0], strides[$0]) } ?? (1, 0)
    }
    let (p, c, f, b) = (axis(.patches), axis(.channels), axis(.frames), axis(.bands))
    return Tensor(unsafeUninitialized: [p.extent, c.extent, f.extent, b.extent]) { result in
      array.withUnsafeValues { values in
        var place = 0
        for patch in 0..<p.extent {
          for channel in 0..<c.extent {
            for frame in 0..<f.extent {
              let start = patch * p.stride + channel * c.stride + frame * f.stride
              for band in 0..<b.extent {
                result[place] = values[start + band * b.stride]
                place += 1
              }
            }
          }
        }
      }
    }
  }

  private static func arrangements(of axes: [Axis], count: Int) -> [[Axis]] {
    guard count > 0 else { return [[]] }
    return axes.flatMap { first in
      arrangements(of: axes.filter { $0 != first }, count: count - 1).map { [first] + $0 }
    }
  }

  /// What speaks against an arrangement. A missing patch or a frame more is common, another number of bands is not; either
  /// weighs more than any order.
  private static func cost(_ axes: [Axis], _ extents: [Int], _ ours: Shape, _ order: [Axis]) -> Int {
    var cost = 0
    for (place, axis) in Axis.allCases.enumerated() {
      let extent = axes.firstIndex(of: axis).map { extents[$0] } ?? 1
      guard extent != ours[place] else { continue }
      switch axis {
      case .patches: cost += 20
      // One frame alone is none.
      case .frames: cost += extent == 1 ? 200 : 30
      case .channels, .bands: cost += 200
      }
    }
    let places = axes.compactMap { order.firstIndex(of: $0) }
    for (index, place) in places.enumerated() { cost += places[..<index].count { $0 > place } }
    return cost
  }
}
