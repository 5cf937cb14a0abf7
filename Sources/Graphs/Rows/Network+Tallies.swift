package import Tensors

extension Network {
  /// What flows back to `input` in one row by a rule of relevance, added up, and what is absorbed on the way.
  package func tallies(
    of score: TensorName, seed: Tensor, withRespectTo input: TensorName, rule: GradientRule,
    at inputs: [TensorName: Tensor]
  ) throws -> (atInput: Double, absorbed: [Absorber: Double]) {
    let survey = try survey(at: inputs.mapValues(\.shape))
    guard rows.capacity == .any || rows.capacity == .exactly(1) else {
      throw GraphError.noRows(score, rows: 1, shape: seed.shape)
    }
    var own: [TensorName: Tensor] = [:]
    for (name, tensor) in inputs { own[name] = tensor.inFileForm(rowsAlong: rows.axes[name] ?? nil) }
    own[Graph.seedName(score)] = seed.inFileForm(rowsAlong: survey.axis(of: score))
    let graph = try evaluator.resolved(for: fileShapes(at: inputs.mapValues(\.shape)))
      .simplified(keeping: [input, score])
      .gradient(of: score, withRespectTo: [input], rule: rule.tallying)
    let absorbers = Absorber.allCases.filter { graph.outputs.contains(Graph.absorbedName($0)) }
    let sums = try Evaluator(graph, threads: threads, memory: memory)
      .values(of: [Graph.gradientName(input)] + absorbers.map(Graph.absorbedName), at: own)
      .map { tensor in tensor.values.reduce(0.0) { $0 + Double($1) } }
    return (sums[0], Dictionary(zip(absorbers, sums.dropFirst())) { first, _ in first })
  }
}
