import Glibc

extension NeighbourAffinities {
  /// `Σⱼ pᵢⱼ q (yᵢ − yⱼ)` with `q = 1 / (1 + |yᵢ − yⱼ|²)`, four neighbours at a time.
  func pull(on index: Int, _ points: [SIMD2<Float>]) -> SIMD2<Float> {
    let range = Int(starts[index])..<Int(starts[index + 1])
    return columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        points.withUnsafeBufferPointer { points in
          let own = points[index]
          var (x, y) = (SIMD4<Float>.zero, SIMD4<Float>.zero)
          var place = range.lowerBound
          while place + 4 <= range.upperBound {
            let a = points[Int(columns[place])]
            let b = points[Int(columns[place + 1])]
            let c = points[Int(columns[place + 2])]
            let d = points[Int(columns[place + 3])]
            let across = own.x - SIMD4(a.x, b.x, c.x, d.x)
            let up = own.y - SIMD4(a.y, b.y, c.y, d.y)
            let p = SIMD4(values[place], values[place + 1], values[place + 2], values[place + 3])
            let weight = p / (1 + across * across + up * up)
            x += weight * across
            y += weight * up
            place += 4
          }
          var force = SIMD2(x.sum(), y.sum())
          while place < range.upperBound {
            let away = own - points[Int(columns[place])]
            force += away * (values[place] / (1 + away.x * away.x + away.y * away.y))
            place += 1
          }
          return force
        }
      }
    }
  }

  /// `Σ p ln(p / q)`, with `q` divided by `total`.
  func divergence(of points: [SIMD2<Float>], total: Double) -> Double {
    var sum = 0.0
    for index in points.indices {
      for place in Int(starts[index])..<Int(starts[index + 1]) {
        let p = Double(values[place])
        let away = points[index] - points[Int(columns[place])]
        let q = 1 / (1 + Double(away.x * away.x + away.y * away.y)) / total
        if p > 0 { sum += p * log(p / max(q, .leastNormalMagnitude)) }
      }
    }
    return sum
  }
}
