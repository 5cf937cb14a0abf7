import Tensors

/// What makes constants out of constants: filled tensors, sequences of numbers, places.
let generatorComposites: [String: CompositeReader] = [
  "ConstantOfShape": { node, composer in
    guard let extents = try node.integers(0) else { throw node.unsupported("it names no shape") }
    let shape = try node.reasonable(extents)
    var value: Float = 0
    if let proto = node.tensor("value") {
      switch try ONNXTensor(proto, named: node.outputs[0]) {
      case .floats(let tensor): value = tensor.values.first ?? 0
      case .integers(_, let values): value = Float(values.first ?? 0)
      }
    }
    try composer.finish(Tensor(shape, repeating: value), isInteger: node.resultsAreIntegers ?? false)
  },
  "Range": { node, composer in
    let isInteger = node.isInteger(0)
    guard let start = try node.scalar(0), let limit = try node.scalar(1), let step = try node.scalar(2),
      step != 0
    else { throw node.unsupported("it does not say from where, how far and in which steps") }
    let count = ((Double(limit) - Double(start)) / Double(step)).rounded(.up)
    guard count < Double(ONNXNode.largestConstant) else {
      throw node.unsupported("from \(start) to \(limit) in steps of \(step)")
    }
    let values = (0..<max(0, Int(count))).map { start + Float($0) * step }
    try composer.finish(Tensor([values.count], values), isInteger: isInteger)
  },
  "EyeLike": { node, composer in
    let shape = try node.knownShape(0)
    guard shape.rank == 2 else { throw node.unsupported("its operand has the shape \(shape)") }
    let isInteger =
      node.has("dtype") ? node.makesIntegers(type: node.integer("dtype", default: 1)) : node.isInteger(0)
    var eye = Tensor(try node.reasonable(shape.dimensions))
    let diagonal = node.integer("k", default: 0)
    for row in 0..<shape[0] {
      let (column, overflow) = row.addingReportingOverflow(diagonal)
      if !overflow, (0..<shape[1]).contains(column) { eye[row, column] = 1 }
    }
    try composer.finish(eye, isInteger: isInteger)
  },
  // Which places of a constant are not zero, by axis.
  "NonZero": { node, composer in
    let (shape, values) = (try node.weight(0).shape, try node.weight(0).values)
    let places = values.indices.filter { values[$0] != 0 }
    let indices = zip(shape.strides, shape.dimensions).flatMap { stride, extent in
      places.map { Float($0 / stride % extent) }
    }
    try composer.finish(Tensor([shape.rank, places.count], indices), isInteger: true)
  },
]

extension ONNXNode {
  /// The most elements that a constant made while reading may have.
  static let largestConstant = 1 << 26

  /// `extents` as a shape, if they are no less than 0 and not beyond reason.
  fileprivate func reasonable(_ extents: [Int]) throws(ONNXError) -> Shape {
    guard extents.allSatisfy({ $0 >= 0 }), extents.reduce(1, saturatingProduct) <= Self.largestConstant else {
      throw unsupported("a constant of shape \(extents)")
    }
    return Shape(extents)
  }

  /// Whether numbers of an ONNX element type are whole numbers or truth values.
  func makesIntegers(type: Int) -> Bool { ![1, 10, 11, 16].contains(type) }
}

extension Composer {
  /// The whole node is this constant.
  fileprivate mutating func finish(_ value: Tensor, isInteger: Bool) throws {
    let constant = add(constant: value, isInteger: isInteger)
    add(Reshaping(.identity), [constant], as: outputName)
  }
}
