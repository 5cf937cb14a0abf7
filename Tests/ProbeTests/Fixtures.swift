import Graphs
import Probe
import TestSupport
import Tensors

/// A network made by hand.
func network(_ file: HandmadeONNX) throws -> Network {
  Network(try ONNXModel(file.bytes, from: "toy.onnx").graph, threads: 1)
}

/// `score = flattened x · w`, of a row of 12 numbers in 3 frames of 4 bands.
func linear(_ weights: [Float]) throws -> Network {
  var file = HandmadeONNX(input: "x", ["N", 3, 4])
  file.add("Flatten", ["x"], "flat")
  file.add("MatMul", ["flat"], "score", weights: [Tensor([weights.count, 1], weights)])
  return try network(file)
}

/// Seeded numbers around 0.
func numbers(_ shape: Shape, seed: UInt64 = 3) -> Tensor {
  var bits = SplitMix64(seed: seed)
  return Tensor(shape, (0..<shape.count).map { _ in Float.random(in: -1...1, using: &bits) })
}

/// A canvas of arrays that an ascent begins with zeros on.
func canvas(_ input: TensorName = "x", row: [Int], rows: Int = 1, start: Tensor? = nil) -> Canvas {
  let lens = ArrayLens(row: row)
  return Canvas(input, shape: lens.canvas, lens: lens, start: start ?? Tensor(lens.canvas.tensor(rows: rows)))
}
