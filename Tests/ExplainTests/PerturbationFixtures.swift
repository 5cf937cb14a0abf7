import Explain
import Synchronization
import Tensors

/// A score that is any function of a row's elements, and remembers what it was asked.
final class Asked: ScoreFunction {
  private let score: @Sendable ([Float]) -> Float
  private let questions = Mutex<[[Float]]>([])

  init(_ score: @escaping @Sendable ([Float]) -> Float) { self.score = score }

  /// Every row so far.
  var rows: [[Float]] { questions.withLock { $0 } }

  func scores(at x: Tensor) throws -> [Float] {
    let rows = (0..<x.shape[0]).map { x.rows($0..<$0 + 1).values }
    questions.withLock { $0 += rows }
    return rows.map(score)
  }

  /// Perturbation methods need none.
  func gradient(at x: Tensor) throws -> Tensor { Tensor(x.shape, repeating: .nan) }
}

/// `[frames, bands]` labels by the definition of equal slices.
func labels(frames: Int, bands: Int, slices: Int, groups: Int) -> [Int] {
  (0..<frames * bands).map { bin in
    let (frame, band) = (bin / bands, bin % bands)
    // The last slice that begins at or before the place: slice j begins at ⌈j · extent / slices⌉.
    let slice = (0..<slices).last { ($0 * frames + slices - 1) / slices <= frame } ?? 0
    let group = (0..<groups).last { ($0 * bands + groups - 1) / groups <= band } ?? 0
    return slice * groups + group
  }
}

/// The value of each segment: of its first bin, after all of its bins were seen to be alike; nil where they are not.
func segmentValues(_ map: [Float], _ labels: [Int]) -> [Float]? {
  let count = (labels.max() ?? -1) + 1
  let values = (0..<count).map { segment in map[labels.firstIndex(of: segment) ?? 0] }
  return zip(map, labels).allSatisfy { $0 == values[$1] } ? values : nil
}

/// Gaussian elimination with the largest pivot of each column.
func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
  var rows = zip(matrix, right).map { $0 + [$1] }
  let count = rows.count
  for column in 0..<count {
    let pivot = (column..<count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
    rows.swapAt(column, pivot)
    for row in 0..<count where row != column {
      let factor = rows[row][column] / rows[column][column]
      for place in column...count { rows[row][place] -= factor * rows[column][place] }
    }
  }
  return (0..<count).map { rows[$0][count] / rows[$0][$0] }
}
