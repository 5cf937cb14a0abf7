import Explain
import Graphs
import Tensors
import TestSupport
import Testing

struct GradientMethodTests {
  @Test("Saliency is the gradient's magnitude; the signed one is the gradient")
  func saliency() throws {
    let function = Polynomial(6, seed: 1)
    let x = Tensor.random([2, 2, 3], seed: 9)
    let gradient = try function.gradient(at: x)
    #expect(gradient.values.contains { $0 < 0 } && gradient.values.contains { $0 > 0 })
    #expect(try Saliency(signed: true).attribute(function, at: x) == gradient)
    #expect(try Saliency().attribute(function, at: x) == Tensor(x.shape, gradient.values.map { abs($0) }))
  }

  /// `h = relu(x₀ + 2x₁... )`: two hidden units `(x₀ + 2x₁, −x₀ + x₁)`, two classes `h₀ − 2h₁` and `h₀ + 3h₁`.
  private func rectifier() throws -> Network {
    var file = HandmadeONNX(input: "x", ["N", 2])
    file.add("MatMul", ["x"], "hidden", weights: [Tensor([2, 2], [1, -1, 2, 1])])
    file.add("Relu", ["hidden"], "open")
    file.add("MatMul", ["open"], "logits", weights: [Tensor([2, 2], [1, 1, -2, 3])])
    return try file.network()
  }

  struct Case: Sendable {
    var method: AttributionMethod
    var x: [Float]
    var element: Int
    var expected: [Float]
  }

  private static let cases: [Case] = [
    // Both units open: (1, 2) − 2 (−1, 1).
    Case(method: .signedSaliency, x: [-1, 2], element: 0, expected: [3, 0]),
    Case(method: .saliency, x: [-1, 2], element: 0, expected: [3, 0]),
    // The negative gradient of the second unit does not pass.
    Case(method: .guidedBackpropagation, x: [-1, 2], element: 0, expected: [1, 2]),
    Case(method: .deconvolution, x: [-1, 2], element: 0, expected: [1, 2]),
    // The second unit shut: only deconvolution passes its gradient, (1, 2) + 3 (−1, 1).
    Case(method: .signedSaliency, x: [2, 1], element: 1, expected: [1, 2]),
    Case(method: .guidedBackpropagation, x: [2, 1], element: 1, expected: [1, 2]),
    Case(method: .deconvolution, x: [2, 1], element: 1, expected: [-2, 5]),
    Case(method: .saliency, x: [-1, 2], element: 1, expected: [2, 5]),
    Case(method: .signedSaliency, x: [-1, 2], element: 1, expected: [-2, 5]),
    // The first unit shut, the second open.
    Case(method: .guidedBackpropagation, x: [-3, 1], element: 0, expected: [0, 0]),
    Case(method: .deconvolution, x: [-3, 1], element: 0, expected: [1, 2]),
    Case(method: .signedSaliency, x: [-3, 1], element: 0, expected: [2, -2]),
  ]

  @Test("The rules for rectifiers, on a network small enough to do by hand", arguments: cases)
  func rules(_ wanted: Case) throws {
    let score = try NetworkScore(rectifier(), tensor: "logits", element: wanted.element)
    let attribution = try wanted.method.attribute(score, at: Tensor([1, 2], wanted.x), .init())
    #expect(attribution.values == wanted.expected)
  }

  // Element 1 of (x · y): ∂/∂x = y there, whatever x is; IG's share is x · y.
  @Test("One of two inputs is explained while the other is held")
  func severalInputs() throws {
    var file = HandmadeONNX(input: "x", ["N", 3])
    file.inputs.append(("y", ["N", 3]))
    file.add("Mul", ["x", "y"], "product")
    let network = try file.network()
    let (x, y) = (Tensor([2, 3], [1, 2, 3, 4, 5, 6]), Tensor([1, 3], [7, -8, 9]))
    let score = try NetworkScore(network, tensor: "product", element: 1, beside: ["y": y])
    #expect(try Saliency(signed: true).attribute(score, at: x).values == [0, -8, 0, 0, -8, 0])
    #expect(try score.scores(at: x) == [-16, -40])
    let shares = try IntegratedGradients(steps: 3).attribute(score, at: x).values
    #expect(zip(shares, [0, -16, 0, 0, -40, 0] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(throws: ExplainError.self) { try NetworkScore(network, tensor: "product", element: 1) }
  }

  @Test("Every method by its name; a row's attribution does not depend on its neighbours")
  func names() throws {
    #expect(Set(AttributionMethod.all.map(\.name)).count == AttributionMethod.all.count)
    for method in AttributionMethod.all { #expect(try AttributionMethod(named: method.name) == method) }
    var file = HandmadeONNX(input: "x", ["N", 1, 5, 4])
    file.add("Conv", ["x"], "maps", weights: [.random([3, 1, 3, 3], seed: 4)], ["pads": [1, 1, 1, 1]])
    file.add("Relu", ["maps"], "layer")
    file.classify("layer", .random([3, 2], seed: 5))
    let score = try NetworkScore(file.network(rowsPerRun: 2), tensor: "logits", element: 1)
    let x = Tensor.random([3, 1, 5, 4], seed: 6)
    var settings = AttributionMethod.Settings()
    settings.noise = .random([4, 1, 5, 4], seed: 7)
    settings.window = [2, 2]
    for method in AttributionMethod.all {
      let all = try method.attribute(score, at: x, settings)
      #expect(all.shape.count == x.shape.count && all.values.contains { $0 != 0 })
      for row in 0..<3 {
        let one = try method.attribute(score, at: x.rows(row..<row + 1), settings)
        // The same sums, perhaps by another kernel for another batch.
        #expect(largestDifference(all.rows(row..<row + 1), one) < 1e-6, "\(method)")
      }
    }
  }

  @Test("Questions that a network cannot answer")
  func errors() throws {
    let network = try rectifier()
    #expect(throws: GraphError.self) { try NetworkScore(network, tensor: "logit", element: 0) }
    for element in [2, -1] {
      let score = try NetworkScore(network, tensor: "logits", element: element)
      let x = Tensor([1, 2])
      for ask in [{ _ = try score.scores(at: x) }, { _ = try score.gradient(at: x) }] as [() throws -> Void] {
        let error = try #require(#expect(throws: ExplainError.self) { try ask() })
        #expect(
          error.description == "'logits' has 2 elements a row, there is no element \(element); choose 0 to 1")
      }
    }
    var file = HandmadeONNX(input: "x", ["N", 2])
    file.inputs.append(("y", ["N", 2]))
    file.add("Add", ["x", "y"], "sum")
    let both = try file.network()
    let error = try #require(
      #expect(throws: ExplainError.self) { try NetworkScore(both, tensor: "sum", element: 0) })
    #expect(error.description.contains("the model has 2 inputs (x, y)"))
  }
}
