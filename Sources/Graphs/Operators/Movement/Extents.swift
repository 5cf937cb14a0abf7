import Tensors

extension Shape {
  /// A shape of extents that a file asks for: none negative, and together no more than any memory holds.
  init(checking extents: [Int]) throws(ShapeMismatch) {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow, product <= 1 << 40 else {
        throw ShapeMismatch("a tensor of shape \(extents) cannot be made")
      }
      count = product
    }
    self.init(extents)
  }

  /// Axis `axis`, counted from behind where it is negative.
  func place(ofAxis axis: Int) throws(ShapeMismatch) -> Int {
    guard axis >= -rank, axis < rank else { throw ShapeMismatch("axis \(axis) of a tensor of rank \(rank)") }
    return axis < 0 ? axis + rank : axis
  }

  /// The axes named, none twice; all of them if `axes` is nil.
  func places(ofAxes axes: [Int]?) throws(ShapeMismatch) -> [Int] {
    guard let axes else { return Array(dimensions.indices) }
    var places: [Int] = []
    for axis in axes {
      let place = try place(ofAxis: axis)
      guard !places.contains(place) else { throw ShapeMismatch("axes \(axes) name axis \(axis) twice") }
      places.append(place)
    }
    return places
  }

  /// How many elements lie before, and behind, one step along `axis` in row-major order.
  func around(_ axis: Int) -> (outer: Int, inner: Int) {
    (dimensions[..<axis].reduce(1, *), dimensions[(axis + 1)...].reduce(1, *))
  }
}
