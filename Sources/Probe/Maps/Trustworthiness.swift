package import Tensors

/// How far one may trust that neighbours on a map are neighbours in the space it is of: 1 where all of them are.
///
/// `1 − 2 / (N k (2N − 3k − 1)) Σᵢ Σ_{j ∈ Uᵢ} (r(i, j) − k)`, over those of the `k` nearest on the map that are not among the
/// `k` nearest in the space, `r` the rank there. Venna and Kaski, ICANN 2001; scikit-learn's `trustworthiness`.
///
/// - Parameters:
///   - map: `[N, dimensions]`.
///   - count: `k`; at most below half the number of points.
/// - Returns: nil for fewer than three points.
package func trustworthiness(of map: Tensor, in space: PairwiseDistances, neighbours count: Int = 5)
  -> Double?
{
  let all = space.count
  precondition(map.shape[0] == all, "\(map.shape[0]) places of \(all) points")
  let k = min(count, (all - 1) / 2)
  guard k >= 1 else { return nil }
  let near = PointNeighbours(PairwiseDistances(map), count: k)
  let blocks = space.blocks
  let parts = concurrentResults(blocks.count) { index -> Int in
    let rows = blocks[index]
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * all) { block in
      guard let start = block.baseAddress else { return 0 }
      space.write(rows, into: start)
      var penalty = 0
      for row in rows {
        let line = start + (row - rows.lowerBound) * all
        for other in near.indices[row * k..<(row + 1) * k] {
          let distance = line[Int(other)]
          // Of equally far ones the lower number comes first, as where neighbours are sorted.
          var nearer = 0
          for place in 0..<Int(other) where line[place] <= distance && place != row { nearer += 1 }
          for place in Int(other) + 1..<max(Int(other) + 1, all) where line[place] < distance && place != row
          {
            nearer += 1
          }
          penalty += max(0, nearer + 1 - k)
        }
      }
      return penalty
    }
  }
  let worst = Double(all * k) * Double(2 * all - 3 * k - 1) / 2
  return 1 - Double(parts.reduce(0, +)) / worst
}
