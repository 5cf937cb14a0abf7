import OneDNN

/// The loops of a sum along some axes of a tensor, as it lies: plain, channels last or channels in blocks.
struct SumLoop: Sendable {
  private struct Digit {
    var extent: Int
    var stride: Int
    /// Of the result; 0 along what is summed.
    var resultStride: Int
  }

  private let kept: [Digit]
  private let summed: [Digit]
  /// The innermost two loops: `rows` are summed.
  private let rows: Digit
  private let columns: Digit
  private let resultCount: Int

  /// nil if the innermost elements do not lie together.
  ///
  /// - Parameter result: a sibling of the source (`Layout.sibling`), of extent 1 along what is summed.
  init?(source: Layout.Structure, result: Layout.Structure) {
    var digits: [Digit] = []
    for axis in source.dimensions.indices {
      let (block, resultBlock) = (source.blockExtent(of: axis), result.blockExtent(of: axis))
      let isSummed = result.dimensions[axis] == 1
      digits.append(
        Digit(
          extent: source.paddedDimensions[axis] / block, stride: source.strides[axis],
          resultStride: isSummed ? 0 : result.strides[axis] * (block / resultBlock)))
      guard block > 1 else { continue }
      let inner = resultBlock > 1 ? 1 : result.strides[axis]
      digits.append(Digit(extent: block, stride: 1, resultStride: isSummed ? 0 : inner))
    }
    digits = digits.filter { $0.extent > 1 }.sorted { $0.stride > $1.stride }
    var merged: [Digit] = []
    for digit in digits {
      if let outer = merged.last, outer.stride == digit.stride * digit.extent,
        outer.resultStride == digit.resultStride * digit.extent
      {
        merged[merged.count - 1] = Digit(
          extent: outer.extent * digit.extent, stride: digit.stride, resultStride: digit.resultStride)
      } else {
        merged.append(digit)
      }
    }
    columns = merged.popLast() ?? Digit(extent: 1, stride: 1, resultStride: 0)
    guard columns.stride == 1 else { return nil }
    let hasRows = merged.last?.resultStride == 0
    rows = (hasRows ? merged.popLast() : nil) ?? Digit(extent: 1, stride: 0, resultStride: 0)
    kept = merged.filter { $0.resultStride > 0 }
    summed = merged.filter { $0.resultStride == 0 }
    resultCount = result.paddedDimensions.reduce(1, *)
  }

  func run(_ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ lanes: Lanes) {
    result.update(repeating: 0, count: resultCount)
    let parts = summed.reduce(1) { $0 * $1.extent }
    let (from, to) = (source, result)
    lanes.share(kept.reduce(1) { $0 * $1.extent }) { range in
      for index in range {
        let place = Self.place(index, in: kept)
        for part in 0..<parts {
          add(from + place.source + Self.place(part, in: summed).source, to: to + place.result)
        }
      }
    }
  }

  private static func place(_ index: Int, in digits: [Digit]) -> (source: Int, result: Int) {
    var (rest, source, result) = (index, 0, 0)
    for digit in digits.reversed() {
      let (quotient, place) = rest.quotientAndRemainder(dividingBy: digit.extent)
      source += place * digit.stride
      result += place * digit.resultStride
      rest = quotient
    }
    return (source, result)
  }

  /// Adds the sum of all rows.
  private func add(_ source: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>) {
    let (width, height, step) = (columns.extent, rows.extent, rows.stride)
    guard columns.resultStride > 0 else {
      for row in 0..<height { result[0] += Float(vectorSum(source + row * step, width)) }
      return
    }
    var column = 0
    // Eight columns at a time stay in registers all the way down.
    while columns.resultStride == 1, height > 1, column + 8 <= width {
      var sum = SIMD8<Float>()
      for row in 0..<height {
        sum += UnsafeRawPointer(source + row * step + column).loadUnaligned(as: SIMD8<Float>.self)
      }
      for lane in 0..<8 { result[column + lane] += sum[lane] }
      column += 8
    }
    for row in 0..<height {
      let from = source + row * step
      for rest in column..<width { result[rest * columns.resultStride] += from[rest] }
    }
  }
}
