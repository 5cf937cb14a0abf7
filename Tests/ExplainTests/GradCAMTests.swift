import Explain
import Graphs
import Tensors
import TestSupport
import Testing

struct GradCAMTests {
  /// Two channels, `relu(x)` and `relu(−x)`, averaged; class 0 is `4 − 4`, class 1 `0 + 8` of them.
  private func network() throws -> Network {
    var file = HandmadeONNX(input: "x", ["N", 1, 2, 2])
    file.add("Conv", ["x"], "maps", weights: [Tensor([2, 1, 1, 1], [1, -1])])
    file.add("Relu", ["maps"], "layer")
    file.classify("layer", Tensor([2, 2], [4, 0, -4, 8]))
    return try file.network()
  }

  struct Case: Sendable {
    var element: Int
    var rectified: Bool
    var expected: [Float]
  }

  // The channels of x = (1 −2; 3 0) are (1 0; 3 0) and (0 2; 0 0); the mean over four places makes the weights of class
  // 0 one and minus one, those of class 1 nought and two.
  private static let cases: [Case] = [
    Case(element: 0, rectified: true, expected: [1, 0, 3, 0]),
    Case(element: 0, rectified: false, expected: [1, -2, 3, 0]),
    Case(element: 1, rectified: true, expected: [0, 4, 0, 0]),
    Case(element: 1, rectified: false, expected: [0, 4, 0, 0]),
  ]

  @Test("Exact on a hand-made network", arguments: cases)
  func byHand(_ wanted: Case) throws {
    let score = try NetworkScore(network(), tensor: "logits", element: wanted.element)
    // A second row, without places that speak for either class.
    let x = Tensor([2, 1, 2, 2], [1, -2, 3, 0, 0, 0, 0, 0])
    let map = try GradCAM(rectified: wanted.rectified).map(score, layer: "layer", at: x)
    #expect(map == Tensor([2, 1, 2, 2], wanted.expected + [0, 0, 0, 0]))
    if wanted.rectified { #expect(try AttributionMethod.gradCAM.attribute(score, at: x, .init()) == map) }
  }

  @Test(
    "Agrees with the formula's own loops on layers of one and two axes of places",
    arguments: [[2, 3, 4, 5], [2, 3, 7], [1, 1, 1, 1]], [true, false])
  func naive(extents: [Int], rectified: Bool) {
    let shape = Shape(extents)
    let activations = Tensor.random(shape, seed: 1)
    let gradients = Tensor.random(shape, seed: 2)
    let (rows, channels) = (shape[0], shape[1])
    let places = shape.count / rows / channels
    var expected: [Float] = []
    for row in 0..<rows {
      for place in 0..<places {
        var sum = 0.0
        for channel in 0..<channels {
          let first = (row * channels + channel) * places
          let weight =
            gradients.values[first..<first + places].reduce(0.0) { $0 + Double($1) } / Double(places)
          sum += weight * Double(activations.values[first + place])
        }
        expected.append(Float(rectified ? max(0, sum) : sum))
      }
    }
    let ours = GradCAM(rectified: rectified).weigh(activations, gradients)
    // A few sums of a few products of numbers up to 1, in single precision.
    #expect(largestDifference(ours, Tensor(Shape([rows, 1] + extents.dropFirst(2)), expected)) < 1e-6)
  }

  @Test("Layers of which no map can be made")
  func errors() throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 2, 2])
    file.add("Conv", ["x"], "maps", weights: [Tensor([2, 1, 1, 1], [1, -1])])
    file.add("Relu", ["maps"], "layer")
    file.add("Sigmoid", ["layer"], "aside")
    file.classify("layer", Tensor([2, 2], [4, 0, -4, 8]))
    let score = try NetworkScore(file.network(), tensor: "logits", element: 0)
    let x = Tensor([1, 1, 2, 2])
    func message(_ layer: String) throws -> String {
      let error = #expect(throws: (any Error).self) { try GradCAM().map(score, layer: layer, at: x) }
      return String(describing: try #require(error))
    }
    #expect(try message("embedding").hasPrefix("layer 'embedding' of shape [1, 2] has no places to map"))
    #expect(try message("logits").contains("has no places"))
    #expect(try message("aside").contains("'logits' does not depend on 'aside'"))
    #expect(try message("layr").contains("no tensor is called 'layr'; nearest: 'layer'"))
  }
}
