import Explain
import Graphs
import Tensors
import TestSupport
import Testing

/// What is made of many gradients: statistics over noise, paths from backgrounds, and other methods' gradients in them.
struct GradientCombinationTests {
  private let function = Polynomial(6, seed: 3)
  private let x = Tensor.random([2, 2, 3], seed: 4)
  private let noise = Tensor.random([9, 2, 3], seed: 5)

  private func samples(_ place: Int) -> [Double] {
    (0..<9).map {
      Double(function.derivative(place % 6, x.values[place] + noise.values[$0 * 6 + place % 6]))
    }
  }

  @Test("SmoothGrad squared is the mean of squares, VarGrad their variance")
  func statistics() throws {
    let squared = try SmoothGrad(noise: noise, statistic: .meanOfSquares).attribute(function, at: x)
    let variance = try SmoothGrad(noise: noise, statistic: .variance).attribute(function, at: x)
    for place in 0..<12 {
      let samples = samples(place)
      let mean = samples.reduce(0, +) / 9
      let expected = samples.reduce(0) { $0 + $1 * $1 } / 9
      // Nine squares of derivatives, which are themselves of a few operations.
      #expect(abs(Double(squared.values[place]) - expected) < Rounding.sum(of: 9 + 8) * max(1, expected))
      #expect(
        abs(Double(variance.values[place]) - samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9) < 1e-5)
    }
  }

  @Test("Over noise, any method of one gradient")
  func tunnels() throws {
    let ours = try SmoothGrad(noise: noise).of(InputXGradient()).attribute(function, at: x)
    for place in 0..<12 {
      let expected = zip(0..<9, samples(place)).reduce(0) {
        $0 + Double(x.values[place] + noise.values[$1.0 * 6 + place % 6]) * $1.1 / 9
      }
      #expect(abs(Double(ours.values[place]) - expected) < 1e-6)
    }
  }

  @Test("Expected gradients of a cubic are the mean of the exact shares")
  func expectedGradients() throws {
    let backgrounds = Tensor.random([3, 2, 3], seed: 8)
    let ours = try ExpectedGradients(backgrounds: backgrounds, samples: 3000).attribute(function, at: x)
    func term(_ i: Int, _ x: Float) -> Float {
      function.a[i] * x + function.b[i] * x * x + function.c[i] * x * x * x
    }
    for place in 0..<12 {
      let expected = (0..<3).reduce(Float(0)) { sum, background in
        sum
          + (term(place % 6, x.values[place])
            - term(place % 6, backgrounds.values[background * 6 + place % 6])) / 3
      }
      // A thousand evenly spread points for each background: the error of a sum of n such terms falls as log n / n.
      #expect(abs(ours.values[place] - expected) < 0.01)
    }
    #expect(throws: ExplainError.self) {
      try ExpectedGradients(backgrounds: Tensor([3, 3, 2])).attribute(function, at: x)
    }
    #expect(throws: ExplainError.self) {
      try ExpectedGradients(backgrounds: Tensor([0, 2, 3])).attribute(function, at: x)
    }
  }

  /// `relu` of two units, as in GradientMethodTests, so that guided gradients differ from true ones.
  private func score() throws -> NetworkScore {
    var file = HandmadeONNX(input: "x", ["N", 2])
    file.add("MatMul", ["x"], "hidden", weights: [Tensor([2, 2], [1, -1, 2, 1])])
    file.add("Relu", ["hidden"], "open")
    file.add("MatMul", ["open"], "logits", weights: [Tensor([2, 2], [1, 1, -2, 3])])
    return try NetworkScore(file.network(), tensor: "logits", element: 0)
  }

  @Test("Methods put together by name")
  func names() throws {
    let score = try score()
    let x = Tensor([1, 2], [-1, 2])
    var settings = AttributionMethod.Settings()
    settings.noise = Tensor([2, 2], [0, 0, -4, 0])
    // Guided gradients at (−1, 2) and (−5, 2): (1, 2) with both units open, (0, 0) with the first shut.
    let smooth = try AttributionMethod(named: "guided-backprop+smoothgrad")
    #expect(
      smooth.name == "guided-backprop+smoothgrad" && smooth.title == "SmoothGrad of guided backpropagation")
    #expect(try smooth.attribute(score, at: x, settings).values == [0.5, 1])
    #expect(
      try AttributionMethod(named: "guided-backprop+vargrad").attribute(score, at: x, settings).values == [
        0.25, 1,
      ])
    // Along the path from 0 both units are open all the way.
    let integrated = try AttributionMethod(named: "guided-backprop+integrated-gradients")
    let shares = try integrated.attribute(score, at: x, settings).values
    #expect(abs(shares[0] + 1) < 1e-6 && abs(shares[1] - 4) < 1e-6)
    for wrong in [
      "gradcam", "", "+", "saliency+", "+smoothgrad", "grad-cam+smoothgrad", "occlusion+smoothgrad",
      "smoothgrad+smoothgrad", "input-x-gradient+integrated-gradients", "saliency+saliency",
      "saliency+smoothgrad+vargrad",
    ] {
      #expect(throws: ExplainError.self, "\(wrong)") { try AttributionMethod(named: wrong) }
    }
  }

  @Test("One class rather than another: the difference of their scores, and of their gradients")
  func contrast() throws {
    let network = try score().network
    let both = try NetworkScore(network, tensor: "logits", element: 0, against: 1)
    let single = try (0..<2).map { try NetworkScore(network, tensor: "logits", element: $0) }
    let x = Tensor([2, 2], [-1, 2, 2, 1])
    #expect(try both.scores(at: x) == zip(single[0].scores(at: x), single[1].scores(at: x)).map { $0 - $1 })
    let gradients = try single.map { try $0.gradient(at: x).values }
    #expect(try both.gradient(at: x).values == zip(gradients[0], gradients[1]).map { $0 - $1 })
    #expect(throws: ExplainError.self) {
      try NetworkScore(network, tensor: "logits", element: 0, against: 2).scores(at: x)
    }
  }
}
