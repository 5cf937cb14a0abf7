import Graphs
import Tensors
import TestSupport
import Testing

/// Files made to do harm, or merely broken: always a graph or an error, and what such a graph is asked ends the same
/// way. A trap would end the test run.
struct HostileFileTests {
  private static let numbers: [Int] = [
    .min, .min + 1, -1 << 40, -2, -1, 0, 1, 2, 3, 12, 13, 255, 1 << 20, 1 << 31, 1 << 40, 1 << 62, .max - 1,
    .max,
  ]

  /// Reads the file and asks of the graph all that commands ask before they compute; computes it if it is small.
  private func exercise(_ bytes: [UInt8]) {
    guard let graph = try? ONNXModel(bytes, from: "fuzz.onnx").graph else { return }
    guard let simple = try? graph.simplified() else { return }
    guard let output = graph.outputs.first, let input = graph.inputs.first else { return }
    _ = try? graph.gradient(of: output, withRespectTo: [input.name])
    var shapes: [TensorName: Shape] = [:]
    for input in graph.inputs { shapes[input.name] = try? input.shape(batch: 1) }
    guard let all = try? simple.shapes(for: shapes), let original = try? graph.shapes(for: shapes) else {
      return
    }
    for node in graph.nodes {
      let outputs = node.outputs.compactMap { original[$0] }
      _ = node.operation.multiplyAccumulates(inputs: node.inputs.map { original[$0] }, outputs: outputs)
    }
    _ = graph.receptiveFields(of: input.name, shapes: original)
    // The reach of a window is not limited by its result: a kernel of 2^20 in as much padding is slow, not wrong.
    let work = graph.nodes.reduce(0.0) { sum, node in
      let macs = node.operation.multiplyAccumulates(
        inputs: node.inputs.map { original[$0] }, outputs: node.outputs.compactMap { original[$0] })
      return sum + Double(macs)
    }
    guard work < 1e6, all.values.reduce(0, { $0 + min($1.count, 1 << 20) }) < 1 << 16 else { return }
    let inputs = shapes.mapValues { Tensor($0, repeating: 0.5) }
    let network = Evaluator(graph, threads: 1)
    _ = try? network.values(of: [output], at: inputs)
    guard let score = all[output] else { return }
    _ = try? network.gradients(of: output, seed: Tensor(score), withRespectTo: [input.name], at: inputs)
  }

  @Test("random bytes")
  func noise() {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<4000 {
      exercise(
        (0..<Int.random(in: 1...200, using: &generator)).map { _ in .random(in: 0...255, using: &generator) })
    }
  }

  @Test("a good file with bytes changed, cut out and put in", arguments: 0..<4)
  func mutations(seed: Int) throws {
    let good = try ReadingTests.everyOperator().bytes()
    var generator = SplitMix64(seed: UInt64(seed))
    for _ in 0..<1000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = .random(in: 0...255, using: &generator)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes.remove(at: place)
        default: bytes.insert(.random(in: 0...255, using: &generator), at: place)
        }
      }
      exercise(bytes)
    }
  }

  @Test("a good network with hostile numbers in its attributes, operands and shapes", arguments: 0..<4)
  func numbers(seed: Int) throws {
    let good = try ReadingTests.everyOperator()
    var generator = SplitMix64(seed: UInt64(seed) &+ 100)
    for _ in 0..<1000 {
      var toy = good
      toy.opset = [7, 11, 13, 17].randomElement(using: &generator) ?? 17
      for _ in 0..<Int.random(in: 1...2, using: &generator) { toy.harm(&generator, Self.numbers) }
      exercise(toy.bytes())
    }
  }

  @Test("operands exchanged at random")
  func wiring() throws {
    let good = try ReadingTests.everyOperator()
    var generator = SplitMix64(seed: 200)
    let names = good.operations.map(\.output) + good.weights.keys.sorted() + ["x", "", "axes", "shape"]
    for _ in 0..<3000 {
      var toy = good
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<toy.operations.count, using: &generator)
        let name = names.randomElement(using: &generator) ?? "x"
        let operand = Int.random(in: 0..<toy.operations[place].inputs.count, using: &generator)
        toy.operations[place].inputs[operand] = name
      }
      exercise(toy.bytes())
    }
  }

  @Test("nodes of every kind with no operands, too many, and none of their attributes")
  func bare() {
    let kinds = [
      "Conv", "BatchNormalization", "Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "Exp", "Log", "Sqrt",
      "Abs", "Neg",
      "Clip", "Softmax", "LogSoftmax", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "Gemm",
      "MatMul", "Add", "Sub", "Mul", "Div", "Identity", "Dropout", "Flatten", "Squeeze", "Unsqueeze",
      "Reshape",
      "Transpose", "Constant", "ConvTranspose", "LpPool", "GlobalLpPool", "InstanceNormalization",
      "GroupNormalization", "LayerNormalization", "LpNormalization", "LRN", "MeanVarianceNormalization",
    ]
    for kind in kinds {
      for count in 0...6 {
        for shape in [[1], [1, 3], [1, 3, 4], [1, 3, 4, 4]] {
          var toy = ToyNetwork(shape)
          _ = toy.weight("w", Tensor([3], repeating: 1))
          toy.add(kind, Array(["x", "w", "w", "w", "w", "w"].prefix(count)))
          exercise(toy.bytes())
        }
      }
    }
  }

  @Test("a graph nested a thousand deep")
  func nested() {
    var bytes: [UInt8] = []
    for _ in 0..<1000 {
      // An attribute (5) of a node (1) holds a graph (6).
      var node = ProtobufWriter()
      node.message(1) { $0.message(5) { $0.data(6, bytes) } }
      bytes = node.bytes
    }
    var file = ProtobufWriter()
    file.data(7, bytes)
    #expect(throws: ONNXError.self) { _ = try ONNXModel(file.bytes, from: "deep.onnx") }
  }
}

extension ToyNetwork {
  /// Replaces one number by another.
  fileprivate mutating func harm(_ generator: inout SplitMix64, _ numbers: [Int]) {
    let number = numbers.randomElement(using: &generator) ?? 0
    func replace(in values: inout [Int]) {
      guard !values.isEmpty, Int.random(in: 0..<8, using: &generator) > 0 else {
        return values.append(number)
      }
      values[Int.random(in: 0..<values.count, using: &generator)] = number
    }
    switch Int.random(in: 0..<5, using: &generator) {
    case 0:
      guard let name = integers.keys.sorted().randomElement(using: &generator) else { return }
      replace(in: &integers[name, default: []])
    case 1:
      inputs[0].dimensions[Int.random(in: 0..<inputs[0].dimensions.count, using: &generator)] = number
    default:
      let place = Int.random(in: 0..<operations.count, using: &generator)
      let names = [
        "axis", "group", "strides", "dilations", "pads", "kernel_shape", "perm", "axes", "ceil_mode",
        "transA",
      ]
      let name = names.randomElement(using: &generator) ?? "axis"
      switch operations[place].attributes[name] {
      case .integers(var values)?:
        replace(in: &values)
        operations[place].attributes[name] = .integers(values)
      case nil where ["strides", "dilations", "pads", "kernel_shape", "axes"].contains(name):
        operations[place].attributes[name] = [number, 1]
      default: operations[place].attributes[name] = .integer(number)
      }
    }
  }
}
