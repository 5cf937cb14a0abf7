import Graphs
import Tensors

/// Brings a layer's map to the size of the network's input: bilinear, each place put where the centre of its receptive
/// field lies. Beyond the outermost centres the outermost value holds.
struct MapResizing {
  /// For each place along one axis of the picture: the two places of the map it lies between, and how far along.
  private struct Axis {
    var stride = 0
    var lower: [Int]
    var upper: [Int]
    var share: [Float]

    /// - Parameters:
    ///   - extent: places of the picture.
    ///   - count: places of the map; 1 where the map does not run along this axis.
    init(extent: Int, count: Int, stride: Int, field: ReceptiveField.Axis?) {
      self.stride = stride
      lower = []
      upper = []
      share = []
      for place in 0..<extent {
        let position = field.map { (Double(place) - $0.centre(0)) / $0.jump } ?? 0
        let clamped = min(max(position, 0), Double(count - 1))
        let below = min(Int(clamped), max(0, count - 2))
        lower.append(below)
        upper.append(min(below + 1, count - 1))
        share.append(Float(clamped - Double(below)))
      }
    }
  }

  private let frames: Axis
  private let bands: Axis
  private let mapSize: Int

  /// - Parameters:
  ///   - shape: of the map, `[N, 1, places…]`.
  ///   - field: of the layer.
  ///   - axes: of the network's input along which frames and bands run.
  init(
    _ shape: Shape, field: ReceptiveField, axes: (frames: Int, bands: Int), frames: Int, bands: Int
  ) {
    let strides = shape.strides
    func axis(_ inputAxis: Int, _ extent: Int) -> Axis {
      guard let place = field.axis(along: inputAxis), place >= 2 else {
        return Axis(extent: extent, count: 1, stride: 0, field: nil)
      }
      return Axis(extent: extent, count: shape[place], stride: strides[place], field: field.axes[place])
    }
    self.frames = axis(axes.frames, frames)
    self.bands = axis(axes.bands, bands)
    mapSize = shape.dimensions.dropFirst().reduce(1, *)
  }

  /// `[N, 1, places…]` as `[N, frames, bands]`.
  func callAsFunction(_ map: Tensor) -> Tensor {
    let (rows, height, width) = (map.shape[0], frames.share.count, bands.share.count)
    return Tensor(unsafeUninitialized: [rows, height, width]) { result in
      map.withUnsafeValues { map in
        for row in 0..<rows {
          for frame in 0..<height {
            let share = frames.share[frame]
            let above = row * mapSize + frames.lower[frame] * frames.stride
            let below = row * mapSize + frames.upper[frame] * frames.stride
            for band in 0..<width {
              let (left, right) = (bands.lower[band] * bands.stride, bands.upper[band] * bands.stride)
              let across = bands.share[band]
              let first = map[above + left] * (1 - across) + map[above + right] * across
              let second = map[below + left] * (1 - across) + map[below + right] * across
              result[(row * height + frame) * width + band] = first * (1 - share) + second * share
            }
          }
        }
      }
    }
  }
}
