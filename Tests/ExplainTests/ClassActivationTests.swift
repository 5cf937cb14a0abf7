import Explain
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// The class activation methods against their formulas in plain loops.
struct ClassActivationTests {
  private static let layer = Shape([2, 5, 4, 3])

  /// A network of one convolution, with negative activations in its layer.
  private func network(_ head: String = "linear") throws -> Network {
    var file = HandmadeONNX(input: "x", ["N", 1, 8, 6])
    file.add(
      "Conv", ["x"], "maps", weights: [.random([5, 1, 3, 3], seed: 1)],
      ["pads": [1, 1, 1, 1], "strides": [2, 2]])
    file.add("Tanh", ["maps"], "layer")
    if head == "linear" {
      file.classify("layer", .random([5, 3], seed: 2))
    } else {
      file.classify("layer", .random([5, 4], seed: 2))
      file.add("Relu", ["logits"], "hidden")
      file.add("MatMul", ["hidden"], "scores", weights: [.random([4, 3], seed: 3)])
      file.outputs = ["scores"]
    }
    return try file.network()
  }

  private func naive(
    _ activations: Tensor, _ gradients: Tensor, rectified: Bool = true,
    _ weight: (_ a: [Double], _ g: [Double], _ place: Int) -> Double
  ) -> Tensor {
    let (rows, channels) = (activations.shape[0], activations.shape[1])
    let places = activations.count / rows / channels
    var map: [Float] = []
    for row in 0..<rows {
      for place in 0..<places {
        var sum = 0.0
        for channel in 0..<channels {
          let range = (row * channels + channel) * places..<(row * channels + channel + 1) * places
          let a = activations.values[range].map(Double.init)
          let g = gradients.values[range].map(Double.init)
          sum += weight(a, g, place) * a[place]
        }
        map.append(Float(rectified ? max(0, sum) : sum))
      }
    }
    return Tensor(Shape([rows, 1] + activations.shape.dimensions.dropFirst(2)), map)
  }

  @Test("Grad-CAM++ and LayerCAM by their formulas")
  func weightings() {
    let (a, g) = (Tensor.random(Self.layer, seed: 3), Tensor.random(Self.layer, seed: 4))
    let plusPlus = naive(a, g) { a, g, _ in
      let total = a.reduce(0, +)
      return g.reduce(0) { sum, g in
        let alpha = g == 0 ? 0 : g * g / (2 * g * g + total * g * g * g + 1e-6)
        return sum + max(0, g) * alpha
      }
    }
    // The denominators may come near nought, where single precision loses digits.
    let ours = GradCAMPlusPlus().weigh(a, g)
    let scale = plusPlus.values.map { abs($0) }.max() ?? 1
    #expect(largestDifference(ours, plusPlus) < 1e-4 * scale)
    #expect(largestDifference(LayerCAM().weigh(a, g), naive(a, g) { _, g, place in max(0, g[place]) }) < 1e-6)
    let zero = Tensor(Self.layer)
    for weighting in [GradCAMPlusPlus(), LayerCAM(), GradCAM()] as [any GradientWeighting] {
      #expect(weighting.weigh(a, zero).values.allSatisfy { $0 == 0 })
      #expect(weighting.weigh(zero, g).values.allSatisfy { $0 == 0 })
    }
  }

  @Test("CAM lays the classifier's weights over the layer, and says where there are none")
  func cam() throws {
    let x = Tensor.random([2, 1, 8, 6], seed: 5)
    let network = try network()
    let score = try NetworkScore(network, tensor: "logits", element: 1)
    let values = try network.values(of: ["layer"], at: ["x": x])[0]
    let weights = Tensor.random([5, 3], seed: 2).values
    let ours = try CAM().map(score, layer: "layer", at: x)
    for row in 0..<2 {
      for place in 0..<12 {
        let expected = (0..<5).reduce(Float(0)) {
          $0 + weights[$1 * 3 + 1] * values.values[(row * 5 + $1) * 12 + place]
        }
        #expect(abs(ours.values[row * 12 + place] - expected) < 1e-5)
      }
    }
    let deeper = try NetworkScore(self.network("deep"), tensor: "scores", element: 0)
    let error = #expect(throws: ExplainError.self) { try CAM().map(deeper, layer: "layer", at: x) }
    #expect(try #require(error).description.contains("use grad-cam"))
    #expect(throws: ExplainError.self) { try CAM().map(score, layer: "maps", at: x) }
  }

  @Test("EigenCAM is the projection on the first component, found by brute force")
  func eigenCAM() throws {
    let x = Tensor.random([2, 1, 8, 6], seed: 5)
    let network = try network()
    let score = try NetworkScore(network, tensor: "logits", element: 1)
    let values = try network.values(of: ["layer"], at: ["x": x])[0].values.map(Double.init)
    let ours = try EigenCAM().map(score, layer: "layer", at: x)
    for row in 0..<2 {
      let centred = (0..<5).map { channel in
        let places = values[(row * 5 + channel) * 12..<(row * 5 + channel + 1) * 12]
        let mean = places.reduce(0, +) / 12
        return places.map { $0 - mean }
      }
      // The channels' covariance, squared until only its first eigenvector is left.
      var matrix = centred.map { a in centred.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
      for _ in 0..<40 {
        let square = (0..<5).map { i in
          (0..<5).map { j in (0..<5).reduce(0) { $0 + matrix[i][$1] * matrix[$1][j] } }
        }
        let largest = square.joined().map { abs($0) }.max() ?? 1
        matrix = square.map { $0.map { $0 / largest } }
      }
      let column = (0..<5).max { abs(matrix[$0][$0]) < abs(matrix[$1][$1]) } ?? 0
      let length = matrix.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot()
      let component = matrix.map { $0[column] / length }
      var projection = (0..<12).map { place in (0..<5).reduce(0) { $0 + centred[$1][place] * component[$1] } }
      let total = (0..<12).map { place in centred.reduce(0) { $0 + $1[place] } }
      if zip(projection, total).reduce(0, { $0 + $1.0 * $1.1 }) < 0 { projection = projection.map { -$0 } }
      for place in 0..<12 {
        #expect(abs(Double(ours.values[row * 12 + place]) - max(0, projection[place])) < 1e-5)
      }
    }
    #expect(
      try EigenCAM().map(score, layer: "layer", at: Tensor([1, 1, 8, 6])).values
        == [Float](repeating: 0, count: 12))
  }

  @Test("Score-CAM weighs each channel by the score of what it lets through", arguments: [Float(0), -2])
  func scoreCAM(baseline: Float) throws {
    // Places that are bins: what a map looks like at the size of the input needs no resizing.
    var file = HandmadeONNX(input: "x", ["N", 1, 4, 3])
    // The second channel is the same everywhere, and the fourth, at another height.
    file.add(
      "Conv", ["x"], "maps",
      weights: [Tensor([5, 1, 1, 1], [0.7, 0, -1.1, 0, 0.4]), Tensor([5], [0, 0.3, 0.1, -0.2, 0])])
    file.add("Tanh", ["maps"], "layer")
    file.classify("layer", .random([5, 3], seed: 2))
    let network = try file.network()
    let score = try NetworkScore(network, tensor: "logits", element: 2)
    let x = Tensor.random([2, 1, 4, 3], seed: 5)
    let values = try network.values(of: ["layer"], at: ["x": x])[0]
    var method = ScoreCAM(baseline: .constant(baseline))
    // Those that let nothing through are one question a row.
    method.control = RunControl { #expect($0.all == 2 * 4) }
    let ours = try method.map(score, layer: "layer", at: x)
    for row in 0..<2 {
      let bins = x.rows(row..<row + 1).values
      let channels = (0..<5).map { Array(values.values[(row * 5 + $0) * 12..<(row * 5 + $0 + 1) * 12]) }
      let scores = try channels.map { channel in
        let (least, most) = (channel.min() ?? 0, channel.max() ?? 0)
        let scaled = channel.map { most > least ? ($0 - least) / (most - least) : 0 }
        let masked = zip(bins, scaled).map { baseline + $1 * ($0 - baseline) }
        return Double(try score.scores(at: Tensor([1, 1, 4, 3], masked))[0])
      }
      let sum = scores.reduce(0) { $0 + exp($1) }
      for place in 0..<12 {
        let expected = zip(channels, scores).reduce(0) { $0 + exp($1.1) / sum * Double($1.0[place]) }
        #expect(abs(Double(ours.values[row * 12 + place]) - max(0, expected)) < 1e-5)
      }
    }
  }

  @Test("Guided Grad-CAM is guided backpropagation times the map; several layers are fused")
  func products() throws {
    let x = Tensor.random([2, 1, 8, 6], seed: 5)
    let score = try NetworkScore(network(), tensor: "logits", element: 1)
    var settings = AttributionMethod.Settings()
    settings.layers = ["layer"]
    let guided = try AttributionMethod.guidedBackpropagation.attribute(score, at: x, settings)
    let map = try GradCAM().map(score, layers: ["layer"], at: x)
    #expect(map.shape == x.shape)
    let both = try AttributionMethod.guidedGradCAM.attribute(score, at: x, settings)
    #expect(both.values == zip(guided.values, map.values).map { $0 * $1 })

    settings.layers = ["layer", "maps"]
    let fused = try AttributionMethod.gradCAM.attribute(score, at: x, settings)
    let single = try ["layer", "maps"].map { try GradCAM().map(score, layers: [$0], at: x) }
    for row in 0..<2 {
      let rows = single.map { map -> [Float] in
        let values = map.rows(row..<row + 1).values
        let (least, most) = (values.min() ?? 0, values.max() ?? 1)
        return values.map { ($0 - least) / (most - least) }
      }
      let expected = zip(rows[0], rows[1]).map { ($0 + $1) / 2 }
      #expect(zip(fused.rows(row..<row + 1).values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }
}
