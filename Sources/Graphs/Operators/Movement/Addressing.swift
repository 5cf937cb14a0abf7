import Tensors

/// How a tensor of indices names places of another tensor.
package enum Addressing: Sendable, Hashable {
  /// Each index names a place along one axis, for the element at its own position in all others. ONNX
  /// `GatherElements`, `ScatterElements`.
  case elements(axis: Int)
  /// Each row of indices names a slice by its first axes, behind this many axes that both tensors share. ONNX
  /// `GatherND`, `ScatterND`.
  case slices(sharedAxes: Int)

  /// The shape of what the indices name: one slice for each of them.
  func shape(of indices: Shape, into source: Shape) throws(ShapeMismatch) -> Shape {
    let mismatch = ShapeMismatch("indices of shape \(indices) into \(source)")
    switch self {
    case .elements(let axis):
      let place = try source.place(ofAxis: axis)
      guard indices.rank == source.rank,
        indices.dimensions.indices.allSatisfy({ $0 == place || indices[$0] <= source[$0] })
      else { throw mismatch }
      return indices
    case .slices(let shared):
      guard let depth = indices.dimensions.last, shared >= 0, shared < indices.rank,
        shared + depth <= source.rank,
        indices.dimensions.prefix(shared) == source.dimensions.prefix(shared)
      else { throw mismatch }
      return try Shape(checking: indices.dimensions.dropLast() + source.dimensions[(shared + depth)...])
    }
  }

  /// The addresses, for tensors that passed `shape(of:into:)`.
  func plan(_ indices: Shape, into source: Shape) throws(ShapeMismatch) -> AddressPlan {
    let strides = source.strides
    switch self {
    case .elements(let axis):
      let place = try source.place(ofAxis: axis)
      let starts = gridOffsets(
        indices.dimensions.indices.dropLast().map { index in
          (0..<indices[index]).map { index == place ? 0 : $0 * strides[index] }
        })
      let width = indices.dimensions.last ?? 1
      return AddressPlan(
        starts: starts, width: width, columnStep: place == indices.rank - 1 ? 0 : 1,
        axes: [.init(extent: source[place], stride: strides[place])], run: 1)
    case .slices(let shared):
      let depth = indices.dimensions.last ?? 0
      let sharedOffsets = gridOffsets(
        (0..<shared).map { axis in (0..<source[axis]).map { $0 * strides[axis] } })
      let rows = indices.dimensions[shared..<max(shared, indices.rank - 1)].reduce(1, *)
      return AddressPlan(
        starts: sharedOffsets, width: rows, columnStep: 0,
        axes: (shared..<shared + depth).map { .init(extent: source[$0], stride: strides[$0]) },
        run: source.dimensions[(shared + depth)...].reduce(1, *))
    }
  }
}

/// Where indices point to: number `i` reads `axes.count` indices, and names a run of elements.
struct AddressPlan: Sendable {
  struct Axis: Sendable {
    let extent: Int
    let stride: Int
  }

  /// Numbers come in rows of `width`; where each row starts in the other tensor.
  fileprivate let starts: [Int]
  fileprivate let width: Int
  fileprivate let columnStep: Int
  let axes: [Axis]
  /// Elements of each slice.
  let run: Int

  fileprivate init(starts: [Int], width: Int, columnStep: Int, axes: [Axis], run: Int) {
    (self.starts, self.width, self.columnStep, self.axes, self.run) = (starts, width, columnStep, axes, run)
  }

  /// How many slices are named.
  var count: Int { starts.count * width }

  /// Calls `body` with each number of `range`, and where the slice that it names begins.
  @inline(__always)
  func forEach(in range: Range<Int>, _ indices: UnsafePointer<Float>, _ body: (Int, Int) -> Void) {
    for number in range {
      var start = starts[number / width] + number % width * columnStep
      for axis in axes.indices {
        start += axisPlace(indices[number * axes.count + axis], axes[axis].extent) * axes[axis].stride
      }
      body(number, start)
    }
  }
}

extension Lowering {
  /// The addresses that the indices `name` mean in a tensor of shape `source`; constant ones are checked.
  func addresses(_ addressing: Addressing, _ name: TensorName, into source: Shape, of node: Node) throws
    -> AddressPlan
  {
    let plan = try addressing.plan(try shape(name), into: source)
    if let indices = constant(name) {
      for (place, index) in indices.values.enumerated() {
        let extent = plan.axes[place % plan.axes.count].extent
        guard index >= Float(-extent), index < Float(extent) else {
          throw GraphError.shapes(
            node: node.name, kind: node.kind, reason: "index \(index) into an axis of \(extent)")
        }
      }
    }
    return plan
  }
}
