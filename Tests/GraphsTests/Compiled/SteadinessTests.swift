import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// Networks that are asked by several at once, and often.
struct SteadinessTests {
  private static let golden =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    + "/Golden"

  /// A network of an exporter's with its inputs, and what is asked of it.
  private struct Asked: Sendable {
    let network: Network
    let inputs: [TensorName: Tensor]
    let seed: Tensor

    init(_ name: String, arrays: String, threads: Int) throws {
      network = Network(
        try ONNXModel(contentsOf: "\(SteadinessTests.golden)/\(name).onnx").graph, threads: threads)
      let known = try NumPy.readArchive("\(SteadinessTests.golden)/\(arrays).npz").dictionary
      inputs = known.filter { $0.key.hasPrefix("x") }
      var generator = SplitMix64(seed: 4)
      seed = generator.tensor(try #require(known["y"]).shape)
    }

    func answers() throws -> [Tensor] {
      let output = network.graph.outputs[0]
      let values = try network.values(of: [output], at: inputs)
      let (gradients, alongside) = try network.gradients(
        of: output, seed: seed, withRespectTo: [network.graph.inputs[0].name], alongside: [output], at: inputs
      )
      return values + gradients + alongside
    }
  }

  /// Convolutions and a GRU; attention, normalizations and products; reductions; a network of two inputs.
  @Test("two at once give the bits of one after the other", arguments: [1, 2])
  func twoAtOnce(threads: Int) async throws {
    let asked = try [
      ("crnn-gru.dynamo", "crnn-gru"), ("conformer.dynamo", "conformer"), ("cnn14.dynamo", "cnn14"),
      ("siamese.dynamo", "siamese"),
    ].map { try Asked($0.0, arrays: $0.1, threads: threads) }
    let alone = try asked.map { try $0.answers() }
    for turn in 0..<12 {
      // Each beside the next, and in the last turns beside itself: one network, two callers.
      let places = (0..<asked.count).map { ($0, turn < 9 ? ($0 + 1 + turn % 3) % asked.count : $0) }
      for (first, second) in places {
        async let one = asked[first].answers()
        async let other = asked[second].answers()
        let (found, beside) = try await (one, other)
        #expect(found == alone[first])
        #expect(beside == alone[second])
      }
    }
  }

  /// In a process of its own, as other tests take memory meanwhile.
  ///
  /// Batches of one to ten rows in turns, four questions about each. The first 1,000 rounds fill
  /// what is kept on purpose: programs, oneDNN's kernels, the heap's pools. In the 9,000 after them, 100 bytes lost in each
  /// round would be 900 kB; what the heap takes besides was 135 kB.
  @Test("ten thousand rounds of questions leave the memory as it was")
  func steadyMemory() async throws {
    await #expect(processExitsWith: .success) {
      let rounds = try Rounds()
      for round in 0..<1000 { try rounds.run(round) }
      let before = try residentBytes()
      for round in 1000..<10_000 { try rounds.run(round) }
      let growth = try residentBytes() - before
      guard growth < 900_000 else { throw GraphError.malformed("the process grew by \(growth) bytes") }
    }
  }
}

/// A small network of convolutions, a GRU and a product, and rounds of questions to it.
private struct Rounds {
  private let network: Network
  /// Inputs and seeds of one row, of two, and so on.
  private let batches: [(inputs: [TensorName: Tensor], seed: Tensor)]
  /// Rows that differ from `base` in places.
  private let changed: [Tensor]
  private let base: Tensor

  init() throws {
    var generator = SplitMix64(seed: 6)
    var toy = ToyNetwork([1, 2, 8])
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([4, 2, 3]))], "c", ["pads": [1, 1]])
    toy.add("Relu", ["c"], "r")
    toy.add("Transpose", ["r"], "t", ["perm": [2, 0, 1]])
    toy.add(
      "GRU",
      [
        "t", toy.weight("W", generator.tensor([1, 9, 4])), toy.weight("R", generator.tensor([1, 9, 3])),
        toy.weight("B", generator.tensor([1, 18])),
      ], "g", ["hidden_size": 3])
    toy.add("Squeeze", ["g", toy.constant("direction", [1])], "s")
    toy.add("ReduceMean", ["s"], "m", ["axes": [0], "keepdims": 0])
    toy.add("MatMul", ["m", toy.weight("matrix", generator.tensor([3, 2]))], "y")
    network = try toy.rowNetwork()
    let base = generator.tensor([1, 2, 8])
    self.base = base
    batches = (1...10).map { rows in
      (["x": generator.tensor([rows, 2, 8])], generator.tensor([rows, 2]))
    }
    changed = (1...10).map { rows in
      var changed = Tensor(joining: [Tensor](repeating: base, count: rows))
      for row in 0..<rows { changed[row, 1, 3] += Float(row) }
      return changed
    }
  }

  func run(_ round: Int) throws {
    let (x, seed) = batches[round % batches.count]
    _ = try network.values(of: ["y"], at: x)
    _ = try network.values(of: ["r", "m"], at: x)
    _ = try network.gradients(of: "y", seed: seed, withRespectTo: ["x"], alongside: ["y"], at: x)
    _ = try network.values(of: ["r"], at: changed[round % changed.count], differingFrom: base)
  }
}

/// VmRSS of this process.
private func residentBytes() throws -> Int {
  let file = try #require(fopen("/proc/self/status", "r"))
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, Int32(line.count), file) != nil {
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard text.hasPrefix("VmRSS:") else { continue }
    return (text.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
  throw GraphError.malformed("no VmRSS")
}
