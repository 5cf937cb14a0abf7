import Glibc

/// One axis of curves: what it spans, its marks, and what is written along it.
struct CurveScale: Sendable {
  let range: ClosedRange<Double>
  let ticks: [Tick]
  /// The axis's title, with the power of ten that the ticks leave out.
  let title: String
  /// Where frequencies lie; nil for numbers of equal distance.
  private let bands: BandAxis?

  /// - Parameters:
  ///   - what: how errors call the axis.
  ///   - values: all that lies on it.
  ///   - margin: the part of the span to leave free at both ends, where the axis does not name its range.
  init(
    _ axis: CurveFigure.Axis, _ what: String, values: [Double], margin: Double, wanted: Int
  ) throws(FigureError) {
    if let centres = axis.bandCentres, centres.count > 1 {
      let bands = try BandAxis(centres: centres)
      self.bands = bands
      range = bands.edges
      ticks = bands.ticks(spacing: Double(centres.count) / 14)
      title = axis.title
      return
    }
    bands = nil
    if let range = axis.range {
      guard range.lowerBound < range.upperBound, Self.isDrawable(range) else {
        throw .value(what: what, value: "\(range)", expected: "a range of finite numbers with some length")
      }
      self.range = range
    } else {
      range = Self.range(of: values, margin: margin)
      guard Self.isDrawable(range) else {
        throw .value(what: what, value: "\(range)", expected: "numbers below 1e300 in magnitude")
      }
    }
    // Very large and very small numbers share a power of ten, written once in the title.
    let exponent = Int(log10(max(abs(range.lowerBound), abs(range.upperBound))).rounded(.down))
    let isScaled = exponent < -3 || exponent > 4
    let unit = isScaled ? pow(10, Double(exponent)) : 1
    ticks = Ticks.linear(in: range.lowerBound / unit...range.upperBound / unit, wanted: wanted)
      .map { Tick(value: $0.value * unit, label: $0.label) }
    title = isScaled ? "\(axis.title) × 10\(Ticks.superscript(exponent))" : axis.title
  }

  /// Where `value` lies: 0 at the low end, 1 at the high one.
  func position(of value: Double) -> Double {
    if let bands { return (bands.position(of: value) + 0.5) / Double(bands.centres.count) }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  private static func isDrawable(_ range: ClosedRange<Double>) -> Bool {
    let largest = max(abs(range.lowerBound), abs(range.upperBound))
    return largest < 1e300 && largest > 1e-290
  }

  /// All values with a margin; from zero, where they come near it. A single value stands in the middle; without any,
  /// from 0 to 1.
  private static func range(of values: [Double], margin: Double) -> ClosedRange<Double> {
    guard let low = values.min(), let high = values.max() else { return 0...1 }
    let length = high - low
    guard length > 1e-9 * max(abs(low), abs(high)) else {
      let reach = low == 0 ? 1 : 0.5 * abs(low)
      return low - reach...low + reach
    }
    let isNearZero = margin > 0 && low >= 0 && low < 0.3 * high
    return (isNearZero ? 0 : low - margin * length)...high + margin * length
  }
}
