import Tensors

/// What is made from constants and shapes alone, as the file is read.
let constructionReaders: [String: CompositeReader] = [
  "Range": { node, composer in
    guard let start = try node.scalar(0), let limit = try node.scalar(1), let step = try node.scalar(2) else {
      throw node.unsupported("it lacks a start, a limit or a step")
    }
    let count = ((Double(limit) - Double(start)) / Double(step)).rounded(.up)
    guard count < 0x1p40 else { throw node.unsupported("\(start) to \(limit) in steps of \(step)") }
    let shape = try composer.affordable([count > 0 ? Int(count) : 0])
    let values = (0..<shape.count).map { Float(Double(start) + Double($0) * Double(step)) }
    composer.give(Tensor(shape, values), isInteger: node.isInteger(0))
  },
  "ConstantOfShape": { node, composer in
    var (value, isInteger): (Float, Bool) = (0, false)
    if let proto = node.tensor("value") {
      let constant = try ConstantTable.Value(proto, named: node.name, folder: nil)
      (value, isInteger) = (constant.tensor.values.first ?? 0, constant.isInteger)
    }
    let scalar = composer.add(constant: Tensor([], [value]), isInteger: isInteger)
    composer.add(Expansion(to: try node.integers(0) ?? []), [scalar], as: node.outputs[0])
  },
  "EyeLike": { node, composer in
    let shape = try composer.affordable(try node.knownShape(0).dimensions)
    guard shape.rank == 2 else { throw node.unsupported("an identity matrix of shape \(shape)") }
    let offset = min(max(node.integer("k", default: 0), -1 << 40), 1 << 40)
    var matrix = Tensor(shape)
    for row in 0..<shape[0] where (0..<shape[1]).contains(row + offset) { matrix[row, row + offset] = 1 }
    composer.give(matrix, isInteger: node.resultsAreIntegers ?? false)
  },
  "NonZero": { node, composer in
    let tensor = try node.weight(0)
    let places = tensor.values.indices.filter { tensor.values[$0] != 0 }
    let shape = try composer.affordable([tensor.shape.rank, places.count])
    let axes = zip(tensor.shape.strides, tensor.shape.dimensions)
    let values = axes.flatMap { stride, extent in places.map { Float($0 / stride % extent) } }
    composer.give(Tensor(shape, values), isInteger: true)
  },
  "Compress": { node, composer in
    let condition = try node.weight(1).values
    let places = condition.indices.filter { condition[$0] != 0 }
    let shape = try composer.affordable([places.count])
    let indices = composer.add(constant: Tensor(shape, places.map { Float($0) }), isInteger: true)
    var source = try node.operands(1)[0]
    let axis = node.optionalInteger("axis")
    if axis == nil { source = composer.add(Reshaping(.reshape(to: [-1], zeroKeeps: true)), [source]) }
    composer.add(Gathering(axis: axis ?? 0), [source, indices], as: node.outputs[0])
  },
]
