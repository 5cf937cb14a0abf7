import Graphs
package import Tensors

/// What a layer makes of another sound, for dreams that follow it.
///
/// Each place of the dream takes after that place of the guide whose activations its own are most like: with `x` and `y` the
/// activations at a place, the objective is the mean over places of `max_y x·y`, and its gradient at `x` is that `y`. As in
/// Google's *DeepDream* notebook (2015), which takes the sum.
package struct Guide: Sendable {
  /// Activations of the guide's places, `[places, channels]`.
  private let places: [Float]
  private let channels: Int
  /// For each channel, the elements of a row that are its places.
  private let elements: [[Int]]

  /// - Parameters:
  ///   - activations: of the guide's patches, `[patches] + row`.
  ///   - layer: where they lie.
  ///   - dream: where the layer's values lie in the dream, if that is of another length.
  package init(_ activations: Tensor, _ layer: LayerGeometry, of dream: LayerGeometry? = nil) {
    let values = layer.maps(activations).values
    let (patches, width, channels) = (activations.shape[0], layer.places, layer.channels)
    self.channels = channels
    elements = (dream ?? layer).elements
    places = (0..<patches * width).flatMap { place in
      (0..<channels).map { values[(place / width * channels + $0) * width + place % width] }
    }
  }

  /// The mean over the row's places of the largest dot product.
  func value(_ row: UnsafeBufferPointer<Float>) -> Double {
    let best = best(of: row)
    return best.reduce(0) { $0 + Double($1.product) } / Double(max(1, best.count))
  }

  func fill(_ seed: UnsafeMutableBufferPointer<Float>, _ row: UnsafeBufferPointer<Float>) {
    let best = best(of: row)
    for (place, guide) in best.enumerated() {
      for channel in 0..<channels {
        seed[elements[channel][place]] = places[guide.place * channels + channel] / Float(best.count)
      }
    }
  }

  /// For each place of the row, the guide's place whose product with it is the largest, of equal ones the first.
  private func best(of row: UnsafeBufferPointer<Float>) -> [(place: Int, product: Float)] {
    let count = elements.first?.count ?? 0
    let guides = self.places.count / max(1, channels)
    return (0..<count).map { place in
      let own = (0..<channels).map { row[elements[$0][place]] }
      var best = (place: 0, product: -Float.infinity)
      places.withUnsafeBufferPointer { places in
        own.withUnsafeBufferPointer { own in
          for other in 0..<guides {
            let product = Self.product(
              own, UnsafeBufferPointer(rebasing: places[other * channels..<(other + 1) * channels]))
            if product > best.product { best = (other, product) }
          }
        }
      }
      return best
    }
  }

  /// In eight sums side by side, as vectors add.
  private static func product(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
    var sums = SIMD8<Float>()
    let whole = a.count / 8 * 8
    for start in stride(from: 0, to: whole, by: 8) {
      var (x, y) = (SIMD8<Float>(), SIMD8<Float>())
      for lane in 0..<8 { (x[lane], y[lane]) = (a[start + lane], b[start + lane]) }
      sums += x * y
    }
    return (whole..<a.count).reduce(sums.sum()) { $0 + a[$1] * b[$1] }
  }
}
