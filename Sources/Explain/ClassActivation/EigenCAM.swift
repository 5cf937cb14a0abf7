public import Graphs
public import Tensors

/// EigenCAM: where a layer is most itself, whatever the class: its places projected on the first principal component of
/// its channels.
///
/// `cam[n, p] = max(0, (A[n, ·, p] − mean over places) · v)`, with `v` the first right singular vector of the centred
/// `[places, C]` matrix, turned so that the map goes with the layer's total activation. Muhammad and Yeasin, IJCNN 2020;
/// pytorch-grad-cam's `EigenCAM`, whose sign is as the singular vector comes.
public struct EigenCAM: ClassActivationMethod {
  public init() {}

  public func map(_ score: NetworkScore, layer: TensorName, at x: Tensor) throws -> Tensor {
    let activations = try score.values(of: layer, at: x).withPlaces(layer)
    let (rows, channels) = (activations.shape[0], activations.shape[1])
    let places = activations.shape.dimensions.dropFirst(2).reduce(1, *)
    var map: [Float] = []
    for row in 0..<rows {
      let values = activations.rows(row..<row + 1).values.map(Double.init)
      map += Self.projection(values, channels: channels, places: places).map { Float(max(0, $0)) }
    }
    return Tensor(Shape([rows, 1] + activations.shape.dimensions.dropFirst(2)), map)
  }

  /// Of each place; `values` are channel by channel.
  static func projection(_ values: [Double], channels: Int, places: Int) -> [Double] {
    var centred = values
    var total = [Double](repeating: 0, count: places)
    for channel in 0..<channels {
      let row = channel * places..<(channel + 1) * places
      let mean = values[row].reduce(0, +) / Double(max(1, places))
      for (place, index) in row.enumerated() {
        centred[index] -= mean
        total[place] += centred[index]
      }
    }
    // Power iteration on the Gram matrix of the places, begun with the total activation.
    var direction = total.contains { $0 != 0 } ? total : (0..<places).map { Double($0 + 1) }
    var singular = 0.0
    for _ in 0..<mostIterations {
      var next = [Double](repeating: 0, count: places)
      for channel in 0..<channels {
        let start = channel * places
        var along = 0.0
        for place in 0..<places { along += centred[start + place] * direction[place] }
        for place in 0..<places { next[place] += along * centred[start + place] }
      }
      let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { return [Double](repeating: 0, count: places) }
      var change = 0.0
      for place in 0..<places {
        next[place] /= length
        change = max(change, abs(next[place] - direction[place]))
      }
      direction = next
      singular = length.squareRoot()
      if change < 1e-12 { break }
    }
    let sign: Double = zip(direction, total).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1 : 1
    return direction.map { $0 * singular * sign }
  }

  /// Enough for singular values that differ by a thousandth; closer ones are as good as equal.
  private static let mostIterations = 10_000
}

extension AttributionMethod {
  public static let eigenCAM = AttributionMethod(
    "eigen-cam", title: "EigenCAM", quantity: "projection on the first component"
  ) { _ in .classActivation(EigenCAM()) }
}
