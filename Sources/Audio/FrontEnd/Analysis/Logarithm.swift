import Glibc

/// `factor · log x` of numbers of at least 1e-37, without a branch, so that a loop becomes one over vectors: glibc's
/// logarithms take a third of the time of a log-mel spectrogram.
///
/// `x = m · 2^e` with `m` within `√½...√2`, `log x = e · log 2 + log m`, and `log m` by the polynomial of Cephes'
/// `logf` (Moshier), good to 1e-7 of `log m`. The multiple of `e`, far larger as a rule, is a sum of one whose products
/// are exact and a rest: so the result is rounded but once. What is infinite or no number stays so.
struct Logarithm: Sendable {
  private let factor: Float
  /// `factor · log 2`, its first 12 bits and the rest.
  private let high: Float
  private let low: Float

  init(times factor: Double) {
    self.factor = Float(factor)
    let multiple = factor * log(2)
    high = Float(bitPattern: Float(multiple).bitPattern & ~0xfff)
    low = Float(multiple - Double(high))
  }

  @inline(__always)
  func callAsFunction(_ x: Float) -> Float {
    let fraction = x.bitPattern & 0x7f_ffff
    // Below √2.
    let isLow = fraction < 0x35_04f3
    let half = Float(bitPattern: fraction | 0x3f00_0000)
    let m = (isLow ? half + half : half) - 1
    let exponent = Float(Int32(truncatingIfNeeded: x.bitPattern &>> 23) &- (isLow ? 127 : 126))
    let square = m * m
    var sum = 7.037_683_6e-2 * m - 1.151_461e-1
    sum = sum * m + 1.167_699_9e-1
    sum = sum * m - 1.242_014_1e-1
    sum = sum * m + 1.424_932_3e-1
    sum = sum * m - 1.666_805_8e-1
    sum = sum * m + 2.000_071_5e-1
    sum = sum * m - 2.499_999_4e-1
    sum = sum * m + 3.333_333_1e-1
    let logarithm = m + (m * square * sum - 0.5 * square)
    let result = exponent * high + (exponent * low + factor * logarithm)
    return x < .infinity ? result : x
  }
}
