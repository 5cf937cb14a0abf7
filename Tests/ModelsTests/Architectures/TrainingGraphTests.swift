import Audio
import Graphs
import Models
import Tensors
import Testing

/// The published networks, as they are trained.
struct TrainingGraphTests {
  @Test("Every weight of each network has a gradient", arguments: Architecture.allCases)
  func gradients(_ architecture: Architecture) throws {
    let file = try architecture.network(classes: 3, seed: 2)
    let graph = try file.model().graph
    let weights = file.trainable(in: graph).trainable
    let training = try graph.training(parameters: weights)
    let input = graph.inputs[0]
    let rows = 3
    var inputs = training.initialValues
    inputs[input.name] = noise(Shape([rows] + (input.dimensions ?? []).dropFirst().map { $0.fixedExtent }))
    if let seed = training.seed { inputs[seed] = Tensor([], [7]) }
    let results = try Evaluator(training.graph, threads: 2).gradients(
      of: "logits", seed: noise([rows, 3], seed: 3), withRespectTo: weights,
      alongside: training.averages.map(\.next), at: inputs)
    // The mean that a batch normalization takes off makes a bias before it useless.
    let normalised = Set(
      graph.nodes.filter { $0.kind == "BatchNormalization" }.compactMap { node in
        graph.producer(of: node.inputs[0]).flatMap {
          $0.kind == "Conv" && $0.inputs.count > 2 ? $0.inputs[2] : nil
        }
      })
    for (name, gradient) in zip(weights, results.gradients) {
      #expect(gradient.shape == graph.constants[name]?.shape, "\(name)")
      let values = gradient.values
      #expect(values.allSatisfy { $0.isFinite }, "\(name)")
      #expect(normalised.contains(name) || values.contains { $0 != 0 }, "\(name)")
    }
    // Each batch normalization hands on its statistics.
    let normalizations = graph.nodes.filter { $0.kind == "BatchNormalization" }.count
    #expect(results.values.count == 2 * normalizations)
    for (average, next) in zip(training.averages, results.values) {
      #expect(next != inputs[average.current], "\(average.current)")
    }
  }
}

extension Dimension {
  fileprivate var fixedExtent: Int { if case .fixed(let extent) = self { extent } else { 1 } }
}
