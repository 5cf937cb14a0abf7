import Glibc

/// Functions of one number that oneDNN does not have, by their ONNX names.
///
/// The derivatives are those of the definition; where a function has a kink, that of the side on which it is flat.
extension Pointwise {
  static let functions: [String: Pointwise] = [
    // Steps: flat almost everywhere.
    function("Floor") { floorOf($0) },
    function("Ceil") { -floorOf(-$0) },
    function("Round") { roundedToEven($0) },
    function("Sign") { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
    function("Not") { $0 == 0 ? 1 : 0 },
    function("IsNaN") { $0 != $0 ? 1 : 0 },

    function("Reciprocal", { 1 / $0 }, fromResult: { -$0 * $1 * $1 }),
    function("Softsign", { $0 / (1 + abs($0)) }, slope: { $0 / ((1 + abs($1)) * (1 + abs($1))) }),

    function("Sin", work: 4, { sine($0) }, slope: { $0 * cosine($1) }),
    function("Cos", work: 4, { cosine($0) }, slope: { -$0 * sine($1) }),
    function("Tan", work: 20, { tanf($0) }, fromResult: { $0 * (1 + $1 * $1) }),
    function("Asin", work: 20, { asinf($0) }, slope: { $0 / ((1 - $1) * (1 + $1)).squareRoot() }),
    function("Acos", work: 20, { acosf($0) }, slope: { -$0 / ((1 - $1) * (1 + $1)).squareRoot() }),
    function("Atan", work: 20, { atanf($0) }, slope: { $0 / (1 + $1 * $1) }),
    function("Sinh", work: 20, { sinhf($0) }, slope: { $0 * coshf($1) }),
    function("Cosh", work: 20, { coshf($0) }, slope: { $0 * sinhf($1) }),
    function("Asinh", work: 20, { asinhf($0) }, slope: { $0 / (1 + $1 * $1).squareRoot() }),
    function("Acosh", work: 20, { acoshf($0) }, slope: { $0 / (($1 - 1) * ($1 + 1)).squareRoot() }),
    function("Atanh", work: 20, { atanhf($0) }, slope: { $0 / ((1 - $1) * (1 + $1)) }),
    function(
      "Erf", work: 4, { errorFunction($0) }, slope: { $0 * 1.1283792 * expf(-$1 * $1) }),
  ].reduce(into: [:]) { table, function in table[function.kind] = function }

  /// `x³`. ONNX `Pow` with the exponent 3.
  static let cube = function("Cube", { $0 * $0 * $0 }, slope: { 3 * $0 * $1 * $1 })

  /// `x > threshold ? x : 0`. ONNX `ThresholdedRelu`.
  static func thresholded(at threshold: Float) -> Pointwise {
    function(
      "ThresholdedRelu", { $0 > threshold ? $0 : 0 }, slope: { $1 > threshold ? $0 : 0 })
  }

  /// Any curve, and the derivative to take for it.
  static func curve(
    _ value: @escaping @Sendable (Float) -> Float, slope: @escaping @Sendable (Float) -> Float
  ) -> Pointwise {
    function("Curve", work: 4, value, slope: { $0 * slope($1) })
  }

  /// `x + bias` below `−width`, `x − bias` above `width`, 0 between. ONNX `Shrink`.
  static func shrink(width: Float, bias: Float) -> Pointwise {
    function(
      "Shrink", { $0 < -width ? $0 + bias : $0 > width ? $0 - bias : 0 },
      slope: { $1 < -width || $1 > width ? $0 : 0 })
  }

  /// Whether a number is infinite, of the signs asked for. ONNX `IsInf`.
  static func isInfinite(positive: Bool, negative: Bool) -> Pointwise {
    let (above, below): (Float, Float) = (positive ? 1 : 0, negative ? 1 : 0)
    return function("IsInf") { $0 == .infinity ? above : $0 == -.infinity ? below : 0 }
  }

  @inline(__always)
  static func function(_ kind: String, _ function: @escaping @Sendable (Float) -> Float) -> Pointwise {
    Pointwise(kind, arity: 1, slopes: [nil], ofOne(function))
  }

  /// - Parameter slope: the gradient of the operand, from that of the result and the operand.
  @inline(__always)
  private static func function(
    _ kind: String, work: Int = 1, _ function: @escaping @Sendable (Float) -> Float,
    slope: @escaping @Sendable (Float, Float) -> Float
  ) -> Pointwise {
    Pointwise(
      kind, arity: 1, work: work, slopes: [Slope(reading: [0], function: ofTwo(slope))], ofOne(function))
  }

  /// - Parameter fromResult: the gradient of the operand, from that of the result and the result.
  @inline(__always)
  private static func function(
    _ kind: String, work: Int = 1, _ function: @escaping @Sendable (Float) -> Float,
    fromResult: @escaping @Sendable (Float, Float) -> Float
  ) -> Pointwise {
    Pointwise(
      kind, arity: 1, work: work, slopes: [Slope(reading: [1], function: ofTwo(fromResult))],
      ofOne(function))
  }
}

/// The nearest whole number, the even one of two. Written so that it vectorises on every x86: adding 2²³ leaves no room
/// for a fraction.
@inline(__always)
func roundedToEven(_ x: Float) -> Float {
  let magnitude = abs(x)
  let rounded = (magnitude + 0x1p23) - 0x1p23
  return magnitude < 0x1p23 ? Float(signOf: x, magnitudeOf: rounded) : x
}

@inline(__always)
func floorOf(_ x: Float) -> Float {
  let nearest = roundedToEven(x)
  return nearest > x ? nearest - 1 : nearest
}

/// `x` without its fraction.
@inline(__always)
func truncated(_ x: Float) -> Float { Float(signOf: x, magnitudeOf: floorOf(abs(x))) }

/// `2/√π · ∫₀ˣ exp(−t²) dt`, to 4e-7 of its value.
///
/// `x · P(x²) / Q(x²)`, fitted to the smallest relative error for |x| < 3.95, beyond which float32 has nothing but ±1.
@inline(__always)
private func errorFunction(_ x: Float) -> Float {
  let clipped = x > 3.95 ? 3.95 : x < -3.95 ? -3.95 : x
  let t = clipped * clipped
  var p: Float = 1.954397177428291e-08
  p = p * t - 1.9473873180686496e-06
  p = p * t + 0.00014375672617461532
  p = p * t + 0.003812061622738838
  p = p * t + 0.050941433757543564
  p = p * t + 0.20272886753082275
  p = p * t + 1.1283791065216064
  var q: Float = 0.0009803451830521226
  q = q * t + 0.01458653248846531
  q = q * t + 0.1161535307765007
  q = q * t + 0.5129953622817993
  q = q * t + 1
  let value = clipped * p / q
  return value > 1 ? 1 : value < -1 ? -1 : value
}

/// `sin(x)`, rounded to float32 for |x| < 10⁹: in double precision, where a multiple of π can be taken away in one step.
@inline(__always)
private func sine(_ x: Float) -> Float { sine(Double(x)) }

@inline(__always)
private func cosine(_ x: Float) -> Float { sine(Double(x) + 0.5 * .pi) }

@inline(__always)
private func sine(_ x: Double) -> Float {
  // Adding 1.5 · 2⁵² leaves no room for a fraction: how often π fits, with its lowest bit last.
  let shifted = x * (1 / .pi) + 0x1.8p52
  let rest = x - (shifted - 0x1.8p52) * .pi
  let t = rest * rest
  // Taylor's series; the next term is below 7e-10 for |rest| ≤ π/2.
  var sum = 1.0 / 6_227_020_800
  sum = sum * t - 1.0 / 39_916_800
  sum = sum * t + 1.0 / 362_880
  sum = sum * t - 1.0 / 5_040
  sum = sum * t + 1.0 / 120
  sum = sum * t - 1.0 / 6
  let value = rest + rest * t * sum
  // sin changes its sign with every π.
  return Float(Double(bitPattern: value.bitPattern ^ (shifted.bitPattern << 63)))
}
