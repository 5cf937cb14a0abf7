import Explain
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// The layer of a class activation map unless one is named.
struct DefaultLayerTests {
  private static let input: [HandmadeONNX.Extent] = ["N", 1, 4, 4]
  private static let kernel = Tensor([2, 1, 1, 1], [1, -1])

  private func layer(_ file: HandmadeONNX, of score: String = "logits") throws -> String {
    try NetworkScore(file.network(), tensor: score, element: 0).defaultLayer(at: [1, 1, 4, 4])
  }

  @Test("YAMNet's is its last ReLU")
  func yamnet() throws {
    let model = try Bundled.yamnet()
    let score = try NetworkScore(model.network, tensor: model.logits, element: 0)
    let layer = try score.defaultLayer(at: [1, 1, 96, 64])
    #expect(model.network.graph.nodes.last { $0.kind == "Relu" }?.outputs == [layer])
    #expect(try model.network.shape(of: layer, at: model.patchInputShape) == [1, 1024, 3, 2])
  }

  @Test("The last convolution with its normalization and its activation")
  func completed() throws {
    var file = HandmadeONNX(input: "x", Self.input)
    file.add("Conv", ["x"], "first", weights: [Self.kernel])
    file.add("Relu", ["first"], "rectified")
    file.add("Conv", ["rectified"], "second", weights: [Tensor([2, 2, 1, 1], repeating: 1)])
    let ones = Tensor([2], repeating: 1)
    file.add("BatchNormalization", ["second"], "normalized", weights: [ones, ones, ones, ones])
    file.add("LeakyRelu", ["normalized"], "activated")
    file.add("MaxPool", ["activated"], "pooled", ["kernel_shape": [2, 2]])
    file.classify("pooled", ones.reshaped(to: [2, 1]))
    #expect(try layer(file) == "activated")
  }

  @Test("A convolution that several layers read stands alone")
  func shared() throws {
    var file = HandmadeONNX(input: "x", Self.input)
    file.add("Conv", ["x"], "maps", weights: [Self.kernel])
    file.add("Relu", ["maps"], "layer")
    file.add("Add", ["layer", "maps"], "sum")
    file.classify("sum", Tensor([2, 1], repeating: 1))
    #expect(try layer(file) == "maps")
  }

  @Test("A convolution over everything that is left is a dense layer")
  func dense() throws {
    var file = HandmadeONNX(input: "x", Self.input)
    file.add("Conv", ["x"], "maps", weights: [Self.kernel])
    file.add("Conv", ["maps"], "dense", weights: [Tensor([3, 2, 4, 4], repeating: 1)])
    file.add("Flatten", ["dense"], "logits")
    #expect(try layer(file) == "maps")
  }

  @Test("A convolution beside the way to the score does not count, nor does what lies behind the score")
  func beside() throws {
    var file = HandmadeONNX(input: "x", Self.input)
    file.add("Conv", ["x"], "maps", weights: [Self.kernel])
    file.classify("maps", Tensor([2, 1], repeating: 1))
    file.add("Conv", ["maps"], "elsewhere", weights: [Tensor([2, 2, 1, 1], repeating: 1)])
    file.outputs = ["logits", "elsewhere"]
    #expect(try layer(file) == "maps")

    var places = HandmadeONNX(input: "x", Self.input)
    places.add("Conv", ["x"], "logits", weights: [Self.kernel])
    places.add("Sigmoid", ["logits"], "scores")
    #expect(try layer(places) == "logits")
    let score = try NetworkScore(places.network(), tensor: "logits", element: 3)
    let map = try AttributionMethod.gradCAM.attribute(score, at: Tensor([1, 1, 4, 4], repeating: 2), .init())
    // The score is one place of the first channel: a weight of 1/16 for a map of twos.
    #expect(map == Tensor([1, 1, 4, 4], repeating: 0.125))
  }

  @Test("A network without convolutions has none")
  func none() throws {
    let file = HandmadeONNX.linear(Self.input, Tensor([16, 2]))
    let error = #expect(throws: ExplainError.self) { try layer(file) }
    #expect(try #require(error).description.contains("no convolution"))
  }
}
