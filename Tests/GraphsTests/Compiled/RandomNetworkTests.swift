import Graphs
import Tensors
import TestSupport
import Testing

/// Random networks: whatever is wanted of them, and so whatever is fused and wherever results lie, it is the same.
struct RandomNetworkTests {
  @Test("every tensor is what the loops say, asked for alone or with any others", arguments: 0..<40)
  func values(seed: Int) throws {
    let toy = ToyNetwork.random(size: 12, seed: UInt64(seed))
    let inputs = toy.sample(rows: 2)
    let oracle = naive(toy, at: inputs.mapValues { Values($0) })
    let network = try toy.network()
    var generator = SplitMix64(seed: UInt64(seed) &+ 1000)
    let all = ["x"] + toy.operations.map(\.output)
    var questions = [all, [toy.result]]
    for _ in 0..<3 { questions.append(all.filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }) }
    for wanted in questions {
      for (name, value) in zip(wanted, try network.values(of: wanted, at: inputs)) {
        // Rounding grows with the depth: a dozen layers of sums.
        #expect(distance(value, try #require(oracle[name])) < 2e-5, "\(name) of \(wanted)")
      }
    }
  }

  @Test("gradients are difference quotients, at every tensor on the way", arguments: 0..<20)
  func gradients(seed: Int) throws {
    let toy = ToyNetwork.random(size: 9, seed: UInt64(seed), ties: false)
    let wanted = try toy.tensorsBeforeResult()
    // Gradients that cancel are judged by their own length: more of the terms' rounding shows.
    try expectDifferences(toy, withRespectTo: wanted, tolerance: 2e-4)
  }

  @Test(
    "gradients asked for together are those asked for one by one, and leave values alone", arguments: 20..<50)
  func together(seed: Int) throws {
    let toy = ToyNetwork.random(size: 12, seed: UInt64(seed))
    let inputs = toy.sample(rows: 2)
    let network = try toy.network()
    let wanted = try toy.tensorsBeforeResult()
    let all = ["x"] + toy.operations.map(\.output)
    var generator = SplitMix64(seed: UInt64(seed))
    let shape = try network.shape(of: toy.result, at: inputs.mapValues(\.shape))
    let weights = generator.tensor(shape)
    let values = try network.values(of: all, at: inputs)
    let together = try network.gradients(
      of: toy.result, seed: weights, withRespectTo: wanted, alongside: all, at: inputs)
    // What is fused differs, and with it the order of roundings.
    for (name, (a, b)) in zip(all, zip(together.values, values)) {
      #expect(distance(a, Values(b)) < 2e-5, "\(name)")
    }
    for (name, gradient) in zip(wanted, together.gradients) {
      let alone = try network.gradients(of: toy.result, seed: weights, withRespectTo: [name], at: inputs)
        .gradients[0]
      #expect(distance(gradient, Values(alone)) < 2e-5, "∂/∂\(name)")
    }
  }
}

extension ToyNetwork {
  /// The tensors that the result depends on, itself included.
  fileprivate func tensorsBeforeResult() throws -> [TensorName] {
    var needed: Set<TensorName> = [result]
    for operation in operations.reversed() where needed.contains(operation.output) {
      needed.formUnion(operation.inputs)
    }
    return (["x"] + operations.map(\.output)).filter(needed.contains)
  }
}
