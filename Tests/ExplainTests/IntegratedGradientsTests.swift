import Explain
import Tensors
import TestSupport
import Testing

struct IntegratedGradientsTests {
  @Test("Input times gradient")
  func inputXGradient() throws {
    let function = Polynomial(6, seed: 3)
    let x = Tensor.random([2, 6], seed: 4)
    let gradient = try function.gradient(at: x)
    #expect(
      try InputXGradient().attribute(function, at: x).values == zip(x.values, gradient.values).map { $0 * $1 }
    )
  }

  // n points integrate polynomials up to degree 2n − 1 exactly; the gradient of a cubic has degree 2.
  @Test(
    "The exact share of each element of a cubic sum", arguments: [2, 3, 7, 16, 17, 50, 101], [Float(0), 0.5])
  func exact(steps: Int, baseline: Float) throws {
    let function = Polynomial(6, seed: 3)
    let x = Tensor.random([3, 2, 3], seed: 4)
    let ours = try IntegratedGradients(steps: steps, baseline: .constant(baseline)).attribute(function, at: x)
    #expect(ours.shape == x.shape)
    func term(_ i: Int, _ x: Float) -> Float {
      function.a[i] * x + function.b[i] * x * x + function.c[i] * x * x * x
    }
    for (place, value) in ours.values.enumerated() {
      #expect(abs(value - (term(place % 6, x.values[place]) - term(place % 6, baseline))) < 2e-6)
    }
  }

  @Test("Attributions of a network sum to what its score gained since the baseline")
  func completeness() throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 6, 5])
    file.add("Conv", ["x"], "maps", weights: [.random([4, 1, 3, 3], seed: 1)], ["pads": [1, 1, 1, 1]])
    file.add("Tanh", ["maps"], "layer")
    file.classify("layer", .random([4, 2], seed: 2))
    let score = try NetworkScore(file.network(), tensor: "logits", element: 1)
    let x = Tensor.random([3, 1, 6, 5], seed: 6)
    for baseline in [Float(0), -2] {
      let attribution = try IntegratedGradients(baseline: .constant(baseline)).attribute(score, at: x)
      let gained = try zip(score.scores(at: x), score.scores(at: Tensor(x.shape, repeating: baseline))).map {
        $0 - $1
      }
      for row in 0..<3 {
        #expect(abs(attribution.rows(row..<row + 1).values.reduce(0, +) - gained[row]) < 1e-5)
      }
    }
  }

  @Test(
    "With a tolerance the sum is what the score gained, however many kinks lie on the way",
    arguments: [0.01, 0.001])
  func tolerance(_ tolerance: Double) throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 6, 5])
    file.add("Conv", ["x"], "maps", weights: [.random([16, 1, 3, 3], seed: 1)], ["pads": [1, 1, 1, 1]])
    file.add("Relu", ["maps"], "open")
    file.add("Conv", ["open"], "more", weights: [.random([16, 16, 3, 3], seed: 7)], ["pads": [1, 1, 1, 1]])
    file.add("Relu", ["more"], "layer")
    file.classify("layer", .random([16, 2], seed: 2))
    let score = try NetworkScore(file.network(), tensor: "logits", element: 1)
    let x = Tensor.random([3, 1, 6, 5], seed: 6)
    let base = Tensor.random([3, 1, 6, 5], seed: 9)
    func misses(_ tolerance: Double?) throws -> [Double] {
      let method = IntegratedGradients(steps: 2, baseline: .given(base), tolerance: tolerance)
      let attribution = try method.attribute(score, at: x)
      return try (0..<3).map { row in
        let gain = try Double(score.scores(at: x)[row]) - Double(score.scores(at: base)[row])
        let sum = attribution.rows(row..<row + 1).values.reduce(0) { $0 + Double($1) }
        return abs(sum - gain) / abs(gain)
      }
    }
    #expect(try misses(nil).contains { $0 > 0.01 })
    #expect(try misses(tolerance).allSatisfy { $0 <= tolerance })
  }
}
