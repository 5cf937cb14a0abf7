package import Graphs
package import Tensors

/// One of the tensors of a network that hold a picture of the sound: which of its axes run along time and frequency.
///
/// Its other axes (channels) make a panel of bands each.
package struct InnerPanel: Sendable, Hashable {
  let tensor: TensorName
  /// The extents of one row's axes, in the file's order.
  let row: [Int]
  /// The axis of the file's tensor along which rows run; nil where it is one row.
  let rowAxis: Int?
  /// Of a row.
  let time: Int
  let frequency: Int
  /// The bands in the order of their frequencies: band `b` of the picture is place `order[b]` of the tensor.
  var order: [Int]

  package init(
    tensor: TensorName, row: [Int], rowAxis: Int?, time: Int, frequency: Int, order: [Int]
  ) {
    (self.tensor, self.row, self.rowAxis) = (tensor, row, rowAxis)
    (self.time, self.frequency, self.order) = (time, frequency, order)
  }

  var frames: Int { row[time] }
  var bands: Int { row[frequency] }
  /// The other axes of a row.
  var channelAxes: [Int] { row.indices.filter { $0 != time && $0 != frequency } }
  /// How many panels the tensor holds.
  var channels: Int { channelAxes.reduce(1) { $0 * row[$1] } }
  /// Bands of all its panels.
  var width: Int { channels * bands }

  /// A row's axes in the order of the picture: time, channels, frequency.
  private var pictureOrder: [Int] { [time] + channelAxes + [frequency] }

  /// Values as the network gives them, `[N] + row`, as `[N, frames, channels · bands]`.
  package func picture(_ values: Tensor) -> Tensor {
    let count = values.shape[0]
    let moved = values.permuting([0] + pictureOrder.map { $0 + 1 })
    return moved.reordering(blocks: bands, order).reshaped(to: [count, frames, width])
  }

  /// The way back: a picture, `[N, frames, channels · bands]`, as the network's values, `[N] + row`.
  package func values(_ picture: Tensor) -> Tensor {
    let inverse = order.inverse
    let moved = picture.reordering(blocks: bands, inverse).reshaped(
      to: Shape([picture.shape[0]] + pictureOrder.map { row[$0] }))
    return moved.permuting([0] + pictureOrder.inverse.map { $0 + 1 })
  }

  /// The same way back as nodes of a graph: from `source`, `[N, frames, channels · bands]`, to the file's own tensor.
  func nodes(from source: TensorName) -> (nodes: [Node], constants: [TensorName: Tensor]) {
    var nodes: [Node] = []
    var constants: [TensorName: Tensor] = [:]
    var last = source
    func add(_ operation: any Operator, _ others: [TensorName] = [], isLast: Bool = false) {
      let name = isLast ? tensor : "\(tensor) from the picture, step \(nodes.count + 1)"
      nodes.append(Node(name: name, operation: operation, inputs: [last] + others, outputs: [name]))
      last = name
    }
    if channels > 1 || row.count > 2 {
      add(Reshaping(.reshape(to: [0] + pictureOrder.map { row[$0] }, zeroKeeps: true)))
    }
    if order != Array(order.indices) {
      constants["\(tensor) order of bands"] = Tensor([bands], order.inverse.map { Float($0) })
      add(Gathering(axis: row.count), ["\(tensor) order of bands"])
    }
    // Rows first, then the file's axes; the rows go where the file has them.
    var axes = pictureOrder.inverse.map { $0 + 1 }
    axes.insert(0, at: rowAxis ?? 0)
    if rowAxis == nil {
      add(Transposition(axes: axes))
      add(Reshaping(.reshape(to: row, zeroKeeps: false)), isLast: true)
    } else {
      add(Transposition(axes: axes), isLast: true)
    }
    return (nodes, constants)
  }
}

extension [Int] {
  /// The permutation that undoes this one.
  var inverse: [Int] {
    var result = self
    for (place, value) in enumerated() { result[value] = place }
    return result
  }
}

extension Tensor {
  /// Axis `i` of the result is axis `axes[i]` of this tensor.
  package func permuting(_ axes: [Int]) -> Tensor {
    let extents = axes.map { shape[$0] }
    guard axes != Array(axes.indices), count > 0 else { return reshaped(to: Shape(extents)) }
    let strides = self.shape.strides
    let steps = axes.map { strides[$0] }
    return Tensor(unsafeUninitialized: Shape(extents)) { result in
      withUnsafeValues { values in
        var place = [Int](repeating: 0, count: extents.count)
        var source = 0
        for target in result.indices {
          result[target] = values[source]
          var axis = extents.count - 1
          while axis >= 0 {
            place[axis] += 1
            source += steps[axis]
            if place[axis] < extents[axis] { break }
            source -= extents[axis] * steps[axis]
            place[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }

  /// The last axis cut into blocks of `size`, in each of which place `i` shows place `order[i]`.
  func reordering(blocks size: Int, _ order: [Int]) -> Tensor {
    guard order != Array(order.indices) else { return self }
    return Tensor(unsafeUninitialized: shape) { result in
      withUnsafeValues { values in
        for start in stride(from: 0, to: values.count, by: size) {
          for (place, from) in order.enumerated() { result[start + place] = values[start + from] }
        }
      }
    }
  }
}
