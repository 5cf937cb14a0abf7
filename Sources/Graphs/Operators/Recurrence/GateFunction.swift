import Glibc

/// What a gate of a recurrent layer does to each of its numbers, and the derivative of it, told from its result: that is
/// all that is kept for the gradient.
package struct GateFunction: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// `1 / (1 + exp(−x))`
    case sigmoid
    case tanh
    case relu
    /// `alpha · x + beta`
    case affine
    /// `x`, or `alpha · x` where x is negative
    case leakyRelu = "leakyrelu"
    /// `x` where it is at least alpha, else 0
    case thresholdedRelu = "thresholdedrelu"
    /// `alpha · tanh(beta · x)`
    case scaledTanh = "scaledtanh"
    /// `alpha · x + beta`, between 0 and 1
    case hardSigmoid = "hardsigmoid"
    /// `x`, or `alpha · (exp(x) − 1)` where x is negative
    case elu
    /// `x / (1 + |x|)`
    case softsign
    /// `log(1 + exp(x))`
    case softplus

    /// alpha and beta where the file names none; nil: the function has none.
    package var defaults: (alpha: Float?, beta: Float?) {
      switch self {
      case .sigmoid, .tanh, .relu, .softsign, .softplus: (nil, nil)
      case .affine, .scaledTanh: (1, self == .affine ? 0 : 1)
      case .leakyRelu: (0.01, nil)
      case .thresholdedRelu, .elu: (1, nil)
      case .hardSigmoid: (0.2, 0.5)
      }
    }
  }

  let kind: Kind
  let alpha: Float
  let beta: Float
  /// The argument is brought between `−clip` and `clip` first.
  let clip: Float?
  /// The results at the ends of the clipped range: beyond, nothing flows back.
  private var bounds: ClosedRange<Float>?

  package init(_ kind: Kind, alpha: Float? = nil, beta: Float? = nil, clip: Float? = nil) {
    self.kind = kind
    self.alpha = alpha ?? kind.defaults.alpha ?? 0
    self.beta = beta ?? kind.defaults.beta ?? 0
    self.clip = clip
    guard let clip else { return }
    var ends = [-clip, clip]
    ends.withUnsafeMutableBufferPointer { ends in
      if let start = ends.baseAddress { apply(start, ends.count) }
    }
    bounds = min(ends[0], ends[1])...max(ends[0], ends[1])
  }

  /// Whether the result tells the derivative: not where two branches give one value.
  var isInvertible: Bool {
    switch kind {
    case .leakyRelu, .elu: alpha >= 0
    default: true
    }
  }

  /// `x = f(x)`
  func apply(_ x: UnsafeMutablePointer<Float>, _ count: Int) {
    if let clip { for j in 0..<count { x[j] = max(-clip, min(clip, x[j])) } }
    let (alpha, beta) = (alpha, beta)
    switch kind {
    case .sigmoid: vectorized(x, count) { 1 / (1 + exponential(-$0)) }
    case .tanh: vectorized(x, count) { hyperbolicTangent($0) }
    case .relu: for j in 0..<count { x[j] = max(0, x[j]) }
    case .affine: for j in 0..<count { x[j] = alpha * x[j] + beta }
    case .leakyRelu: for j in 0..<count { x[j] = x[j] < 0 ? alpha * x[j] : x[j] }
    case .thresholdedRelu: for j in 0..<count { x[j] = x[j] >= alpha ? x[j] : 0 }
    case .scaledTanh: vectorized(x, count) { alpha * hyperbolicTangent(beta * $0) }
    case .hardSigmoid: for j in 0..<count { x[j] = max(0, min(1, alpha * x[j] + beta)) }
    case .elu: vectorized(x, count) { $0.replacing(with: alpha * (exponential($0) - 1), where: $0 .< 0) }
    case .softsign: for j in 0..<count { x[j] = x[j] / (1 + abs(x[j])) }
    case .softplus: for j in 0..<count { x[j] = logarithmOfSum(x[j]) }
    }
  }

  /// `gradient *= f′`, where `y` is what `apply` made.
  func multiply(_ gradient: UnsafeMutablePointer<Float>, byDerivativeAt y: UnsafePointer<Float>, _ count: Int)
  {
    let (alpha, beta) = (alpha, beta)
    switch kind {
    case .sigmoid: for j in 0..<count { gradient[j] *= y[j] * (1 - y[j]) }
    case .tanh: for j in 0..<count { gradient[j] *= 1 - y[j] * y[j] }
    case .relu: for j in 0..<count { gradient[j] = y[j] > 0 ? gradient[j] : 0 }
    case .affine: for j in 0..<count { gradient[j] *= alpha }
    case .leakyRelu: for j in 0..<count { gradient[j] *= y[j] < 0 ? alpha : 1 }
    case .thresholdedRelu: for j in 0..<count { gradient[j] = y[j] != 0 ? gradient[j] : 0 }
    case .scaledTanh:
      let inverse = alpha == 0 ? 0 : 1 / alpha
      for j in 0..<count { gradient[j] *= beta * (alpha - y[j] * y[j] * inverse) }
    case .hardSigmoid: for j in 0..<count { gradient[j] *= y[j] > 0 && y[j] < 1 ? alpha : 0 }
    case .elu: for j in 0..<count { gradient[j] *= y[j] < 0 ? y[j] + alpha : 1 }
    case .softsign: for j in 0..<count { gradient[j] *= (1 - abs(y[j])) * (1 - abs(y[j])) }
    case .softplus: vectorized(gradient, y, count) { $0 * (1 - exponential(-$1)) }
    }
    guard let bounds else { return }
    for j in 0..<count where y[j] <= bounds.lowerBound || y[j] >= bounds.upperBound { gradient[j] = 0 }
  }
}

typealias Lane8 = SIMD8<Float>

/// `x = f(x)`, eight numbers at a time.
@inline(__always)
func vectorized(_ x: UnsafeMutablePointer<Float>, _ count: Int, _ f: (Lane8) -> Lane8) {
  vectorized(x, UnsafePointer(x), count) { x, _ in f(x) }
}

/// `x = f(x, y)`, eight numbers at a time.
@inline(__always)
func vectorized(
  _ x: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int, _ f: (Lane8, Lane8) -> Lane8
) {
  let (rawX, rawY) = (UnsafeMutableRawPointer(x), UnsafeRawPointer(y))
  let whole = count & ~7
  for j in stride(from: 0, to: whole, by: 8) {
    let (a, b) = (
      rawX.loadUnaligned(fromByteOffset: 4 * j, as: Lane8.self),
      rawY.loadUnaligned(fromByteOffset: 4 * j, as: Lane8.self)
    )
    rawX.storeBytes(of: f(a, b), toByteOffset: 4 * j, as: Lane8.self)
  }
  guard whole < count else { return }
  var (a, b) = (Lane8.zero, Lane8.zero)
  for j in whole..<count { (a[j - whole], b[j - whole]) = (x[j], y[j]) }
  let result = f(a, b)
  for j in whole..<count { x[j] = result[j - whole] }
}

/// `exp(x)` to 2 units in the last place (the polynomial of Cephes' expf); between `exp(±87)`.
@inline(__always)
func exponential(_ x: Lane8) -> Lane8 {
  // By comparisons that let a NaN through.
  let clamped = x.replacing(with: 87, where: x .> 87).replacing(with: -87, where: x .< -87)
  // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the lowest bits.
  let shifted = clamped * 1.442_695_04 + 12_582_912
  let whole = shifted - 12_582_912
  let r = clamped - whole * 0.693_359_375 + whole * 2.121_944_4e-4
  var p = r * 1.987_569_15e-4 + 1.398_199_95e-3
  p = p * r + 8.333_451_9e-3
  p = p * r + 4.166_579_6e-2
  p = p * r + 1.666_666_55e-1
  p = p * r + 0.5
  let power = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000
  let scale = unsafeBitCast((power &+ 127) &<< 23, to: Lane8.self)
  return (p * r * r + r + 1) * scale
}

/// `tanh(x)`: a polynomial near 0, where the formula with exponentials would cancel (Cephes' tanhf).
@inline(__always)
func hyperbolicTangent(_ x: Lane8) -> Lane8 {
  let z = x * x
  var p = z * -5.704_988_7e-3 + 2.063_908_9e-2
  p = p * z - 5.373_972_2e-2
  p = p * z + 1.333_144_2e-1
  p = p * z - 3.333_328_2e-1
  let near = p * z * x + x
  let far = 1 - 2 / (exponential(x + x) + 1)
  return far.replacing(with: near, where: z .< 0.390_625)
}

/// `log(1 + exp(x))` without overflow.
private func logarithmOfSum(_ x: Float) -> Float { max(0, x) + log1pf(expf(-abs(x))) }
