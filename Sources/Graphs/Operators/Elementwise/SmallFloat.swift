import Glibc

/// A floating-point format of 8 or 4 bits: `(−1)^sign · 1.mantissa · 2^(exponent − bias)`.
///
/// OCP 8-bit Floating Point Specification (2023) and Microscaling Formats (2023); the variants "FNUZ" (finite, without
/// negative zero) are those of Noune et al., 2022.
struct SmallFloat: Sendable, Hashable {
  let mantissaBits: Int
  let exponentBits: Int
  let bias: Int
  /// The largest finite number.
  let largest: Float
  let hasInfinity: Bool
  let hasNaN: Bool
  var isSigned = true

  /// By ONNX's number of the element type.
  static let formats: [Int: SmallFloat] = [
    // E4M3FN, E4M3FNUZ, E5M2, E5M2FNUZ
    17: SmallFloat(
      mantissaBits: 3, exponentBits: 4, bias: 7, largest: 448, hasInfinity: false, hasNaN: true),
    18: SmallFloat(
      mantissaBits: 3, exponentBits: 4, bias: 8, largest: 240, hasInfinity: false, hasNaN: true),
    19: SmallFloat(
      mantissaBits: 2, exponentBits: 5, bias: 15, largest: 57344, hasInfinity: true, hasNaN: true),
    20: SmallFloat(
      mantissaBits: 2, exponentBits: 5, bias: 16, largest: 57344, hasInfinity: false, hasNaN: true),
    // E2M1
    23: SmallFloat(
      mantissaBits: 1, exponentBits: 2, bias: 1, largest: 6, hasInfinity: false, hasNaN: false),
    // E8M0: powers of two, for scales.
    24: SmallFloat(
      mantissaBits: 0, exponentBits: 8, bias: 127, largest: 0x1p127, hasInfinity: false, hasNaN: true,
      isSigned: false),
  ]

  private var isUnsignedZero: Bool { !hasInfinity && (bias == 8 || bias == 16) }

  /// The number that the lowest bits of `code` stand for.
  func value(_ code: UInt8) -> Float {
    let mantissaMask = (1 << mantissaBits) - 1
    let (mantissa, field) = (Int(code) & mantissaMask, Int(code) >> mantissaBits & ((1 << exponentBits) - 1))
    let isNegative = isSigned && Int(code) >> (mantissaBits + exponentBits) & 1 == 1
    let highest = field == (1 << exponentBits) - 1
    if isUnsignedZero {
      if code == 0x80 { return .nan }
    } else if !isSigned {
      if code == 0xFF { return .nan }
      return Float(sign: .plus, exponent: field - bias, significand: 1)
    } else if highest, hasNaN {
      if hasInfinity {
        return mantissa == 0 ? (isNegative ? -.infinity : .infinity) : .nan
      } else if mantissa == mantissaMask {
        return .nan
      }
    }
    let step = Float(sign: .plus, exponent: max(field, 1) - bias - mantissaBits, significand: 1)
    let magnitude = Float(field == 0 ? mantissa : mantissa + 1 << mantissaBits) * step
    return isNegative ? -magnitude : magnitude
  }

  /// How numbers beyond the largest one are converted, and those between two powers of two.
  struct Rounding: Sendable, Hashable {
    enum Direction: String, Sendable { case nearest, up, down }

    /// To the largest number; else to infinity or, without one, to what is no number.
    var saturates = true
    /// Of formats without a mantissa.
    var direction = Direction.nearest
  }

  /// The nearest number of this format, the even one of two.
  func rounded(_ x: Float, _ rounding: Rounding) -> Float {
    guard !x.isNaN else { return x }
    if !isSigned { return roundedPower(x, rounding) }
    let magnitude = abs(x)
    let overflow: Float = hasInfinity ? .infinity : hasNaN ? .nan : largest
    var result: Float
    if magnitude.isInfinite {
      result = rounding.saturates ? largest : overflow
    } else {
      let lowest = 1 - bias
      let exponent = magnitude.isNormal ? max(Int(magnitude.exponent), lowest) : lowest
      let step = Float(sign: .plus, exponent: exponent - mantissaBits, significand: 1)
      result = (magnitude / step).rounded(.toNearestOrEven) * step
      if result > largest { result = rounding.saturates ? largest : overflow }
    }
    if result == 0, isUnsignedZero { return 0 }
    return x.sign == .minus ? -result : result
  }

  private func roundedPower(_ x: Float, _ rounding: Rounding) -> Float {
    let (least, most): (Float, Float) = (0x1p-127, 0x1p127)
    guard x > 0 else { return rounding.saturates ? least : .nan }
    guard x.isFinite else { return rounding.saturates ? most : .nan }
    let below = Float(
      sign: .plus, exponent: x.isNormal ? Int(x.exponent) : Int(log2f(x).rounded(.down)), significand: 1)
    let result: Float
    switch rounding.direction {
    case .down: result = below
    case .up: result = x > below ? 2 * below : below
    // Halves go up.
    case .nearest: result = x >= 1.5 * below ? 2 * below : below
    }
    guard result <= most else { return rounding.saturates ? most : .nan }
    return max(least, result)
  }
}
