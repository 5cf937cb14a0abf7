import Glibc
import Tensors

/// Finds, among the axes of a tensor's rows, those of time and of frequency, by what it makes of clicks and sines.
///
/// Along the axis of time a click's place follows its moment in a straight line; along that of frequency a sine's place
/// follows its frequency, up or down. A tensor whose response to a steady sine is not steady (a real part, a filter's
/// output before its modulus) shows waves, not a picture: it has neither.
struct TensorAxes: Sendable, Hashable {
  /// Of a row.
  let time: Int
  let frequency: Int
  /// The line through the clicks: seconds at place 0, and from one place to the next.
  let start: Double
  let hop: Double
  /// How many places a click is seen at.
  let clickWidth: Double

  /// - Parameters:
  ///   - values: of the tensor for `probe.first`, `[signals] + row`.
  ///   - isLenient: takes waves as well, and any order of the frequencies: for tensors that a user names.
  init?(_ values: Tensor, _ probe: ProbeSignals, isLenient: Bool = false) {
    let row = Array(values.shape.dimensions.dropFirst())
    let clicks = probe.clickTimes
    var best: (axis: Int, start: Double, hop: Double, width: Double, error: Double)?
    for axis in row.indices where row[axis] >= 4 {
      let seen = clicks.indices.map { Marginal(values, row: $0, axis: axis) }
      guard let line = Line(seen.map(\.centroid), clicks), line.slope > 0 else { continue }
      // Places of a click are known to about half a place, and coarse axes need not be exact.
      let error = line.largestError / line.slope
      guard error < max(0.75, 0.02 * Double(row[axis])), error < (best?.error ?? .infinity) else { continue }
      best = (axis, line.offset, line.slope, seen.map(\.width).max() ?? 1, error)
    }
    guard let best else { return nil }
    var found: (axis: Int, run: Int)?
    let sines = clicks.count..<values.shape[0]
    for axis in row.indices where axis != best.axis && row[axis] >= 3 {
      let seen = sines.map { Marginal(values, row: $0, axis: axis) }
      let places = seen.map(\.peak)
      let run = max(Self.longestRun(places), Self.longestRun(places.map { -$0 }))
      let strictRun = max(
        Self.longestRun(places, isStrict: true), Self.longestRun(places.map { -$0 }, isStrict: true))
      // A picture may show part of the frequencies alone. Of 20 places in any order, 6 or 7 rise.
      let fewest = min(8, row[axis] * 2 / 3)
      guard strictRun >= 3, isLenient || run * 20 >= sines.count * 11 && strictRun >= fewest else { continue }
      if run > (found?.run ?? 0) { found = (axis, run) }
    }
    guard let found else { return nil }
    (time, frequency) = (best.axis, found.axis)
    (start, hop, clickWidth) = (best.start, best.hop, best.width)
    guard isLenient || isSteady(values, sines: sines) else { return nil }
  }

  /// Whether at least half of the sines are seen equally strongly over the middle of the time axis.
  private func isSteady(_ values: Tensor, sines: Range<Int>) -> Bool {
    // Of a wave the mean is near 0. Of its square, which BirdNET takes of real parts alone, the spread is 0.7 of the mean.
    let steady = sines.count { Self.unsteadiness(values, row: $0, time: time, frequency: frequency) < 0.9 }
    return steady * 2 >= sines.count
  }

  /// The spread over time of the strongest band, divided by how far that band stands out.
  private static func unsteadiness(_ values: Tensor, row: Int, time: Int, frequency: Int) -> Double {
    let extents = Array(values.shape.dimensions.dropFirst())
    let strides = Array(values.shape.strides.dropFirst())
    let middle = extents[time] / 4..<max(extents[time] / 4 + 1, extents[time] * 3 / 4)
    let peak = Marginal(values, row: row, axis: frequency)
    let bands = extents[frequency]
    return values.withUnsafeValues { values in
      let first = row * extents.reduce(1, *)
      func series(_ band: Int) -> [Double] {
        middle.map { Double(values[first + $0 * strides[time] + band * strides[frequency]]) }
      }
      let own = series(Int(peak.peak))
      let mean = own.reduce(0, +) / Double(own.count)
      let spread = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)).squareRoot()
      let others = (0..<bands).map { band -> Double in
        let series = series(band)
        return series.reduce(0, +) / Double(series.count)
      }.sorted()
      let outstanding = abs(mean - others[bands / 2])
      return outstanding > 0 ? spread / outstanding : .infinity
    }
  }

  /// The length of the longest part of a sequence, others left out, that never falls, or always rises.
  static func longestRun(_ values: [Double], isStrict: Bool = false) -> Int {
    var lengths: [Int] = []
    for (index, value) in values.enumerated() {
      lengths.append(
        1
          + ((0..<index).filter { values[$0] < value || values[$0] == value && !isStrict }.map { lengths[$0] }
            .max() ?? 0))
    }
    return lengths.max() ?? 0
  }
}

/// How strongly one signal is seen at each place of an axis: `Σ (v − median along the axis)²` over all other axes. Of many
/// lines along the axis, and of many values of a line for its median, some evenly spaced ones stand for all.
struct Marginal {
  let energies: [Double]
  init(_ values: Tensor, row: Int, axis: Int) {
    let extents = Array(values.shape.dimensions.dropFirst())
    let size = extents.reduce(1, *)
    let extent = extents[axis]
    let inner = extents[(axis + 1)...].reduce(1, *)
    let lines = size / max(1, extent)
    let step = max(1, lines / 96)
    var energies = [Double](repeating: 0, count: extent)
    values.withUnsafeValues { values in
      for line in stride(from: step / 2, to: lines, by: step) {
        let first = row * size + line / inner * extent * inner + line % inner
        let spacing = max(1, extent / 41)
        let some = stride(from: spacing / 2, to: extent, by: spacing).map { values[first + $0 * inner] }
          .sorted()
        let median = some[some.count / 2]
        for place in 0..<extent {
          let difference = Double(values[first + place * inner] - median)
          if difference.isFinite { energies[place] += difference * difference }
        }
      }
    }
    self.energies = energies
  }

  /// The strongest place.
  var peak: Double {
    Double(energies.indices.max { energies[$0] < energies[$1] } ?? 0)
  }

  /// Places at least a quarter as strong as the strongest.
  private var strong: [Int] {
    let largest = energies.max() ?? 0
    return energies.indices.filter { energies[$0] >= largest / 4 && energies[$0] > 0 }
  }

  /// The middle of the strong places; nil where nothing is seen.
  var centroid: Double? {
    let strong = strong
    guard !strong.isEmpty, strong.count * 2 <= max(energies.count, 8) else { return nil }
    let whole = strong.reduce(0) { $0 + energies[$1] }
    return strong.reduce(0) { $0 + energies[$1] * Double($1) } / whole
  }

  var width: Double { Double(max(1, strong.count)) }
}

/// The straight line nearest to points: `y = offset + slope · x`.
struct Line {
  let offset: Double
  let slope: Double
  let largestError: Double

  /// nil where a place is missing, or all are within two of each other: what is always at one place moves by rounding.
  init?(_ places: [Double?], _ y: [Double]) {
    let x = places.compactMap { $0 }
    guard x.count == y.count, x.count > 1 else { return nil }
    let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let spread = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    guard let first = x.min(), let last = x.max(), last - first >= 2 else { return nil }
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / spread
    let offset = meanY - slope * meanX
    (self.slope, self.offset) = (slope, offset)
    largestError = zip(x, y).map { abs($1 - offset - slope * $0) }.max() ?? 0
  }
}
