/// A row of samples at another count: bilinear, and where it shrinks a triangle as wide as the shrinking, so that nothing
/// aliases. As Pillow's `BILINEAR`, in floats.
package struct AxisResampling: Sendable, Hashable {
  package let from: Int
  package let to: Int
  /// For each new place, where its window begins, and where its weights do.
  let starts: [Int]
  let offsets: [Int]
  let weights: [Float]

  /// - Parameters:
  ///   - from: how many samples there are.
  ///   - to: how many there are to be.
  ///   - crop: how much of both ends is left out first, in samples; fractions count.
  package init(from: Int, to: Int, crop: Double = 0) {
    precondition(from > 0 && to > 0 && crop >= 0 && 2 * crop < Double(from), "resampling of nothing")
    (self.from, self.to) = (from, to)
    let scale = (Double(from) - 2 * crop) / Double(to)
    let support = max(1, scale)
    var starts: [Int] = []
    var offsets = [0]
    var weights: [Float] = []
    for place in 0..<to {
      let centre = crop + (Double(place) + 0.5) * scale
      let low = max(0, Int((centre - support + 0.5).rounded(.down)))
      let high = min(from, Int((centre + support + 0.5).rounded(.down)))
      var window = (low..<max(high, low + 1)).map { max(0, 1 - abs((Double($0) + 0.5 - centre) / support)) }
      var sum = window.reduce(0, +)
      if sum <= 0 { (window, sum) = ([Double](repeating: 1, count: window.count), Double(window.count)) }
      starts.append(min(low, from - 1))
      weights += window.map { Float($0 / sum) }
      offsets.append(weights.count)
    }
    (self.starts, self.offsets, self.weights) = (starts, offsets, weights)
  }

  /// Rows of `from` samples become rows of `to`.
  package func alongRows(_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, rows: Int) {
    weights.withUnsafeBufferPointer { weights in
      for row in 0..<rows {
        let (from, to) = (source + row * from, target + row * to)
        for place in 0..<self.to {
          var sum: Float = 0
          let start = from + starts[place]
          let first = offsets[place]
          for index in first..<offsets[place + 1] { sum += weights[index] * start[index - first] }
          to[place] = sum
        }
      }
    }
  }

  /// Columns of `from` samples, in rows of `width`, become columns of `to`.
  package func alongColumns(_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, width: Int)
  {
    for place in 0..<to {
      let row = target + place * width
      row.update(repeating: 0, count: width)
      for index in offsets[place]..<offsets[place + 1] {
        let weight = weights[index]
        let from = source + (starts[place] + index - offsets[place]) * width
        for column in 0..<width { row[column] += weight * from[column] }
      }
    }
  }
}

/// Both axes of planes.
package struct PlaneResampling: Sendable, Hashable {
  package let columns: AxisResampling
  package let rows: AxisResampling

  /// - Parameter crop: how much of each border is left out, in pixels.
  package init(from: (width: Int, height: Int), to: (width: Int, height: Int), crop: Double = 0) {
    columns = AxisResampling(from: from.width, to: to.width, crop: crop)
    // The same share of the height, so that shapes keep their proportions.
    rows = AxisResampling(
      from: from.height, to: to.height, crop: crop * Double(from.height) / Double(from.width))
  }

  /// Samples of the scratch between both axes.
  package var scratchCount: Int { columns.to * rows.from }

  /// One plane.
  package func callAsFunction(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    columns.alongRows(source, scratch, rows: rows.from)
    rows.alongColumns(scratch, target, width: columns.to)
  }
}
