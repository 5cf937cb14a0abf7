import Tensors

/// Layers with weights, and windows.
extension ONNXNetworkBuilder {
  /// What lies beyond the edges of a map.
  package enum Padding {
    /// Nothing.
    case valid
    /// Zeros, so that there are `⌈extent / stride⌉` places; one more behind where their number is odd, as TensorFlow.
    case same
    /// So many zeros on either side of each axis.
    case both([Int])
  }

  /// A convolution over all axes behind the channels; weights `[channels, read / groups] + kernel`.
  package mutating func conv(
    _ x: Value, _ name: String, _ channels: Int, kernel: [Int], strides: [Int]? = nil,
    padding: Padding = .valid,
    groups: Int = 1, hasBias: Bool = true, weights: WeightInitialization = .heNormal
  ) throws(ONNXFileError) -> Value {
    let window = try Window(name, x, kernel, strides, padding)
    let shape = Shape([channels, x.extents[0] / groups] + kernel)
    var inputs = [x.name]
    inputs.append(
      try weight("\(name).weight", weights.values(shape, named: "\(name).weight", seed: seed)))
    if hasBias {
      inputs.append(try weight("\(name).bias", weights.bias(shape, named: "\(name).bias", seed: seed)))
    }
    return add(
      "Conv", inputs, name, [channels] + window.extents,
      window.attributes + (groups == 1 ? [] : [.integer("group", groups)]))
  }

  /// The largest value of each window; windows side by side unless `strides` says otherwise.
  package mutating func maxPool(
    _ x: Value, _ name: String, kernel: [Int], strides: [Int]? = nil, padding: Padding = .valid
  ) throws(ONNXFileError) -> Value {
    let window = try Window(name, x, kernel, strides ?? kernel, padding)
    return add("MaxPool", [x.name], name, [x.extents[0]] + window.extents, window.attributes)
  }

  /// `y = scale · (x − mean) / √(variance + epsilon) + bias` for each channel: scale 1, bias 0, mean 0, variance 1.
  ///
  /// - Parameter momentum: how much of a running average stays at each step of training.
  package mutating func batchNormalization(
    _ x: Value, _ name: String, epsilon: Float, momentum: Float
  ) throws(ONNXFileError) -> Value {
    var inputs = [x.name]
    for (part, value) in [("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)]
      as [(String, Float)]
    {
      inputs.append(try weight("\(name).\(part)", Tensor([x.extents[0]], repeating: value)))
    }
    return add(
      "BatchNormalization", inputs, name, x.extents,
      [.float("epsilon", epsilon), .float("momentum", momentum)])
  }

  /// `y = x · weightsᵀ + bias` of rows of features; weights `[features made, features read]`.
  ///
  /// - Parameter output: what the result is called, if not as the layer.
  package mutating func dense(
    _ x: Value, _ name: String, _ features: Int, output: TensorName? = nil,
    weights: WeightInitialization = .heNormal
  ) throws(ONNXFileError) -> Value {
    let shape: Shape = [features, x.extents.reduce(1, *)]
    let matrix = try weight("\(name).weight", weights.values(shape, named: "\(name).weight", seed: seed))
    let bias = try weight("\(name).bias", weights.bias(shape, named: "\(name).bias", seed: seed))
    return add("Gemm", [x.name, matrix, bias], output ?? name, [features], [.integer("transB", 1)])
  }

  /// A sliding window: its attributes, and how many places it has.
  private struct Window {
    let extents: [Int]
    let attributes: [Onnx_AttributeProto]

    init(_ name: String, _ x: Value, _ kernel: [Int], _ strides: [Int]?, _ padding: Padding)
      throws(ONNXFileError)
    {
      let places = Array(x.extents.dropFirst())
      let strides = strides ?? kernel.map { _ in 1 }
      precondition(places.count == kernel.count && strides.count == kernel.count, "axes of layer '\(name)'")
      var (before, after) = (kernel.map { _ in 0 }, kernel.map { _ in 0 })
      switch padding {
      case .valid: break
      case .both(let pads): (before, after) = (pads, pads)
      case .same:
        for axis in kernel.indices {
          let count = (places[axis] + strides[axis] - 1) / strides[axis]
          let missing = max(0, (count - 1) * strides[axis] + kernel[axis] - places[axis])
          (before[axis], after[axis]) = (missing / 2, missing - missing / 2)
        }
      }
      let padded = places.indices.map { before[$0] + places[$0] + after[$0] }
      guard zip(padded, kernel).allSatisfy({ $0 >= $1 }) else {
        throw .tooSmall(layer: name, window: kernel, extents: places)
      }
      extents = kernel.indices.map { (padded[$0] - kernel[$0]) / strides[$0] + 1 }
      attributes = [
        .integers("kernel_shape", kernel), .integers("strides", strides), .integers("pads", before + after),
      ]
    }
  }
}
