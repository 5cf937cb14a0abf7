import Tensors

/// How fast this machine multiplies matrices: what all other work is held against.
public enum MachinePeak {
  private static let extent = 2048

  /// Multiplications followed by an addition in a second: the best of some products of two matrices of 2048 x 2048.
  public static func multiplyAccumulatesPerSecond(threads: Int) throws -> Double {
    var state: UInt32 = 1
    let weights = Tensor(unsafeUninitialized: [extent, extent]) { values in
      for place in values.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        values[place] = Float(state >> 8) / 0x1p24 - 0.5
      }
    }
    let product = try Graph(
      name: "peak", inputs: [GraphInput(name: "x", dimensions: nil)],
      nodes: [
        Node(
          name: "product", operation: MatrixProduct(kind: "MatMul"), inputs: ["x", "weights"], outputs: ["y"])
      ],
      constants: ["weights": weights], outputs: ["y"])
    let program = try Program(product, inputShapes: ["x": weights.shape], wanted: ["y"], threads: threads)
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<5 {
      let duration = try clock.measure { _ = try program.run(["x": weights]) }
      best = min(best, duration / .seconds(1))
    }
    return Double(extent * extent * extent) / best
  }
}
