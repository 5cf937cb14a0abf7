import Glibc

/// Functions of two and three numbers that oneDNN does not have, by their ONNX names.
extension Pointwise {
  /// Comparisons and logic: 1 where they hold, else 0. Flat almost everywhere.
  static let comparisons: [String: Pointwise] = [
    comparison("Equal") { $0 == $1 ? 1 : 0 },
    comparison("Greater") { $0 > $1 ? 1 : 0 },
    comparison("GreaterOrEqual") { $0 >= $1 ? 1 : 0 },
    comparison("Less") { $0 < $1 ? 1 : 0 },
    comparison("LessOrEqual") { $0 <= $1 ? 1 : 0 },
    comparison("And") { $0 != 0 && $1 != 0 ? 1 : 0 },
    comparison("Or") { $0 != 0 || $1 != 0 ? 1 : 0 },
    comparison("Xor") { ($0 != 0) != ($1 != 0) ? 1 : 0 },
    // Of whole numbers, in two's complement.
    comparison("BitwiseAnd") { Float(wholeNumber($0) & wholeNumber($1)) },
    comparison("BitwiseOr") { Float(wholeNumber($0) | wholeNumber($1)) },
    comparison("BitwiseXor") { Float(wholeNumber($0) ^ wholeNumber($1)) },
  ].reduce(into: [:]) { table, function in table[function.kind] = function }

  @inline(__always)
  private static func comparison(_ kind: String, _ function: @escaping @Sendable (Float, Float) -> Float)
    -> Pointwise
  {
    Pointwise(kind, arity: 2, slopes: [nil, nil], ofTwo(function))
  }

  /// `condition ≠ 0 ? a : b`. ONNX `Where`.
  static let choice = Pointwise(
    "Where", arity: 3,
    slopes: [
      nil, Slope(reading: [0], function: ofTwo { $1 != 0 ? $0 : 0 }),
      Slope(reading: [0], function: ofTwo { $1 != 0 ? 0 : $0 }),
    ], ofThree { $0 != 0 ? $1 : $2 })

  /// `a > 0 ? a : b · a`. ONNX `PRelu`.
  static let parametricRelu = Pointwise(
    "PRelu", arity: 2,
    slopes: [
      Slope(reading: [0, 1], function: ofThree { $1 > 0 ? $0 : $0 * $2 }),
      Slope(reading: [0], function: ofTwo { $1 > 0 ? 0 : $0 * $1 }),
    ], ofTwo { $0 > 0 ? $0 : $0 * $1 })

  /// `aᵇ`. ONNX `Pow`. With respect to `b` the gradient is zero where `a` is 0, as PyTorch has it.
  static let power = Pointwise(
    "Pow", arity: 2, work: 20,
    slopes: [
      Slope(reading: [0, 1], function: ofThree { $2 == 0 ? 0 : $0 * $2 * powf($1, $2 - 1) }),
      Slope(reading: [0, 2], function: ofThree { $1 == 0 ? 0 : $0 * $2 * logf($1) }),
    ], ofTwo { powf($0, $1) })

  /// `a / b` of whole numbers, without its fraction. ONNX `Div` of integers.
  static let wholeQuotient = Pointwise(
    "Div", arity: 2, work: 4, slopes: [nil, nil],
    ofTwo { Float((Double($0) / Double($1)).rounded(.towardZero)) })

  /// What is left of `a` after taking out `b` as often as it goes, with the sign of `a`. ONNX `Mod` with `fmod = 1`.
  static let remainder = Pointwise(
    "Mod", arity: 2, work: 20,
    slopes: [
      Slope(reading: [], function: ofOne { $0 }),
      Slope(reading: [0, 1], function: ofThree { -$0 * truncated($1 / $2) }),
    ], ofTwo { fmodf($0, $1) })

  /// The same with the sign of `b`: Python's `%`. ONNX `Mod` with `fmod = 0`.
  static let modulus = Pointwise(
    "Mod", arity: 2, work: 20,
    slopes: [
      Slope(reading: [], function: ofOne { $0 }),
      Slope(reading: [0, 1], function: ofThree { -$0 * floorOf($1 / $2) }),
    ],
    ofTwo { a, b in
      let rest = fmodf(a, b)
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    })

  /// `a < b ? b : a`, and `a > b ? b : a`: one side of ONNX `Clip` with a computed bound. At the bound itself the
  /// gradient goes to what is clipped.
  static let clippedBelow = clipped { $0 < $1 }
  static let clippedAbove = clipped { $0 > $1 }

  @inline(__always)
  private static func clipped(_ isOutside: @escaping @Sendable (Float, Float) -> Bool) -> Pointwise {
    Pointwise(
      "Clip", arity: 2,
      slopes: [
        Slope(reading: [0, 1], function: ofThree { isOutside($1, $2) ? 0 : $0 }),
        Slope(reading: [0, 1], function: ofThree { isOutside($1, $2) ? $0 : 0 }),
      ], ofTwo { isOutside($0, $1) ? $1 : $0 })
  }

  /// The part of a gradient that goes to `a` in `max(a, b)`, or in `min(a, b)`. Operands: gradient, a, b. Equals share
  /// it half and half, as in PyTorch's `torch.maximum`.
  static func shareOfExtreme(maximum: Bool) -> Pointwise {
    Pointwise(
      maximum ? "MaxGradient" : "MinGradient", arity: 3,
      maximum
        ? ofThree { $1 > $2 ? $0 : $1 == $2 ? 0.5 * $0 : 0 }
        : ofThree { $1 < $2 ? $0 : $1 == $2 ? 0.5 * $0 : 0 })
  }
}

/// A float as the whole number that it holds; 0 for what is none.
@inline(__always)
func wholeNumber(_ x: Float) -> Int64 { x.isNaN ? 0 : Int64(Swift.max(-0x1p62, Swift.min(0x1p62, x))) }
