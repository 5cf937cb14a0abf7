/// Numbers of one type made numbers of another. All tensors here are float32, so what remains is what the other type
/// cannot hold. ONNX `Cast`.
extension Pointwise {
  /// Conversion to the ONNX type `type`; nil where it changes nothing, or nothing that matters.
  ///
  /// Whole numbers: the fraction is cut off, and what is beyond a small type's range wraps around, as C does on the
  /// usual processors. Truth values: 1 for all but 0. Gradients pass where the result is not whole.
  ///
  /// - Throws: `UnknownType` for what no tensor here can stand for.
  static func conversion(
    to type: Int, fromIntegers: Bool, rounding: SmallFloat.Rounding = .init()
  ) throws -> Pointwise? {
    switch type {
    case 1, 11: return nil
    case 10:
      return passing(ofOne { roundedToHalf($0) })
    case 16:
      return passing(ofOne { roundedToBrainFloat($0) })
    case 9: return function("Cast") { $0 != 0 ? 1 : 0 }
    case 2: return wrapping(bits: 8, signed: false)
    case 3: return wrapping(bits: 8, signed: true)
    case 4: return wrapping(bits: 16, signed: false)
    case 5: return wrapping(bits: 16, signed: true)
    case 21: return wrapping(bits: 4, signed: false)
    case 22: return wrapping(bits: 4, signed: true)
    case 25: return wrapping(bits: 2, signed: false)
    case 26: return wrapping(bits: 2, signed: true)
    case let type where SmallFloat.formats[type] != nil:
      guard let format = SmallFloat.formats[type] else { return nil }
      return passing(ofOne { format.rounded($0, rounding) })
    case 6, 7, 12, 13: return fromIntegers ? nil : function("Cast") { truncated($0) }
    default: throw UnknownType()
    }
  }

  struct UnknownType: Error {}

  private static func passing(_ function: @escaping ElementFunction) -> Pointwise {
    Pointwise("Cast", arity: 1, work: 2, slopes: [Slope(reading: [], function: ofOne { $0 })], function)
  }

  private static func wrapping(bits: Int, signed: Bool) -> Pointwise {
    let range = Float(1 << bits)
    let lowest = signed ? -range / 2 : 0
    return function("Cast") { x in
      let whole = truncated(x) - lowest
      return whole - floorOf(whole / range) * range + lowest
    }
  }
}

/// The nearest number of 11 significant bits, as IEEE's half precision has them; too large ones become infinite.
@inline(__always)
private func roundedToHalf(_ x: Float) -> Float {
  // Below 2⁻¹⁴ the numbers are 2⁻²⁴ apart; above, 13 of float32's 24 bits go. Halves go to the even side.
  let magnitude = abs(x)
  let small = (magnitude + 0.5) - 0.5
  let bits = magnitude.bitPattern
  let large = Float(bitPattern: (bits &+ 0xFFF &+ (bits >> 13 & 1)) & ~0x1FFF)
  let rounded = magnitude < 0x1p-14 ? small : large > 65504 ? .infinity : large
  return x == x ? Float(signOf: x, magnitudeOf: rounded) : x
}

/// The nearest number of 8 significant bits and float32's range.
@inline(__always)
private func roundedToBrainFloat(_ x: Float) -> Float {
  let bits = x.bitPattern
  return x == x ? Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & ~0xFFFF) : x
}
