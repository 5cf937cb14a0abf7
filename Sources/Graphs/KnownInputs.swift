public import Tensors

extension Graph {
  /// The graph with constants in place of the inputs that `values` names, such as a sample rate: what hangs on them (`If`,
  /// `Loop`, shapes) is then known.
  ///
  /// A value of one element takes the shape that the file declares, where that has one element, too.
  ///
  /// - Throws: `GraphError.unknownTensor` for what is no input, `.input` for a shape that does not fit, `.malformed` where
  ///   no input is left; what the reader throws where the value leads to something that is not supported.
  public func fixing(_ values: [TensorName: Tensor]) throws -> Graph {
    guard !values.isEmpty else { return self }
    var fitting: [TensorName: Tensor] = [:]
    for (name, value) in values {
      guard let input = inputs.first(where: { $0.name == name }) else {
        throw GraphError.unknownTensor(name, nearest: nearest(to: name, among: inputs.map(\.name)))
      }
      fitting[name] = try input.fitted(value)
    }
    let left = inputs.filter { fitting[$0.name] == nil }
    guard !left.isEmpty else {
      throw GraphError.malformed("all inputs are given fixed values, so that nothing is left to explain")
    }
    if let resolver { return try resolver(KnownInputs(values: fitting)) }
    return try Graph(
      name: name, inputs: left, nodes: nodes, constants: constants.merging(fitting) { $1 }, outputs: outputs)
  }
}

extension GraphInput {
  /// `value` in the shape that the file declares.
  fileprivate func fitted(_ value: Tensor) throws(GraphError) -> Tensor {
    if let dimensions, value.count == 1 {
      let single = dimensions.allSatisfy { dimension in
        if case .fixed(let extent) = dimension { extent == 1 } else { true }
      }
      if single { return value.reshaped(to: Shape(dimensions.map { _ in 1 })) }
    }
    var symbols: [String: Int] = [:]
    try check(value.shape, &symbols)
    return value
  }
}
