public import Tensors

extension Graph {
  /// What the graph's layers have learned: for each node that has a constant of two axes or more, in order, the names of
  /// all its constants.
  ///
  /// - Parameter shapes: of the inputs, for graphs that hang on them.
  public func layerWeights(at shapes: [TensorName: Shape]) throws(GraphError) -> [[TensorName]] {
    let graph = try resolved(for: shapes)
    return graph.nodes.compactMap { node in
      let own = node.inputs.filter { graph.constants[$0] != nil }
      return own.contains { (graph.constants[$0]?.shape.rank ?? 0) > 1 } ? own : nil
    }
  }

  /// The same graph after the values within each of these constants have changed places at random: what it has learned is
  /// gone, how large its weights are is not.
  ///
  /// Fisher and Yates' shuffle, from the last element to the first, by SplitMix64 beginning at `seed` for the first of
  /// `names` and going on for the next; the element at `place` is exchanged with number `draw mod (place + 1)`.
  public func shufflingWeights(_ names: [TensorName], at shapes: [TensorName: Shape], seed: UInt64)
    throws(GraphError) -> Graph
  {
    let graph = try resolved(for: shapes)
    var generator = SplitMix64(seed: seed)
    var shuffled: [TensorName: Tensor] = [:]
    for name in names where shuffled[name] == nil {
      guard var tensor = graph.constants[name], tensor.count > 1 else { continue }
      tensor.withUnsafeMutableValues { values in
        for place in (1..<values.count).reversed() {
          values.swapAt(place, Int(generator.next() % UInt64(place + 1)))
        }
      }
      shuffled[name] = tensor
    }
    return try replacingConstants(by: shuffled)
  }
}
