/// How the elements of a reduction are taken together: `combine(combine(start, map(x₀)), map(x₁)) …`, in any order.
protocol Fold {
  static var start: Float { get }
  static func map(_ x: Float) -> Float
  static func map(_ x: SIMD8<Float>) -> SIMD8<Float>
  static func combine(_ a: Float, _ b: Float) -> Float
  static func combine(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float>
}

extension Fold {
  @inline(__always) static func map(_ x: Float) -> Float { x }
  @inline(__always) static func map(_ x: SIMD8<Float>) -> SIMD8<Float> { x }

  /// All `count` elements from `x` on. Four vectors side by side hide the latency of adding, and round less than one
  /// long sum.
  @inline(__always) static func folded(_ x: UnsafePointer<Float>, count: Int) -> Float {
    var total = start
    var place = 0
    if count >= 32 {
      let raw = UnsafeRawPointer(x)
      func vector(_ place: Int) -> SIMD8<Float> {
        map(raw.loadUnaligned(fromByteOffset: place * 4, as: SIMD8<Float>.self))
      }
      var (a, b, c, d) = (vector(0), vector(8), vector(16), vector(24))
      place = 32
      while place + 32 <= count {
        a = combine(a, vector(place))
        b = combine(b, vector(place + 8))
        c = combine(c, vector(place + 16))
        d = combine(d, vector(place + 24))
        place += 32
      }
      let sum = combine(combine(a, b), combine(c, d))
      for lane in 0..<8 { total = combine(total, sum[lane]) }
    }
    while place < count {
      total = combine(total, map(x[place]))
      place += 1
    }
    return total
  }

  /// `y[j] = combine(y[j], map(x[j]))` for `count` columns.
  @inline(__always) static func fold(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    for column in 0..<count { y[column] = combine(y[column], map(x[column])) }
  }
}

enum SumFold: Fold {
  static var start: Float { 0 }
  @inline(__always) static func combine(_ a: Float, _ b: Float) -> Float { a + b }
  @inline(__always) static func combine(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a + b }
}

enum AbsoluteSumFold: Fold {
  static var start: Float { 0 }
  @inline(__always) static func map(_ x: Float) -> Float { abs(x) }
  @inline(__always) static func map(_ x: SIMD8<Float>) -> SIMD8<Float> {
    x.replacing(with: -x, where: x .< 0)
  }
  @inline(__always) static func combine(_ a: Float, _ b: Float) -> Float { a + b }
  @inline(__always) static func combine(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a + b }
}

enum SquareSumFold: Fold {
  static var start: Float { 0 }
  @inline(__always) static func map(_ x: Float) -> Float { x * x }
  @inline(__always) static func map(_ x: SIMD8<Float>) -> SIMD8<Float> { x * x }
  @inline(__always) static func combine(_ a: Float, _ b: Float) -> Float { a + b }
  @inline(__always) static func combine(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a + b }
}

enum ProductFold: Fold {
  static var start: Float { 1 }
  @inline(__always) static func combine(_ a: Float, _ b: Float) -> Float { a * b }
  @inline(__always) static func combine(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> { a * b }
}

enum MaximumFold: Fold {
  static var start: Float { -.infinity }
  @inline(__always) static func combine(_ a: Float, _ b: Float) -> Float { a < b ? b : a }
  @inline(__always) static func combine(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
    a.replacing(with: b, where: a .< b)
  }
}

enum MinimumFold: Fold {
  static var start: Float { .infinity }
  @inline(__always) static func combine(_ a: Float, _ b: Float) -> Float { b < a ? b : a }
  @inline(__always) static func combine(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
    a.replacing(with: b, where: b .< a)
  }
}
