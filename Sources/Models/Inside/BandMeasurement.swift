import Audio
import Glibc
import Tensors

/// Where the bands of a panel lie in hertz: each at the frequency of a slow sweep at which it responds most.
///
/// A band reaches from the centre of its lower neighbour to that of its upper one, as triangles of a filterbank do. Bands
/// that no sweep reaches take their place between their neighbours. Filters that were learned stand in any order; they are
/// sorted by their centres.
struct BandMeasurement {
  /// In ascending order.
  let bands: [PictureAxes.Band]
  /// Band `b` is place `order[b]` of the tensor.
  let order: [Int]

  /// - Parameters:
  ///   - picture: the panel for `probe.second`, `[sweeps, frames, bands]`, its bands as they stand in the tensor.
  ///   - axes: of the tensor.
  init(_ picture: Tensor, _ axes: TensorAxes, _ probe: ProbeSignals) {
    let sweeps = probe.sweeps
    let (frames, count) = (picture.shape[1], picture.shape[2])
    // The frequency that each frame of each row hears.
    let heard = sweeps.map { sweep in
      (0..<frames).map { probe.hertz(of: sweep, at: axes.start + axes.hop * Double($0)) }
    }
    var centres = [Double?](repeating: nil, count: count)
    var heights = [Double](repeating: 0, count: count)
    picture.withUnsafeValues { values in
      for band in 0..<count {
        var points: [(hertz: Double, value: Double)] = []
        for row in sweeps.indices {
          for frame in 0..<frames {
            let value = Double(values[(row * frames + frame) * count + band])
            if let hertz = heard[row][frame], value.isFinite { points.append((hertz, value)) }
          }
        }
        let sorted = points.map(\.value).sorted()
        guard let top = sorted.last else { continue }
        let median = sorted[sorted.count / 2]
        heights[band] = top - median
        let strong = points.filter { $0.value >= median + 0.8 * (top - median) }
        guard top > median, let peak = points.max(by: { $0.value < $1.value }) else { continue }
        // What lies about the peak: harmonics and leakage elsewhere do not count.
        let near = strong.filter { abs($0.hertz - peak.hertz) <= max(60, 0.25 * peak.hertz) }
        let whole = near.reduce(0) { $0 + $1.value - median }
        centres[band] = near.reduce(0) { $0 + ($1.value - median) * $1.hertz } / whole
      }
    }
    // A band that responds a tenth as much as most hears only leakage.
    let typical = heights.sorted()[count / 2]
    for band in 0..<count where heights[band] < typical / 10 { centres[band] = nil }
    let nyquist = Double(probe.rate) / 2
    let known = centres.compactMap { $0 }
    let (ascending, descending) = (TensorAxes.longestRun(known), TensorAxes.longestRun(known.map { -$0 }))
    let isInOrder = max(ascending, descending) * 10 >= known.count * 7
    if isInOrder {
      order = ascending >= descending ? Array(0..<count) : Array((0..<count).reversed())
    } else {
      order = (0..<count).sorted { (centres[$0] ?? nyquist, $0) < (centres[$1] ?? nyquist, $1) }
    }
    bands = Self.bands(order.map { centres[$0] }, highest: nyquist)
  }

  /// Bands with these centres: made to rise, and the missing ones filled in.
  static func bands(_ centres: [Double?], highest: Double) -> [PictureAxes.Band] {
    let rising = rising(filled(centres, highest: highest), highest: highest)
    return rising.indices.map { band in
      let centre = rising[band]
      let below = band > 0 ? rising[band - 1] : max(0, 2 * centre - (rising.count > 1 ? rising[1] : highest))
      let above =
        band + 1 < rising.count
        ? rising[band + 1] : min(highest, 2 * centre - (band > 0 ? rising[band - 1] : 0))
      return PictureAxes.Band(below, centre, max(centre, above))
    }
  }

  /// Straight lines between the known ones; beyond the outermost, on to the ends of the range.
  private static func filled(_ centres: [Double?], highest: Double) -> [Double] {
    let known = centres.indices.filter { centres[$0] != nil }
    guard !known.isEmpty else {
      return centres.indices.map { highest * (Double($0) + 0.5) / Double(centres.count) }
    }
    return centres.indices.map { band in
      if let centre = centres[band] { return centre }
      let below = known.last { $0 < band }
      let above = known.first { $0 > band }
      let (x0, y0) = below.map { (Double($0), centres[$0] ?? 0) } ?? (-1, 0)
      let (x1, y1) = above.map { (Double($0), centres[$0] ?? 0) } ?? (Double(centres.count), highest)
      return y0 + (y1 - y0) * (Double(band) - x0) / (x1 - x0)
    }
  }

  /// The nearest rising sequence in the sense of least squares (pool adjacent violators), each a little above the one
  /// before.
  private static func rising(_ values: [Double], highest: Double) -> [Double] {
    var pools: [(sum: Double, count: Int)] = []
    for value in values {
      pools.append((value, 1))
      while pools.count > 1, let last = pools.last,
        pools[pools.count - 2].sum / Double(pools[pools.count - 2].count) >= last.sum / Double(last.count)
      {
        pools.removeLast()
        pools[pools.count - 1].sum += last.sum
        pools[pools.count - 1].count += last.count
      }
    }
    let means = pools.flatMap { pool in [Double](repeating: pool.sum / Double(pool.count), count: pool.count)
    }
    // Figures need an axis that rises everywhere: pooled bands share out a hertz.
    var result: [Double] = []
    let step = min(1, highest / Double(10 * max(1, values.count))) / Double(max(1, values.count))
    for value in means { result.append(max(value, (result.last ?? -step) + step)) }
    return result
  }
}
