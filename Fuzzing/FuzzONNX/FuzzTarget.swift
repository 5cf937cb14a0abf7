import Glibc
import Graphs
import Meter
import OneDNN
import Tensors

/// libFuzzer's entry: reads the bytes as a network and asks of it all that commands ask before they compute; computes it
/// where that is cheap. Errors are fine. A trap, a sanitizer's report, more memory than `4 · bytes + 64 MiB` or a
/// time-out are findings.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  meter_start()
  let question = Question(bytes)
  let peak = meter_peak()
  if peak > 4 * count + 64 << 20 {
    print("\(peak >> 20) MiB for a file of \(count) bytes")
    abort()
  }
  question?.compute()
  return 0
}

/// A network that could be read, and its gradient.
private struct Question {
  let graph: Graph
  let gradient: Graph?
  let shapes: [TensorName: Shape]
  let inputShapes: [TensorName: Shape]

  init?(_ bytes: [UInt8]) {
    guard let graph = try? ONNXModel(bytes, from: "fuzz.onnx").graph else { return nil }
    var inputShapes: [TensorName: Shape] = [:]
    for input in graph.inputs { inputShapes[input.name] = Self.smallShape(of: input) }
    guard let resolved = try? graph.resolved(for: inputShapes),
      let shapes = try? resolved.shapes(for: inputShapes), let input = graph.inputs.first,
      let output = graph.outputs.first
    else { return nil }
    _ = resolved.receptiveFields(of: input.name, shapes: shapes)
    for node in resolved.nodes {
      _ = node.multiplyAccumulates(shapes)
      _ = node.parameterCount(in: resolved)
    }
    let simple = try? resolved.simplified()
    _ = try? simple?.shapes(for: inputShapes)
    gradient = try? simple?.gradient(of: output, withRespectTo: [input.name])
    if let gradient, let score = shapes[output] {
      _ = try? gradient.shapes(
        for: inputShapes.merging([Graph.seedName(output): score]) { first, _ in first })
    }
    self.graph = resolved
    self.shapes = shapes
    self.inputShapes = inputShapes
  }

  /// Runs the network and its gradient, if that takes milliseconds.
  func compute() {
    let work = graph.nodes.reduce(0.0) { $0 + Double($1.multiplyAccumulates(shapes)) }
    let elements = shapes.values.reduce(0.0) { $0 + Double($1.count) }
    guard work < 1e6, elements < 1e5, let output = graph.outputs.first, let input = graph.inputs.first else {
      return
    }
    let inputs = inputShapes.mapValues { shape in
      Tensor(shape, (0..<shape.count).map { Float($0 % 7) - 2.5 })
    }
    let network = Network(graph, threads: 1, memory: 1 << 28)
    _ = try? network.values(of: [output], at: inputs)
    guard gradient != nil, let score = try? network.shape(of: output, at: inputShapes) else { return }
    _ = try? network.gradients(
      of: output, seed: Tensor(score, repeating: 1), withRespectTo: [input.name], at: inputs)
  }

  /// What the file declares, and little where it leaves the extent open.
  private static func smallShape(of input: GraphInput) -> Shape {
    guard let dimensions = input.dimensions else { return [1, 8] }
    return Shape(
      dimensions.enumerated().map { axis, dimension in
        if case .fixed(let extent) = dimension { extent } else { axis == 0 ? 1 : 8 }
      })
  }
}
