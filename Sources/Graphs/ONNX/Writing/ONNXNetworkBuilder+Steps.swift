import SwiftProtobuf
import Tensors

/// Steps without weights.
extension ONNXNetworkBuilder {
  package mutating func relu(_ x: Value, _ name: TensorName? = nil) -> Value { step("Relu", x, name, "relu") }

  /// `x` where positive, else `eˣ − 1`.
  package mutating func elu(_ x: Value, _ name: TensorName? = nil) -> Value { step("Elu", x, name, "elu") }

  package mutating func sigmoid(_ x: Value, _ name: TensorName? = nil) -> Value {
    step("Sigmoid", x, name, "sigmoid")
  }

  /// Over the last axis.
  package mutating func softmax(_ x: Value, _ name: TensorName? = nil) -> Value {
    step("Softmax", x, name, "softmax", [.integer("axis", opset < 13 ? x.extents.count : -1)])
  }

  /// `min(max(x, 0), 6)`
  package mutating func relu6(_ x: Value, _ name: TensorName? = nil) throws(ONNXFileError) -> Value {
    let output = name ?? "\(x.name).relu6"
    let lowest = try weight("\(output).lowest", Tensor([], [0]))
    let highest = try weight("\(output).highest", Tensor([], [6]))
    return add("Clip", [x.name, lowest, highest], output, x.extents)
  }

  /// Nothing at inference; drops values with probability `ratio` in training.
  package mutating func dropout(_ x: Value, _ name: TensorName, ratio: Double) throws(ONNXFileError) -> Value
  {
    guard opset >= 12 else {
      return add("Dropout", [x.name], name, x.extents, [.float("ratio", Float(ratio))])
    }
    let share = try weight("\(name).ratio", Tensor([], [Float(ratio)]))
    return add("Dropout", [x.name, share], name, x.extents)
  }

  /// `a + b`, of one shape.
  package mutating func sum(_ a: Value, _ b: Value, _ name: TensorName) -> Value {
    precondition(a.extents == b.extents, "'\(name)' adds \(a.extents) and \(b.extents)")
    return add("Add", [a.name, b.name], name, a.extents)
  }

  /// Joined along axis `axis` of a row.
  package mutating func concat(_ parts: [Value], _ name: TensorName, axis: Int = 0) -> Value {
    var extents = parts.first?.extents ?? []
    extents[axis] = parts.reduce(0) { $0 + $1.extents[axis] }
    return add("Concat", parts.map(\.name), name, extents, [.integer("axis", axis + 1)])
  }

  /// All of a row as one list of features.
  package mutating func flatten(_ x: Value, _ name: TensorName? = nil) -> Value {
    add(
      "Flatten", [x.name], name ?? "\(x.name).flat", [x.extents.reduce(1, *)], [.integer("axis", 1)])
  }

  /// The mean of each channel over all places, `[channels, 1, …]`.
  package mutating func globalAveragePool(_ x: Value, _ name: TensorName? = nil) -> Value {
    add(
      "GlobalAveragePool", [x.name], name ?? "\(x.name).mean",
      [x.extents[0]] + x.extents.dropFirst().map { _ in 1 })
  }

  /// The mean along axes of a row, which fall away.
  package mutating func reduceMean(_ x: Value, _ name: TensorName, axes: [Int]) -> Value {
    reduce("ReduceMean", x, name, axes)
  }

  /// The largest value along axes of a row, which fall away.
  package mutating func reduceMax(_ x: Value, _ name: TensorName, axes: [Int]) -> Value {
    reduce("ReduceMax", x, name, axes)
  }

  private mutating func reduce(_ kind: String, _ x: Value, _ name: TensorName, _ axes: [Int]) -> Value {
    let extents = x.extents.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    let places = axes.map { $0 + 1 }
    guard opset >= 18 else {
      return add(
        kind, [x.name], name, extents, [.integers("axes", places), .integer("keepdims", 0)])
    }
    return add(kind, [x.name, integers("\(name).axes", places)], name, extents, [.integer("keepdims", 0)])
  }

  /// The axes of a row in another order.
  package mutating func transpose(_ x: Value, _ name: TensorName, _ order: [Int]) -> Value {
    add(
      "Transpose", [x.name], name, order.map { x.extents[$0] },
      [.integers("perm", [0] + order.map { $0 + 1 })])
  }

  /// A row in another shape of as many elements.
  package mutating func reshape(_ x: Value, _ name: TensorName, _ extents: [Int]) -> Value {
    precondition(extents.reduce(1, *) == x.extents.reduce(1, *), "'\(name)': \(x.extents) as \(extents)")
    // 0 keeps the number of rows.
    return add("Reshape", [x.name, integers("\(name).shape", [0] + extents)], name, extents)
  }

  /// Zeros before and after each axis of a row.
  package mutating func pad(_ x: Value, _ name: TensorName, before: [Int], after: [Int]) -> Value {
    let extents = x.extents.indices.map { before[$0] + x.extents[$0] + after[$0] }
    return add("Pad", [x.name, integers("\(name).pads", [0] + before + [0] + after)], name, extents)
  }

  /// The same values as float32.
  package mutating func float(_ x: Value, _ name: TensorName) -> Value {
    add("Cast", [x.name], name, x.extents, [.integer("to", 1)])
  }

  private mutating func step(
    _ kind: String, _ x: Value, _ name: TensorName?, _ suffix: String,
    _ attributes: [Onnx_AttributeProto] = []
  ) -> Value {
    add(kind, [x.name], name ?? "\(x.name).\(suffix)", x.extents, attributes)
  }
}
