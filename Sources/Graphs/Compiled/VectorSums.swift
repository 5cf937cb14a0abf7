// Loops over contiguous floats. Swift adds in the order it is told, one after another; told to keep sixteen sums at
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

extension UnsafeMutablePointer<Float> {
  /// Sets the first `count` elements, sixteen at a time, and the rest one at a time.
  @inline(__always)
  func fill(_ count: Int, _ sixteen: (Int) -> SIMD16<Float>, _ one: (Int) -> Float) {
    var index = 0
    while index + 16 <= count {
      UnsafeMutableRawPointer(self + index).storeBytes(of: sixteen(index), as: SIMD16<Float>.self)
      index += 16
    }
    while index < count {
      self[index] = one(index)
      index += 1
    }
  }
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
