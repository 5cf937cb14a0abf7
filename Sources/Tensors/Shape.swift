/// The extents of a tensor along its axes, outermost first (row-major, as NumPy's C order).
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  public var dimensions: [Int]

  public init(_ dimensions: [Int]) {
    precondition(dimensions.allSatisfy { $0 >= 0 }, "a dimension cannot be negative: \(dimensions)")
    self.dimensions = dimensions
  }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  public var rank: Int { dimensions.count }

  /// How many elements a tensor of this shape has; 1 for a scalar. The largest number there is where it would be more:
  /// a file may declare shapes that no memory holds, and is refused only when asked for them.
  public var count: Int {
    dimensions.reduce(1) { count, extent in
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      return overflow ? (dimensions.contains(0) ? 0 : .max) : product
    }
  }

  /// How far apart neighbours along each axis lie, in elements.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] &* dimensions[axis + 1]
    }
    return strides
  }

  public subscript(axis: Int) -> Int {
    get { dimensions[axis] }
    set { dimensions[axis] = newValue }
  }

  /// `[16, 3, 224, 224]`
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
