/// How a grid's values become positions on a colour map.
///
/// A scale runs from `low` to `high`; values beyond are drawn as its ends, and `isCut` says that there are some.
struct ValueScale: Sendable, Equatable {
  var low: Double
  var high: Double
  var isConstant: Bool
  var isSigned: Bool
  var isCutBelow = false
  var isCutAbove = false

  /// For a spectrogram: from its 1 % quantile to its largest value, so that a few silent bins do not take the contrast.
  static func loudness(_ values: [Float]) -> ValueScale {
    let range = extremes(values)
    guard !isFlat(range) else { return constant(range.upperBound) }
    let low = max(quantile(0.01, of: values), range.lowerBound)
    guard low < range.upperBound else {
      return ValueScale(low: range.lowerBound, high: range.upperBound, isConstant: false, isSigned: false)
    }
    return ValueScale(
      low: low, high: range.upperBound, isConstant: false, isSigned: false, isCutBelow: low > range.lowerBound
    )
  }

  /// From one number to another; values beyond are cut off.
  static func given(_ range: ClosedRange<Double>) -> ValueScale {
    guard range.lowerBound < range.upperBound else { return constant(range.upperBound) }
    return ValueScale(low: range.lowerBound, high: range.upperBound, isConstant: false, isSigned: false)
  }

  /// For an overlay: from zero to its largest value, or symmetric about zero if any value is negative. Gradients have
  /// outliers that would leave the rest dark: of 1000 non-zero values or more, the strongest 0.2 % may be cut off,
  /// if they are more than a half above the rest.
  static func relevance(_ values: [Float]) -> ValueScale {
    let range = extremes(values)
    guard !isFlat(range) else { return constant(range.upperBound) }
    let isSigned = range.lowerBound < 0
    let largest = max(abs(range.lowerBound), abs(range.upperBound))
    let magnitudes = values.lazy.filter { $0 != 0 }.map { abs($0) }
    let strong = quantile(0.998, of: Array(magnitudes))
    let nonZero = values.count { $0 != 0 }
    let isCut = nonZero >= 1000 && largest > 1.5 * strong && strong > 0
    let high = isCut ? strong : largest
    return ValueScale(
      low: isSigned ? -high : 0, high: high, isConstant: false, isSigned: isSigned,
      isCutBelow: isCut && range.lowerBound < -high, isCutAbove: isCut && range.upperBound > high)
  }

  private static func constant(_ value: Double) -> ValueScale {
    ValueScale(low: value, high: value, isConstant: true, isSigned: value < 0)
  }

  /// `value` between 0 at `low` and 1 at `high`; one half if all values are the same.
  func position(of value: Float) -> Double {
    isConstant ? 0.5 : min(max((Double(value) - low) / (high - low), 0), 1)
  }

  private static func extremes(_ values: [Float]) -> ClosedRange<Double> {
    var low = Float.infinity
    var high = -Float.infinity
    for value in values {
      low = min(low, value)
      high = max(high, value)
    }
    return Double(low)...Double(high)
  }

  /// Differences that Float's rounding can make are none.
  private static func isFlat(_ range: ClosedRange<Double>) -> Bool {
    range.upperBound - range.lowerBound <= 1e-6 * max(abs(range.lowerBound), abs(range.upperBound))
  }

  /// The quantile of the values, or of every so-many-th if there are more than 50,000.
  private static func quantile(_ fraction: Double, of values: [Float]) -> Double {
    guard !values.isEmpty else { return 0 }
    let step = values.count / 50_000 + 1
    let sample = stride(from: 0, to: values.count, by: step).map { values[$0] }.sorted()
    return Double(sample[Int((fraction * Double(sample.count - 1)).rounded())])
  }
}

/// The colours of a heat map laid over a grey picture: colour and opacity for each position on a scale.
struct HeatColors: Sendable {
  let scale: ValueScale

  /// The colour and opacity at `position` (0...1 on the scale).
  func color(at position: Double) -> (color: Color, opacity: Double) {
    if scale.isConstant {
      guard scale.high != 0 else { return (.white, 0) }
      return (scale.isSigned ? Colormap.diverging[0.2] : Colormap.inferno[0.6], 0.45)
    }
    if scale.isSigned { return (Colormap.diverging[position], opacity(abs(2 * position - 1))) }
    // From dark purple on: black would only darken the sound where it matters little.
    return (Colormap.inferno[0.22 + 0.78 * position], opacity(position))
  }

  private func opacity(_ relevance: Double) -> Double {
    // Nothing below 2 % of the scale, the most from about 60 % on, with a smooth way there. The sound stays visible under
    // the brightest colours.
    let maximum = 0.75
    let rise = min(max((relevance - 0.02) / 0.6, 0), 1)
    return maximum * rise.squareRoot() * (0.45 + 0.55 * rise)
  }
}
