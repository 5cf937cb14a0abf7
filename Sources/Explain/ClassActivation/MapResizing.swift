import Graphs
import Models
import Tensors

/// Brings a layer's map to the size of the network's input: linear along each axis, each place put where the centre of
/// its receptive field lies. Beyond the outermost centres the outermost value holds; along axes of the input that the
/// layer does not run along, the map is the same everywhere.
struct MapResizing {
  /// For each place along one axis of the input: the two places of the map it lies between, and how far along.
  private struct Axis {
    /// Of the map.
    let place: Int
    var lower: [Int] = []
    var upper: [Int] = []
    var share: [Float] = []

    /// - Parameters:
    ///   - extent: places of the input.
    ///   - count: places of the map.
    init(_ place: Int, extent: Int, count: Int, field: ReceptiveField.Axis) {
      self.place = place
      for index in 0..<extent {
        let position = (Double(index) - field.centre(0)) / field.jump
        let clamped = min(max(position, 0), Double(count - 1))
        let below = min(Int(clamped), max(0, count - 2))
        lower.append(below)
        upper.append(min(below + 1, count - 1))
        share.append(Float(clamped - Double(below)))
      }
    }

    /// `map` with the input's places along this axis.
    func stretched(_ map: Tensor) -> Tensor {
      let extents = map.shape.dimensions
      let outer = extents[..<place].reduce(1, *)
      let inner = extents[(place + 1)...].reduce(1, *)
      var shape = map.shape
      shape[place] = share.count
      return Tensor(unsafeUninitialized: shape) { result in
        map.withUnsafeValues { map in
          for block in 0..<outer {
            for (index, share) in share.enumerated() {
              let first = (block * extents[place] + lower[index]) * inner
              let second = (block * extents[place] + upper[index]) * inner
              let target = (block * self.share.count + index) * inner
              for offset in 0..<inner {
                // What is the same at both places stays so, to the bit.
                result[target + offset] =
                  map[first + offset] + share * (map[second + offset] - map[first + offset])
              }
            }
          }
        }
      }
    }
  }

  /// Those of the input that the layer runs along, by the input's axis.
  private let axes: [Int: Axis]
  /// Of the input.
  private let extents: [Int]

  /// - Parameters:
  ///   - shape: of the map, `[N, 1, places…]`.
  ///   - field: of the layer.
  ///   - input: the shape of the network's input.
  init(_ shape: Shape, field: ReceptiveField, input: Shape) {
    extents = Array(input.dimensions.dropFirst())
    var axes: [Int: Axis] = [:]
    for inputAxis in 1..<max(1, input.rank) {
      guard let place = field.axis(along: inputAxis), place >= 2, let follows = field.axes[place] else {
        continue
      }
      axes[inputAxis] = Axis(place, extent: input[inputAxis], count: shape[place], field: follows)
    }
    self.axes = axes
  }

  /// `[N, 1, places…]` as `[N] + the input's other extents`.
  func callAsFunction(_ map: Tensor) -> Tensor {
    // In the axes' order: another would round in another way.
    let stretched = axes.keys.sorted().reduce(map) { stretched, axis in
      axes[axis]?.stretched(stretched) ?? stretched
    }
    let strides = stretched.shape.strides
    // How far the map goes on for a step along each axis of the input.
    let steps = [strides[0]] + extents.indices.map { axes[$0 + 1].map { strides[$0.place] } ?? 0 }
    let shape = Shape([map.shape[0]] + extents)
    return Tensor(unsafeUninitialized: shape) { result in
      stretched.withUnsafeValues { map in
        var sources = [0]
        for (extent, step) in zip(shape.dimensions, steps) {
          sources = sources.flatMap { start in (0..<extent).map { start + $0 * step } }
        }
        for (place, source) in sources.enumerated() { result[place] = map[source] }
      }
    }
  }
}

extension NetworkScore {
  /// A map of `layer`, `[N, 1, places…]`, at the size of the input: shaped as `x` but for the number of rows.
  ///
  /// - Throws: `GraphError.independent` when the layer does not depend on the input.
  func resized(_ map: Tensor, of layer: TensorName, like x: Tensor) throws -> Tensor {
    if let panels {
      // Behind a cut: at the size of each tensor that holds part of the picture, then side by side.
      let parts = try panels.map { panel -> Tensor in
        let fields = try network.receptiveFields(of: panel.tensor, at: inputShapes(beside: x.shape))
        guard let field = fields[layer] else { throw GraphError.independent(layer, of: panel.tensor) }
        return panel.picture(MapResizing(map.shape, field: field, input: Shape([1] + panel.row))(map))
      }
      return Tensor(sideBySide: parts).reshaped(to: Shape([map.shape[0]] + x.shape.dimensions.dropFirst()))
    }
    guard let field = try network.receptiveFields(of: input, at: inputShapes(beside: x.shape))[layer] else {
      throw GraphError.independent(layer, of: input)
    }
    return MapResizing(map.shape, field: field, input: x.shape)(map)
  }
}
