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

/// The shape of `a` and `b` stretched to each other: axes of 1 and missing leading axes are repeated.
func stretched(_ a: [Int], _ b: [Int]) throws(ShapeMismatch) -> [Int] {
  let rank = max(a.count, b.count)
  var result: [Int] = []
  for axis in 0..<rank {
    let x = axis < rank - a.count ? 1 : a[axis - rank + a.count]
    let y = axis < rank - b.count ? 1 : b[axis - rank + b.count]
    guard x == y || x == 1 || y == 1 else {
      throw ShapeMismatch("\(Shape(a)) and \(Shape(b)) cannot be broadcast together")
    }
    result.append(x == 1 ? y : x)
  }
  return result
}
