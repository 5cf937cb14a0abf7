import Graphs
import Tensors
import TestSupport
import Testing

struct KernelProfileTests {
  /// Attention of four heads, as PyTorch writes it.
  private func attention() -> ToyNetwork {
    var generator = SplitMix64(seed: 21)
    var toy = ToyNetwork([2, 24, 32])
    for name in ["q", "k", "v"] {
      toy.add("MatMul", ["x", toy.weight("w\(name)", generator.tensor([32, 32]))], name)
      toy.add("Reshape", [name, toy.constant("heads \(name)", [0, 0, 4, 8])], "\(name) apart")
      toy.add(
        "Transpose", ["\(name) apart"], "\(name) heads", ["perm": name == "k" ? [0, 2, 3, 1] : [0, 2, 1, 3]])
    }
    toy.add("MatMul", ["q heads", "k heads"], "products")
    toy.add("Softmax", ["products"], "weights", ["axis": -1])
    toy.add("MatMul", ["weights", "v heads"], "mixed")
    toy.add("Transpose", ["mixed"], "back", ["perm": [0, 2, 1, 3]])
    toy.add("Reshape", ["back", toy.constant("joined", [0, 0, 32])], "y")
    return toy
  }

  @Test("heads of attention are right, and read where they lie")
  func heads() throws {
    let toy = attention()
    try expectNaive(toy, rows: 2)
    try expectDifferences(toy, rows: 1, tolerance: 1e-3)
    let network = try toy.network()
    let x = toy.sample(rows: 2)
    let profile = try network.profiling { _ = try network.values(of: ["y"], at: x) }
    let products = profile.kernels.filter { $0.identity.kind.hasPrefix("MatMul") }
    #expect(products.count == 5)
    let copies = profile.kernels.filter { ["reorder", "Transpose"].contains($0.identity.kind) }
    // Older processors have kernels that want some of them plain.
    if products.allSatisfy({ $0.identity.implementation.hasPrefix("brg") }) {
      #expect(copies.isEmpty, "\(copies)")
    }
    #expect(copies.count <= 4)
  }

  @Test("every kernel is timed as often as it ran, with the arithmetic of its node")
  func profile() throws {
    let toy = attention()
    let network = try toy.network()
    let x = toy.sample(rows: 2)
    let before = network.multiplyAccumulates
    let profile = try network.profiling { for _ in 0..<3 { _ = try network.values(of: ["y"], at: x) } }
    #expect(profile.kernels.allSatisfy { $0.runs == 3 && $0.seconds > 0 && $0.identity.bytes > 0 })
    let work = profile.kernels.reduce(0) { $0 + $1.identity.multiplyAccumulates * $1.runs }
    #expect(work == network.multiplyAccumulates - before && work > 0)
    // Nobody asks any more.
    #expect(network.profiling {}.kernels.isEmpty)
  }
}
