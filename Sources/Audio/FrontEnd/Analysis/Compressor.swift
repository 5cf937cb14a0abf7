import Glibc

/// What is done to each band's energy alone, with its constants in single precision, and its slope.
struct Compressor: Sendable {
  private enum Kind {
    case log
    case power
    case none
  }

  private let kind: Kind
  private let base: FrontEnd.Compression.LogBase
  private let scale: Float
  private let offset: Float
  private let floor: Float
  /// What the logarithm is multiplied by; the exponent of a power law.
  private let factor: Float
  private let logarithm: Logarithm
  /// What is taken off, in the logarithm's own units.
  private let shift: Float

  init(_ compression: FrontEnd.Compression?) {
    var (kind, base) = (Kind.none, FrontEnd.Compression.LogBase.natural)
    var (scale, offset, floor, factor, shift): (Float, Float, Float, Float, Float) = (1, 0, 0, 1, 0)
    switch compression {
    case .log(let logBase, let logScale, let logOffset, let logFloor)?:
      (kind, base, scale, offset) = (.log, logBase, Float(logScale), Float(logOffset))
      floor = Float(logFloor)
    case .decibels(let lowest, let decibels, let reference, _)?:
      (kind, base, floor, factor) = (.log, .ten, Float(lowest), Float(decibels))
      if case .value(let value) = reference { shift = Float(decibels * log10(value)) }
    case .power(let exponent)?: (kind, factor) = (.power, Float(exponent))
    case .pcen?, .some(.none), nil: break
    }
    (self.kind, self.base, self.scale, self.offset) = (kind, base, scale, offset)
    (self.floor, self.factor, self.shift) = (floor, factor, shift)
    logarithm = Logarithm(times: Double(factor) * Self.perNeper(base))
  }

  /// Compresses energies where they stand.
  func apply(to energies: UnsafeMutablePointer<Float>, count: Int) {
    switch kind {
    case .none: return
    case .power: for place in 0..<count { energies[place] = powf(energies[place], factor) }
    case .log: for place in 0..<count { energies[place] = level(energies[place]) }
    }
  }

  func value(of energy: Float) -> Float {
    var energy = energy
    withUnsafeMutablePointer(to: &energy) { apply(to: $0, count: 1) }
    return energy
  }

  @inline(__always)
  private func level(_ energy: Float) -> Float {
    let scaled = scale * energy
    return logarithm((scaled < floor ? floor : scaled) + offset) - shift
  }

  /// The derivative; 0 at and below the floor, and of a power law at 0.
  func slope(at energy: Double) -> Double {
    switch kind {
    case .log:
      let scaled = Double(scale) * energy
      guard floor == 0 || scaled > Double(floor) else { return 0 }
      return Double(factor) * Double(scale) * Self.perNeper(base) / (scaled + Double(offset))
    case .power: return energy > 0 ? Double(factor) * pow(energy, Double(factor) - 1) : 0
    case .none: return 1
    }
  }

  /// The logarithm of `e`.
  private static func perNeper(_ base: FrontEnd.Compression.LogBase) -> Double {
    switch base {
    case .natural: 1
    case .ten: 1 / log(10)
    case .two: 1 / log(2)
    }
  }
}
