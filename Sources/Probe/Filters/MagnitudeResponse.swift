import Fourier
import Glibc
package import Tensors

/// How much of each frequency a filter on samples lets through.
///
/// `|H(f)|` of the kernel, dilated and padded with zeros; of several inputs, the root of the sum of their squares.
package struct MagnitudeResponse: Sendable, Hashable {
  /// In dB below the largest, 0 at it and -120 at least; bins from 0 Hz to half the sample rate.
  package let decibels: [Float]
  /// From one bin to the next.
  package let hertzPerBin: Double
  /// The frequency of the largest response, between bins by a parabola; nil for a kernel of zeros.
  package let centre: Double?
  /// Where the response is 3 dB below the largest on both sides of it, or the end of the axis; nil for a kernel of zeros.
  package let passband: ClosedRange<Double>?

  /// In hertz.
  package var bandwidth: Double? { passband.map { $0.upperBound - $0.lowerBound } }

  /// - Parameter kernel: `[inputs, taps]`.
  package init(_ kernel: Tensor, dilation: Int = 1, sampleRate: Int) {
    let (inputs, taps) = (kernel.shape[0], kernel.shape[1])
    var size = 1024
    while size < 4 * taps * dilation { size *= 2 }
    let plan = RealFourierPlan.shared(size)
    let buffers = RealFourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    let values = kernel.values
    var power = [Double](repeating: 0, count: size / 2 + 1)
    for input in 0..<inputs {
      for place in 0..<size { buffers.samples[place] = 0 }
      for tap in 0..<taps { buffers.samples[tap * dilation] = Double(values[input * taps + tap]) }
      plan.transform(buffers)
      for bin in power.indices {
        let (real, imaginary) = (buffers.parts[2 * bin], buffers.parts[2 * bin + 1])
        power[bin] += real * real + imaginary * imaginary
      }
    }
    let step = Double(sampleRate) / Double(size)
    hertzPerBin = step
    guard let largest = power.max(), largest > 0, let peak = power.firstIndex(of: largest) else {
      decibels = [Float](repeating: -120, count: power.count)
      (centre, passband) = (nil, nil)
      return
    }
    let levels = power.map { max(-120, 10 * log10(max($0, 1e-300) / largest)) }
    decibels = levels.map { Float($0) }
    var place = Double(peak)
    if peak > 0, peak < power.count - 1 {
      let (a, b, c) = (levels[peak - 1], levels[peak], levels[peak + 1])
      let bend = a - 2 * b + c
      if bend < 0 { place += 0.5 * (a - c) / bend }
    }
    centre = place * step
    let half = -10 * log10(2.0)
    /// The first crossing of half the power from the peak on, to one side.
    func edge(_ direction: Int) -> Double {
      var bin = peak
      while levels.indices.contains(bin + direction) {
        let (here, next) = (levels[bin], levels[bin + direction])
        if next < half { return Double(bin) + Double(direction) * (here - half) / (here - next) }
        bin += direction
      }
      return Double(bin)
    }
    let (low, high) = (edge(-1) * step, edge(1) * step)
    passband = min(low, high)...max(low, high)
  }
}
