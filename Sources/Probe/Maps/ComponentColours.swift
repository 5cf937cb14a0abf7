package import Tensors

/// Points as colours: their first three principal components as red, green and blue, so that near points look alike.
///
/// Each component spans 0...1 from its 1st to its 99th percentile; a few far points do not make all others grey. A component
/// along which points do not vary is .5 everywhere.
package struct ComponentColours: Sendable {
  /// Red, green and blue in 0...1, `[N, 3]`.
  package let values: Tensor
  /// The share of the variance in each of the three.
  package let explained: [Double]

  /// - Parameter points: `[N, D]`, finite.
  package init(of points: Tensor, seed: UInt64 = 0) {
    let components = PrincipalComponents(of: points, count: 3, seed: seed)
    self.init(coordinates: components.coordinates(of: points), explained: components.explained)
  }

  /// - Parameter coordinates: along principal components, `[N, K]`; beyond the third they are not looked at.
  package init(coordinates: Tensor, explained: [Double]) {
    let (rows, width) = (coordinates.shape[0], coordinates.shape[1])
    self.explained = Array(explained.prefix(3))
    var values = [Float](repeating: 0.5, count: rows * 3)
    coordinates.withUnsafeValues { given in
      for component in 0..<min(3, width) {
        let column = (0..<rows).map { given[$0 * width + component] }
        let sorted = column.sorted()
        guard let low = sorted.first, rows > 1 else { continue }
        let cut = (rows - 1) / 100
        let (bottom, top) = (sorted[cut], sorted[rows - 1 - cut])
        guard top > bottom, top.isFinite, low.isFinite else { continue }
        for row in 0..<rows {
          values[row * 3 + component] = min(1, max(0, (column[row] - bottom) / (top - bottom)))
        }
      }
    }
    self.values = Tensor([rows, 3], values)
  }
}
