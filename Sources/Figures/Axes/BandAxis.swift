import Glibc

/// The frequency axis of a filterbank: bands equally far apart, ticks at round hertz between their centres.
///
/// A position is counted in bands: 0 is the centre of the lowest band, -0.5 the lower edge of the picture and
/// `count - 0.5` its upper edge. Between centres frequencies are interpolated linearly; beyond the outermost ones the
/// last spacing goes on for half a band.
package struct BandAxis: Sendable {
  package let centres: [Double]

  /// - Throws: `FigureError.value` unless the centres are finite, not negative and rising.
  package init(centres: [Double]) throws(FigureError) {
    for (band, centre) in centres.enumerated() {
      guard centre.isFinite, centre >= 0 else {
        throw .value(what: "the centre of band \(band)", value: "\(centre) Hz", expected: "a frequency")
      }
      guard band == 0 || centre > centres[band - 1] else {
        throw .value(
          what: "the centre of band \(band)", value: "\(centre) Hz",
          expected: "more than the \(centres[band - 1]) Hz of the band below")
      }
    }
    self.centres = centres
  }

  /// Where `frequency` (hertz) lies, clamped to the edges of the picture.
  package func position(of frequency: Double) -> Double {
    let last = centres.count - 1
    guard last > 0 else { return frequency == centres[0] ? 0 : frequency < centres[0] ? -0.5 : 0.5 }
    var low = 0
    var high = last
    while high - low > 1 {
      let middle = (low + high) / 2
      if centres[middle] <= frequency { low = middle } else { high = middle }
    }
    let position = Double(low) + (frequency - centres[low]) / (centres[high] - centres[low])
    return min(max(position, -0.5), Double(last) + 0.5)
  }

  /// The frequency at a position, beyond the outermost centres with their spacing: the inverse of `position`.
  package func frequency(at position: Double) -> Double {
    let last = centres.count - 1
    guard last > 0 else { return centres[0] }
    let low = min(max(Int(position.rounded(.down)), 0), last - 1)
    return centres[low] + (position - Double(low)) * (centres[low + 1] - centres[low])
  }

  /// How many centres lie below `frequency`.
  package func count(below frequency: Double) -> Int {
    var range = 0..<centres.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = centres[middle] < frequency ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }

  /// The frequencies at the picture's lower and upper edge, hertz.
  package var edges: ClosedRange<Double> {
    let last = centres.count - 1
    guard last > 0 else { return centres[0]...centres[0] }
    let bottom = max(0, centres[0] - (centres[1] - centres[0]) / 2)
    return bottom...(centres[last] + (centres[last] - centres[last - 1]) / 2)
  }

  /// Round frequencies at least `spacing` bands apart: octaves of 125 Hz if the range holds three of them, else 1-2-5
  /// of every decade, else multiples of a round step; a single band has its centre.
  package func ticks(spacing: Double) -> [Tick] {
    guard centres.count > 1 else { return [Tick(value: centres[0], label: Self.label(centres[0].rounded()))] }
    let octaves = (0..<12).map { 125 * pow(2, Double($0)) }
    let decades = (0..<6).flatMap { decade in [1, 2, 5].map { $0 * pow(10, Double(decade)) } }
    for candidates in [octaves, decades] {
      let ticks = apart(candidates.filter(edges.contains), spacing)
      if ticks.count >= 3 { return ticks.map { Tick(value: $0, label: Self.label($0)) } }
    }
    return apart(Ticks.linear(in: edges, wanted: 5).map(\.value), spacing)
      .map { Tick(value: $0, label: Self.label($0)) }
  }

  /// Leaves out what is nearer than `spacing` bands to its upper neighbour.
  private func apart(_ frequencies: [Double], _ spacing: Double) -> [Double] {
    var kept = [Double]()
    for frequency in frequencies.reversed() {
      if let above = kept.last, position(of: above) - position(of: frequency) < spacing { continue }
      kept.append(frequency)
    }
    return kept.reversed()
  }

  /// `125`, `1k`, `2.5k`
  package static func label(_ frequency: Double) -> String {
    frequency >= 1000 ? Ticks.plain(frequency / 1000) + "k" : Ticks.plain(frequency)
  }
}
