import Glibc

/// A mark on an axis: its value in the axis's unit, and what is written beside it.
package struct Tick: Sendable, Equatable {
  package var value: Double
  package var label: String
}

/// Round marks inside a range.
///
/// Steps are 1, 2 or 5 times a power of ten, so that neighbouring steps differ by a factor of at most 2.5. A range
/// holds at least `floor(length / step)` multiples of a step; the widest step with `length / step >= 3` therefore
/// gives 3 to 8 marks, and the step for `wanted` marks never more than 10.
package enum Ticks {
  /// Round values in `range`, at least 3 and about `wanted` (3...7) of them, with as many decimals as the step has.
  /// A range without length gets one tick, at its value.
  package static func linear(in range: ClosedRange<Double>, wanted: Int = 6) -> [Tick] {
    guard let step = DecimalStep(dividing: range.upperBound - range.lowerBound, into: wanted),
      step.isResolved(at: max(abs(range.lowerBound), abs(range.upperBound)))
    else { return [Tick(value: range.lowerBound, label: compact(range.lowerBound))] }
    return step.multiples(in: range).map { Tick(value: step.value(of: $0), label: step.label(of: $0)) }
  }

  /// Round times in `range` (seconds). Up to two minutes they are written as seconds, beyond as `min:s` or `h:min:s`.
  package static func time(in range: ClosedRange<Double>, wanted: Int = 7) -> [Tick] {
    let length = range.upperBound - range.lowerBound
    guard max(abs(range.lowerBound), abs(range.upperBound)) >= 120, length >= 3 else {
      return linear(in: range, wanted: wanted)
    }
    let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000]
    guard let step = steps.last(where: { length / $0 >= 3.5 }), length / step <= 9 else {
      return linear(in: range, wanted: wanted)
    }
    let hours = range.upperBound >= 3600
    return multiples(of: step, in: range).map { Tick(value: $0, label: clock($0, hours: hours)) }
  }

  /// What the time axis says under itself: its unit, in the form `time(in:)` writes.
  package static func timeLabel(for range: ClosedRange<Double>) -> String {
    let label = time(in: range).first?.label ?? ""
    return switch label.count(where: { $0 == ":" }) {
    case 0: "time (s)"
    case 1: "time (min:s)"
    default: "time (h:min:s)"
    }
  }

  private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    let first = (range.lowerBound / step).rounded(.up)
    let last = (range.upperBound / step).rounded(.down)
    return first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : []
  }

  private static func clock(_ seconds: Double, hours: Bool) -> String {
    let whole = Int(abs(seconds))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time =
      hours
      ? "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))" : "\(whole / 60):\(two(whole % 60))"
    return seconds < 0 ? "−\(time)" : time
  }

  /// `value` to three significant digits: `0.25`, `12`, `3.4 × 10⁻⁷`.
  package static func compact(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var exponent = Int(log10(abs(value)).rounded(.down))
    var mantissa = Int((value / pow(10, Double(exponent - 2))).rounded())
    // Rounding can carry into a fourth digit: 9.996 -> 10.0.
    if abs(mantissa) >= 1000 {
      mantissa /= 10
      exponent += 1
    }
    if exponent < -3 || exponent > 5 {
      return trimmed(Decimals.text(mantissa, exponent: -2)) + " × 10" + superscript(exponent)
    }
    return trimmed(Decimals.text(mantissa, exponent: exponent - 2))
  }

  /// `value` with up to three decimals and no trailing zeros: `0.25`, `125`, `3150`.
  package static func plain(_ value: Double) -> String { trimmed(Decimals.text(value, places: 3)) }

  static func superscript(_ value: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (value < 0 ? "⁻" : "")
      + String("\(abs(value))".compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}

/// A step of 1, 2 or 5 times a power of ten; its multiples are written exactly, from integers.
struct DecimalStep: Sendable, Equatable {
  var mantissa: Int
  var exponent: Int

  /// The step that divides `length` into about `wanted` parts; nil where there is none.
  init?(dividing length: Double, into wanted: Int) {
    guard length > 0, length.isFinite, length > 1e-290 else { return nil }
    let raw = length / Double(min(max(wanted, 3), 7))
    exponent = Int(log10(raw).rounded(.down))
    var part = raw / pow(10, Double(exponent))
    if part < 1 { (part, exponent) = (part * 10, exponent - 1) }
    // The widest step that is no wider than asked for: at least `wanted` parts, less than 2.5 times as many.
    mantissa = part >= 5 ? 5 : part >= 2 ? 2 : 1
    if length / size > 9 { widen() }
  }

  private mutating func widen() {
    switch mantissa {
    case 1: mantissa = 2
    case 2: mantissa = 5
    default: (mantissa, exponent) = (1, exponent + 1)
    }
  }

  var size: Double { value(of: 1) }

  /// Whether neighbouring multiples near `magnitude` are distinct numbers.
  func isResolved(at magnitude: Double) -> Bool { size > magnitude * 1e-12 }

  /// Which multiples lie in `range`; the ends count where they miss by rounding alone.
  func multiples(in range: ClosedRange<Double>) -> ClosedRange<Int> {
    let first = (range.lowerBound / size).rounded(.up)
    let last = (range.upperBound / size).rounded(.down)
    return Int(first)...max(Int(first), Int(last))
  }

  func value(of multiple: Int) -> Double {
    // Dividing by an exact power of ten rounds once: 3 * 0.1 would be 0.30000000000000004.
    let digits = Double(multiple * mantissa)
    return exponent < 0 ? digits / pow(10, Double(-exponent)) : digits * pow(10, Double(exponent))
  }

  func label(of multiple: Int) -> String { Decimals.text(multiple * mantissa, exponent: exponent) }
}

/// Decimal numbers written from integers, so without rounding surprises.
package enum Decimals {
  /// `mantissa * 10^exponent` with all its digits and a true minus sign: `text(-15, exponent: -1)` is `−1.5`.
  package static func text(_ mantissa: Int, exponent: Int) -> String {
    guard mantissa != 0 else { return exponent < 0 ? "0." + String(repeating: "0", count: -exponent) : "0" }
    var digits = String(mantissa.magnitude)
    if exponent >= 0 {
      digits += String(repeating: "0", count: exponent)
    } else {
      if digits.count <= -exponent {
        digits = String(repeating: "0", count: 1 - exponent - digits.count) + digits
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: exponent))
    }
    return (mantissa < 0 ? "−" : "") + digits
  }

  /// `value` rounded to `places` decimals.
  package static func text(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    return text(Int((value * pow(10, Double(places))).rounded()), exponent: -places)
  }
}
