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

  /// This graph with more and more of its ``layerWeights(at:)`` shuffled, from the last layer's alone in even steps to
  /// all: in stage `k` of `s`, the last `⌈layers · k / s⌉`. The cascading randomisation of Adebayo et al., NeurIPS 2018.
  ///
  /// - Parameter stages: how many graphs to make; no more than there are layers. One shuffles all.
  /// - Returns: in each stage, how many layers were shuffled, and the graph.
  public func shufflingLayers(stages: Int, at shapes: [TensorName: Shape], seed: UInt64)
    throws(GraphError) -> [(layers: Int, graph: Graph)]
  {
    let layers = try layerWeights(at: shapes)
    let stages = max(1, min(stages, layers.count))
    var result: [(layers: Int, graph: Graph)] = []
    for stage in 1...stages {
      let count = stage == 1 && stages > 1 ? 1 : (layers.count * stage + stages - 1) / stages
      let names = Array(layers.suffix(count).joined())
      result.append((count, try shufflingWeights(names, at: shapes, seed: seed)))
    }
    return result
  }
}
