import Graphs
import Tensors
import TestSupport
import Testing

/// A bound on the memory of intermediate results: kept, and without effect on the results.
struct MemoryBoundTests {
  private func network() throws -> ToyNetwork {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1, 3, 32, 32])
    toy.add(
      "Conv", ["x", toy.weight("w", generator.tensor([16, 3, 3, 3]))], "c", ["auto_pad": "SAME_UPPER"])
    toy.add("Relu", ["c"], "r")
    toy.add(
      "Conv", ["r", toy.weight("k", generator.tensor([16, 16, 3, 3]))], "d", ["auto_pad": "SAME_UPPER"])
    toy.add("Add", ["d", "r"], "sum")
    toy.add("GlobalAveragePool", ["sum"], "y")
    return toy
  }

  @Test("runs are cut until they fit", arguments: [1, 2], [1, 5, 16, 33])
  func bound(threads: Int, rows: Int) throws {
    let toy = try network()
    let graph = try toy.graph()
    let x = toy.sample(rows: rows)
    let seed = Tensor([rows, 16, 1, 1], repeating: 1)
    let free = Network(graph, threads: threads)
    let expected = try free.values(of: ["y"], at: x)[0]
    let slopes = try free.gradients(of: "y", seed: seed, withRespectTo: ["x"], at: x).gradients[0]

    // What one row takes, which depends on the kernels of the machine: its gradient takes more than its values.
    let single = Network(graph, threads: threads)
    _ = try single.gradients(
      of: "y", seed: Tensor([1, 16, 1, 1]), withRespectTo: ["x"], at: toy.sample(rows: 1))
    let least = single.arenaBytes
    // Room for one row, for some rows, for all.
    for memory in [least, least * 3, least * 100] {
      let bounded = Network(graph, threads: threads, memory: memory)
      #expect(distance(try bounded.values(of: ["y"], at: x)[0], Values(expected)) < 2e-6)
      #expect(bounded.arenaBytes > 0 && bounded.arenaBytes <= memory)
      let gradients = try bounded.gradients(of: "y", seed: seed, withRespectTo: ["x"], at: x).gradients[0]
      #expect(distance(gradients, Values(slopes)) < 2e-6)
      #expect(bounded.arenaBytes <= memory)
    }
  }

  @Test("where not even one row fits, the error says what is needed and what is allowed")
  func tooLittle() throws {
    let toy = try network()
    for threads in [1, 2] {
      let network = try Network(toy.graph(), threads: threads, memory: 10_000)
      let error = #expect(throws: GraphError.self) {
        _ = try network.values(of: ["y"], at: toy.sample(rows: 20))
      }
      guard case .memory(let needed, 10_000)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(needed > 10_000)
      #expect(error?.description.contains("allowed are 9.7 KiB") == true)
    }
  }

  @Test("a batch that cannot be cut, and a graph of fixed rows")
  func uncut() throws {
    var whole = ToyNetwork([1, 64])
    whole.add("Transpose", ["x"], "t", ["perm": [1, 0]])
    whole.add("Softmax", ["t"], "y", ["axis": 1])
    let x = whole.sample(rows: 64)
    let bounded = try Network(whole.graph(), threads: 2, memory: 1000)
    #expect(throws: GraphError.self) { _ = try bounded.evaluate(["y"], at: x) }

    var fixed = ToyNetwork([1, 3, 32, 32])
    fixed.inputs[0].dimensions[0] = 4
    fixed.add("Exp", ["x"], "e")
    fixed.add("Softmax", ["e"], "y")
    let rows = fixed.sample(rows: 12)
    let expected = try Network(try fixed.graph(), threads: 2).values(of: ["y"], at: rows)[0]
    // Room for one run at a time, though not for one a thread.
    let network = try Network(fixed.graph(), threads: 2, memory: 4 * 3 * 32 * 32 * 4 * 3)
    #expect(try network.values(of: ["y"], at: rows)[0] == expected)
    #expect(network.arenaBytes <= 4 * 3 * 32 * 32 * 4 * 3)
  }
}
