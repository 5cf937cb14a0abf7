// Sums over contiguous floats. Swift adds in the order it is told, one after another; told to keep sixteen sums at
// once, it adds with vector instructions. Stretches of 4096 are brought together in double precision, so that long sums
// are as exact as short ones.

extension UnsafePointer<Float> {
  /// Elements `index ..< index + 16`.
  @inline(__always)
  func vector(at index: Int) -> SIMD16<Float> {
    UnsafeRawPointer(self + index).loadUnaligned(as: SIMD16<Float>.self)
  }
}

/// `Σ term(i)` for `i` in `0..<count`, with the terms given sixteen at a time, and one at a time for the rest.
@inline(__always)
func vectorSum(_ count: Int, _ sixteen: (Int) -> SIMD16<Float>, _ one: (Int) -> Float) -> Double {
  var total = 0.0
  var index = 0
  while index + 16 <= count {
    var sums = SIMD16<Float>.zero
    let end = min(count & ~15, index + 4096)
    while index < end {
      sums += sixteen(index)
      index += 16
    }
    total += Double(sums.sum())
  }
  while index < count {
    total += Double(one(index))
    index += 1
  }
  return total
}

/// `Σ x[i]`
@inline(__always)
func vectorSum(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
  vectorSum(count, { x.vector(at: $0) }, { x[$0] })
}

/// `Σ (x[i] − centre) · y[i]`
@inline(__always)
func centredProduct(
  _ x: UnsafePointer<Float>, _ centre: Float, _ y: UnsafePointer<Float>, _ count: Int
) -> Double {
  vectorSum(count, { (x.vector(at: $0) - centre) * y.vector(at: $0) }, { (x[$0] - centre) * y[$0] })
}
