import Glibc

/// Every sum of one offset an axis, last axis fastest. A negative offset stands for nothing, and so does every sum that
/// has it.
func gridOffsets(_ axes: [[Int]]) -> [Int] {
  var offsets = [0]
  for axis in axes {
    var next: [Int] = []
    next.reserveCapacity(offsets.count * axis.count)
    for offset in offsets {
      for step in axis { next.append(offset < 0 || step < 0 ? -1 : offset + step) }
    }
    offsets = next
  }
  return offsets
}

/// How a reduction walks through memory.
///
/// Neighbouring axes that share their fate are one. What is innermost then is either reduced: each result is made of
/// contiguous runs; or it is kept: rows are added up, column by column.
struct ReductionPlan: Sendable {
  /// Where the elements of each result begin; of each row of results, where the innermost axis is kept.
  let kept: [Int]
  /// Where, from there, each run (or row) begins that goes into it.
  let reduced: [Int]
  /// The length of a run, or of a row.
  let width: Int
  let reducesRuns: Bool
  /// Elements that go into each result.
  let terms: Int

  /// - Parameters:
  ///   - extents: of the operand, in the order of memory.
  ///   - isReduced: whether each of them is reduced.
  init(_ extents: [Int], isReduced: [Bool]) {
    var groups: [(extent: Int, stride: Int, isReduced: Bool)] = []
    for (extent, reduced) in zip(extents, isReduced) where extent != 1 {
      if let last = groups.last, last.isReduced == reduced {
        groups[groups.count - 1].extent *= extent
      } else {
        groups.append((extent, 1, reduced))
      }
    }
    for index in groups.indices.dropLast().reversed() {
      groups[index].stride = groups[index + 1].stride * groups[index + 1].extent
    }
    let inner = groups.popLast() ?? (extent: 1, stride: 1, isReduced: true)
    func offsets(_ reduced: Bool) -> [Int] {
      let axes = groups.filter { $0.isReduced == reduced }
      return gridOffsets(axes.map { group in (0..<group.extent).map { $0 * group.stride } })
    }
    (kept, reduced, width, reducesRuns) = (offsets(false), offsets(true), inner.extent, inner.isReduced)
    terms = reduced.count * (reducesRuns ? width : 1)
  }

  /// About how many elementary operations a run takes.
  var work: Int { kept.count * reduced.count * width }

  func run(
    _ function: Reduction.Function, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ lanes: Lanes
  ) {
    switch function {
    case .sum: run(SumFold.self, x, y, lanes) { $0 }
    case .mean:
      let terms = Float(terms)
      run(SumFold.self, x, y, lanes) { $0 / terms }
    case .maximum: run(MaximumFold.self, x, y, lanes) { $0 }
    case .minimum: run(MinimumFold.self, x, y, lanes) { $0 }
    case .product: run(ProductFold.self, x, y, lanes) { $0 }
    case .absoluteSum: run(AbsoluteSumFold.self, x, y, lanes) { $0 }
    case .norm: run(SquareSumFold.self, x, y, lanes) { $0.squareRoot() }
    case .logSum: run(SumFold.self, x, y, lanes) { log($0) }
    case .squareSum: run(SquareSumFold.self, x, y, lanes) { $0 }
    case .logSumExp: runLogSumExp(x, y, lanes)
    }
  }

  /// Rows are taken in blocks of columns that stay in the first-level cache, and are added up in short sums first: a
  /// long running sum in float32 would lose digits.
  private static let columns = 512
  private static let shortSum = 64

  /// How many blocks of columns a row has.
  var blocks: Int { (width + Self.columns - 1) / Self.columns }

  /// Calls `body` with a row of results and a block of its columns, for all of them, on all lanes.
  func shareBlocks(_ lanes: Lanes, _ body: (_ row: Int, _ columns: Range<Int>) -> Void) {
    lanes.share(kept.count * blocks) { range in
      for item in range {
        let first = item % blocks * Self.columns
        body(item / blocks, first..<min(width, first + Self.columns))
      }
    }
  }

  private func run<F: Fold>(
    _ fold: F.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ lanes: Lanes,
    _ finish: (Float) -> Float
  ) {
    guard !isOfPairs else {
      return lanes.share(kept.count) { range in reducePairs(fold, x, y, range, finish) }
    }
    guard !reducesRuns else {
      return lanes.share(kept.count) { range in
        for index in range {
          let start = x + kept[index]
          var total = F.start
          for offset in reduced { total = F.combine(total, F.folded(start + offset, count: width)) }
          y[index] = finish(total)
        }
      }
    }
    shareBlocks(lanes) { row, columns in
      let count = columns.count
      let (start, result) = (x + kept[row] + columns.lowerBound, y + row * width + columns.lowerBound)
      result.update(repeating: F.start, count: count)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { buffer in
        guard let partial = buffer.baseAddress else { return }
        for first in stride(from: 0, to: reduced.count, by: Self.shortSum) {
          partial.initialize(repeating: F.start, count: count)
          for index in first..<min(reduced.count, first + Self.shortSum) {
            F.fold(start + reduced[index], into: partial, count: count)
          }
          for column in 0..<count { result[column] = F.combine(result[column], partial[column]) }
        }
      }
      for column in 0..<count { result[column] = finish(result[column]) }
    }
  }

  /// `y = Σ x · z`.
  func sumProducts(
    _ x: UnsafePointer<Float>, _ z: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    guard !reducesRuns else {
      return lanes.share(kept.count) { range in
        for index in range {
          var total = 0.0
          for offset in reduced {
            let (x, z) = (x + kept[index] + offset, z + kept[index] + offset)
            total += vectorSum(width, { x.vector(at: $0) * z.vector(at: $0) }, { x[$0] * z[$0] })
          }
          y[index] = Float(total)
        }
      }
    }
    // Stretches of a fixed length, so that sums do not depend on the number of lanes.
    let stretches = (reduced.count + Self.longestStretch - 1) / Self.longestStretch
    let results = kept.count * width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: stretches * results) { sums in
      guard let sums = sums.baseAddress else { return }
      lanes.share(kept.count * stretches) { range in
        for item in range {
          let (row, stretch) = item.quotientAndRemainder(dividingBy: stretches)
          let offsets = reduced[
            stretch * Self.longestStretch..<min(reduced.count, (stretch + 1) * Self.longestStretch)]
          sumProducts(
            x + kept[row], z + kept[row], at: offsets, sums + stretch * results + row * width)
        }
      }
      y.update(from: sums, count: results)
      for stretch in 1..<max(1, stretches) {
        for place in 0..<results { y[place] += sums[stretch * results + place] }
      }
    }
  }

  private static let longestStretch = 512

  /// Rows of `x · z` added up, in short sums first.
  private func sumProducts(
    _ x: UnsafePointer<Float>, _ z: UnsafePointer<Float>, at offsets: ArraySlice<Int>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    result.initialize(repeating: 0, count: width)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { partial in
      guard let partial = partial.baseAddress else { return }
      for first in stride(from: offsets.startIndex, to: offsets.endIndex, by: Self.shortSum) {
        partial.initialize(repeating: 0, count: width)
        for index in first..<min(offsets.endIndex, first + Self.shortSum) {
          let (x, z) = (x + offsets[index], z + offsets[index])
          for column in 0..<width { partial[column] += x[column] * z[column] }
        }
        for column in 0..<width { result[column] += partial[column] }
      }
    }
  }

  /// Whether neighbours are taken together two by two: real and imaginary parts, as a rule.
  private var isOfPairs: Bool {
    reducesRuns && width == 2 && reduced == [0] && kept.last == 2 * (kept.count - 1)
  }

  @inline(__always)
  private func reducePairs<F: Fold>(
    _ fold: F.Type, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ range: Range<Int>,
    _ finish: (Float) -> Float
  ) {
    let (raw, start) = (UnsafeRawPointer(x), SIMD8<Float>(repeating: F.start))
    var index = range.lowerBound
    while index + 8 <= range.upperBound {
      let pairs = raw.loadUnaligned(fromByteOffset: index * 8, as: SIMD16<Float>.self)
      let folded = F.combine(F.combine(start, F.map(pairs.evenHalf)), F.map(pairs.oddHalf))
      for lane in 0..<8 { y[index + lane] = finish(folded[lane]) }
      index += 8
    }
    for index in index..<range.upperBound { y[index] = finish(F.folded(x + 2 * index, count: 2)) }
  }

  /// `m + log Σ exp(x − m)`, with `m` the largest: nothing overflows.
  private func runLogSumExp(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ lanes: Lanes) {
    run(MaximumFold.self, x, y, lanes) { $0 }
    guard !reducesRuns else {
      return lanes.share(kept.count) { range in
        for index in range where y[index].isFinite {
          var total: Float = 0
          for offset in reduced {
            let run = x + kept[index] + offset
            for place in 0..<width { total += exp(run[place] - y[index]) }
          }
          y[index] += log(total)
        }
      }
    }
    shareBlocks(lanes) { row, columns in
      let (start, result) = (x + kept[row] + columns.lowerBound, y + row * width + columns.lowerBound)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns.count) { buffer in
        buffer.initialize(repeating: 0)
        for offset in reduced {
          for column in 0..<columns.count { buffer[column] += exp(start[offset + column] - result[column]) }
        }
        for column in 0..<columns.count where result[column].isFinite {
          result[column] += log(buffer[column])
        }
      }
    }
  }
}
