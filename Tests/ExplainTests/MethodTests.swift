import Explain
import Tensors
import Testing

/// `score(x) = Σ weightᵢ · xᵢ²`, so `∂score/∂xᵢ = 2 · weightᵢ · xᵢ`.
private struct Parabola: ScoreFunction {
  let weights: [Float]

  func scores(at x: Tensor) throws -> [Float] {
    (0..<x.shape[0]).map { row in
      zip(weights, x.rows(row..<row + 1).values).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    }
  }

  func gradient(at x: Tensor) throws -> Tensor {
    Tensor(x.shape, x.values.enumerated().map { 2 * weights[$0 % weights.count] * $1 })
  }
}

@Suite("Methods on functions whose answer is known")
struct MethodTests {
  private let function = Parabola(weights: [1, -2, 0.5])
  private let x = Tensor([2, 3], [1, 2, -3, 0.5, -1, 4])

  @Test("Saliency is the gradient's magnitude; signed, the gradient")
  func saliency() throws {
    #expect(try Saliency().attribute(function, at: x).values == [2, 8, 3, 1, 4, 4])
    #expect(try Saliency(signed: true).attribute(function, at: x).values == [2, -8, -3, 1, 4, 4])
  }

  @Test("SmoothGrad with given noise is the plain mean of the gradients")
  func smoothGradWithNoise() throws {
    let noise = Tensor([4, 3], (0..<12).map { Float($0 * 7 % 5) - 2 })
    var expected = [Float](repeating: 0, count: 6)
    for row in 0..<2 {
      for sample in 0..<4 {
        for place in 0..<3 {
          let value = x[row, place] + noise[sample, place]
          expected[row * 3 + place] += 2 * function.weights[place] * value / 4
        }
      }
    }
    let result = try SmoothGrad(noise: noise).attribute(function, at: x)
    // Four additions in single precision.
    #expect(zip(result.values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("Drawn noise repeats with its seed, differs with another, and has the asked-for spread")
  func drawnNoise() throws {
    let flat = Tensor([1, 3], [0, 0, 0])
    func mean(_ seed: UInt64) throws -> [Float] {
      try SmoothGrad(samples: 20_000, sigma: .absolute(0.5), seed: seed).attribute(function, at: flat).values
    }
    #expect(try mean(1) == mean(1))
    #expect(try mean(1) != mean(2))
    // The mean of 20 000 draws has a standard deviation of 2·w·σ/√n = 0.007·w; five of them are never seen.
    #expect(try zip(mean(3), function.weights).allSatisfy { abs($0) < 0.036 * abs($1) })
    #expect(SmoothGrad(sigma: .relative(0.15)).absoluteSigma(for: Tensor([1, 2], [-1, 3])) == 0.6)
  }

  @Test("Noise of another shape is refused")
  func wrongNoise() {
    #expect(throws: ExplainError.self) {
      try SmoothGrad(noise: Tensor([4, 2])).attribute(function, at: x)
    }
  }

  @Test("Grad-CAM equals the loop of its definition", arguments: [[2, 3, 4, 5], [3, 2, 7]])
  func gradCAM(shape: [Int]) {
    let shape = Shape(shape)
    let values = Tensor(shape, (0..<shape.count).map { Float($0 * 37 % 19) / 7 - 1 })
    let gradients = Tensor(shape, (0..<shape.count).map { Float($0 * 53 % 23) / 9 - 1.2 })
    let places = shape.dimensions.dropFirst(2).reduce(1, *)
    var expected: [Double] = []
    for row in 0..<shape[0] {
      for place in 0..<places {
        var sum = 0.0
        for channel in 0..<shape[1] {
          let start = (row * shape[1] + channel) * places
          let weight = gradients.values[start..<start + places].reduce(0) { $0 + Double($1) } / Double(places)
          sum += weight * Double(values.values[start + place])
        }
        expected.append(sum)
      }
    }
    let raw = GradCAM(rectified: false).weigh(values, gradients)
    #expect(raw.shape.dimensions == [shape[0], 1] + shape.dimensions.dropFirst(2))
    // Some dozen additions of numbers near 1 in single precision.
    #expect(zip(raw.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    #expect(GradCAM().weigh(values, gradients).values == raw.values.map { max(0, $0) })
  }
}
