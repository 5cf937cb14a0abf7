public import Graphs
public import Tensors

/// A method that makes a map of a layer: which of its places argue for the target.
public protocol ClassActivationMethod: Sendable {
  /// The map of `layer` for each row of `x`, at the layer's own resolution: `[N, 1, places…]`.
  func map(_ score: NetworkScore, layer: TensorName, at x: Tensor) throws -> Tensor

  /// What decides the result, by name, for reports.
  var parameters: [(name: String, value: String)] { get }
}

extension ClassActivationMethod {
  public var parameters: [(name: String, value: String)] { [] }

  /// The maps of several layers, each brought to the size of the input and scaled to 0...1 row by row, averaged; one
  /// layer's map as it is. Shaped as `x`; pytorch-grad-cam's way with `target_layers`.
  public func map(_ score: NetworkScore, layers: [TensorName], at x: Tensor) throws -> Tensor {
    let maps = try layers.map { layer in
      try score.resized(map(score, layer: layer, at: x), of: layer, like: x)
    }
    return Self.fused(maps)
  }

  /// One map as it is; the mean of several, each scaled to 0...1 row by row.
  static func fused(_ maps: [Tensor]) -> Tensor {
    guard let first = maps.first, maps.count > 1 else { return maps.first ?? Tensor([0]) }
    let scaled = maps.map(\.rowsScaledToOne)
    var result = Tensor(first.shape)
    result.withUnsafeMutableValues { result in
      for map in scaled {
        map.withUnsafeValues { map in
          for place in result.indices { result[place] += map[place] / Float(maps.count) }
        }
      }
    }
    return result
  }
}

/// A class activation method that knows all from a layer's values and their gradients.
public protocol GradientWeighting: ClassActivationMethod {
  /// - Parameters:
  ///   - activations: the layer's values, `[N, C, places…]`.
  ///   - gradients: of the scores with respect to them, of the same shape.
  /// - Returns: the map, `[N, 1, places…]`.
  func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor
}

extension GradientWeighting {
  public func map(_ score: NetworkScore, layer: TensorName, at x: Tensor) throws -> Tensor {
    let (values, gradients) = try score.layer(layer, at: x)
    return weigh(try values.withPlaces(layer), gradients)
  }
}

extension Tensor {
  /// Itself, if it has channels and places: `[N, C, places…]`.
  ///
  /// - Throws: `ExplainError.layerWithoutPlaces`.
  func withPlaces(_ layer: TensorName) throws(ExplainError) -> Tensor {
    guard shape.rank >= 3 else { throw .layerWithoutPlaces(layer, shape: shape.description) }
    return self
  }

  /// `Σ_c weights[n, c] · a[n, c, p]` over the channels of `[N, C, places…]`: `[N, 1, places…]`.
  func sumOverChannels(weights: [Float], rectified: Bool) -> Tensor {
    let places = shape.dimensions.dropFirst(2).reduce(1, *)
    var map = Tensor(Shape([shape[0], 1] + shape.dimensions.dropFirst(2)))
    map.withUnsafeMutableValues { map in
      withUnsafeValues { values in
        for row in 0..<shape[0] {
          let sums = UnsafeMutableBufferPointer(rebasing: map[row * places..<(row + 1) * places])
          for channel in row * shape[1]..<(row + 1) * shape[1] {
            let weight = weights[channel]
            for place in 0..<places { sums[place] += weight * values[channel * places + place] }
          }
          if rectified { for place in 0..<places { sums[place] = max(0, sums[place]) } }
        }
      }
    }
    return map
  }

  /// For each channel of each row of `[N, C, places…]`, the sum over its places.
  var channelSums: [Float] {
    let places = max(1, shape.dimensions.dropFirst(2).reduce(1, *))
    return withUnsafeValues { values in
      stride(from: 0, to: values.count, by: places).map { start in
        var sum: Float = 0
        for place in start..<start + places { sum += values[place] }
        return sum
      }
    }
  }

  /// Each row shifted and stretched to 0...1; zeros where it is constant.
  var rowsScaledToOne: Tensor {
    let size = max(1, shape.dimensions.dropFirst().reduce(1, *))
    var result = self
    result.withUnsafeMutableValues { values in
      for start in stride(from: 0, to: values.count, by: size) {
        let row = UnsafeMutableBufferPointer(rebasing: values[start..<start + size])
        let (least, most) = (row.min() ?? 0, row.max() ?? 0)
        for place in row.indices { row[place] = most > least ? (row[place] - least) / (most - least) : 0 }
      }
    }
    return result
  }
}
