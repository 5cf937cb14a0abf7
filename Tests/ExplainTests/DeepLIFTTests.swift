import Audio
import Explain
import Graphs
import Models
import Tensors
import TestSupport
import Testing

struct DeepLIFTTests {
  // Hidden: (x₀ + 2x₁, −x₀ + x₁); logit: relu(h₀) − 2 relu(h₁). From (0, −1) to (2, 1): h₀ from −2 to 4, relu +4 of +6;
  // h₁ from −1 to −1, which does not change and is shut. So m = ⅔ · (1, 2), and the shares are 4/3 and 8/3.
  @Test("By hand: the rescale rule at two rectifiers")
  func byHand() throws {
    var file = HandmadeONNX(input: "x", ["N", 2])
    file.add("MatMul", ["x"], "hidden", weights: [Tensor([2, 2], [1, -1, 2, 1])])
    file.add("Relu", ["hidden"], "open")
    file.add("MatMul", ["open"], "logits", weights: [Tensor([2, 1], [1, -2])])
    let score = try NetworkScore(file.network(), tensor: "logits", element: 0)
    let method = DeepLIFT(baseline: .given(Tensor([1, 2], [0, -1])))
    let found = try method.attribute(score, at: Tensor([2, 2], [2, 1, 0, -1])).values
    for (a, b) in zip(found, [4.0 / 3, 8.0 / 3, 0, 0] as [Float]) { #expect(abs(a - b) < 1e-6) }
  }

  // The maximum rises from 3, at the last place, to 5, at the first: its winner at x has +2. Nothing is left for the
  // winner at the baseline. Backwards, from 5 to 3, the first place takes the whole loss.
  @Test("By hand: a maximum pooling")
  func maximum() throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 1, 2])
    file.add("MaxPool", ["x"], "maximum", ["kernel_shape": [1, 2]])
    file.add("Flatten", ["maximum"], "logits")
    let score = try NetworkScore(file.network(), tensor: "logits", element: 0)
    let (a, b) = (Tensor([1, 1, 1, 2], [5, 1]), Tensor([1, 1, 1, 2], [2, 3]))
    #expect(try DeepLIFT(baseline: .given(b)).attribute(score, at: a).values == [2, 0])
    #expect(try DeepLIFT(baseline: .given(a)).attribute(score, at: b).values == [-2, 0])
  }

  @Test("The shares sum to the difference of the scores, whatever stands between")
  func completeness() throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 6, 6])
    file.add("Conv", ["x"], "a", weights: [.random([3, 1, 3, 3], seed: 1), .random([3], seed: 2)])
    file.add("LeakyRelu", ["a"], "b")
    file.add("MaxPool", ["b"], "c", ["kernel_shape": [3, 3], "strides": [1, 1]])
    file.add("GlobalAveragePool", ["c"], "d")
    file.add("Conv", ["d"], "e", weights: [.random([3, 3, 1, 1], seed: 3)])
    file.add("Sigmoid", ["e"], "gate")
    file.add("Mul", ["c", "gate"], "f")
    file.add("Tanh", ["f"], "g")
    file.classify("g", .random([3, 2], seed: 4))
    let network = try file.network(rowsPerRun: 2)
    let (x, start) = (Tensor.random([5, 1, 6, 6], seed: 5), Tensor.random([5, 1, 6, 6], seed: 6))
    let score = try NetworkScore(network, tensor: "logits", element: 1)
    let shares = try DeepLIFT(baseline: .given(start)).attribute(score, at: x)
    let differences = zip(try score.scores(at: x), try score.scores(at: start)).map { $0 - $1 }
    for (row, difference) in differences.enumerated() {
      #expect(abs(shares.rows(row..<row + 1).values.reduce(0, +) - difference) < 1e-5)
      let alone = try DeepLIFT(baseline: .given(start.rows(row..<row + 1)))
        .attribute(score, at: x.rows(row..<row + 1))
      #expect(largestDifference(alone, shares.rows(row..<row + 1)) < 1e-6)
    }
  }

  @Test("On YAMNet, a clip's shares sum to the difference from silence")
  func yamnet() throws {
    let model = try Bundled.yamnet()
    let logMel = try model.listen(to: Bundled.sound("dog.mp3")).logMel
    let clip = logMel.reshaped(to: Shape([1] + logMel.shape.dimensions))
    let score = ClipScore(model, score: try NetworkScore(model.network, tensor: model.logits, element: 69))
    let silence = Baseline.constant(model.frontEnd.silence)
    let total = try DeepLIFT(baseline: silence).attribute(score, at: clip).values.reduce(0) {
      $0 + Double($1)
    }
    let expected =
      Double(try score.scores(at: clip)[0]) - Double(try score.scores(at: silence.rows(like: clip))[0])
    #expect(abs(total - expected) < 1e-3 * abs(expected), "\(total) of \(expected)")
  }

  @Test("A score that does not show its operations cannot be compared so")
  func unknown() {
    #expect(throws: ExplainError.self) {
      try DeepLIFT().attribute(Polynomial(4, seed: 1), at: Tensor([1, 4]))
    }
  }
}
