import Graphs
import Tensors
import TestSupport
import Testing

/// Wide convolutions of 3 × 3 kernels whose weights change from run to run: results and all gradients, by the loops of
/// their definition.
struct MinimalFilteringTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var rows: Int
    var channels: Int
    var filters: Int
    var extents: [Int]
    /// Top, left, bottom, right.
    var pads: [Int]
    var hasBias = true

    var testDescription: String { name }
  }

  static let forms = [
    Form(
      name: "few tiles", rows: 2, channels: 64, filters: 68, extents: [6, 8], pads: [1, 1, 1, 1]),
    Form(
      name: "few tiles, of odd extents, without bias", rows: 3, channels: 100, filters: 64, extents: [5, 7],
      pads: [1, 1, 1, 1], hasBias: false),
    Form(
      name: "many tiles", rows: 3, channels: 64, filters: 64, extents: [9, 10], pads: [1, 1, 1, 1]),
    Form(
      name: "more tiles than are transformed at once", rows: 3, channels: 68, filters: 76, extents: [18, 21],
      pads: [1, 1, 1, 1]),
    Form(
      name: "asymmetric pads", rows: 13, channels: 64, filters: 64, extents: [4, 3], pads: [0, 2, 1, 0]),
    Form(name: "no pads", rows: 2, channels: 72, filters: 64, extents: [8, 7], pads: [0, 0, 0, 0]),
  ]

  /// 2e-5 of the largest value: sums of some hundred terms in float32, of differences of sums.
  @Test("results and gradients of wide convolutions in training", arguments: forms, [1, 2, 5])
  func training(_ form: Form, threads: Int) throws {
    var generator = SplitMix64(seed: 11)
    var toy = ToyNetwork([1, form.channels] + form.extents)
    let weights = generator.tensor([form.filters, form.channels, 3, 3])
    let bias = generator.tensor([form.filters])
    let parameters = form.hasBias ? ["w", "b"] : ["w"]
    var operands = ["x", toy.weight("w", weights)]
    if form.hasBias { operands.append(toy.weight("b", bias)) }
    toy.add("Conv", operands, "y", ["pads": .integers(form.pads)])
    let training = try toy.graph().training(parameters: parameters)
    let network = Evaluator(training.graph, threads: threads)
    let inputs = toy.sample(rows: form.rows).merging(training.initialValues) { $1 }
    let x = try #require(inputs["x"])
    let expected = Definition(form, x, weights, form.hasBias ? bias : nil)
    let y = try network.values(of: ["y"], at: inputs)[0]
    #expect(distance(y, expected.result) < 2e-5)
    let seed = generator.tensor(y.shape)
    let (toSource, toWeights, toBias) = expected.gradients(seed)
    let gradients = try network.gradients(
      of: "y", seed: seed, withRespectTo: ["x"] + parameters, at: inputs
    ).gradients
    #expect(distance(gradients[0], toSource) < 2e-5)
    #expect(distance(gradients[1], toWeights) < 2e-5)
    if form.hasBias { #expect(distance(gradients[2], toBias) < 2e-5) }
  }

  @Test("neither they nor their gradients are computed by their definition", arguments: forms)
  func implementation(_ form: Form) throws {
    var generator = SplitMix64(seed: 12)
    var toy = ToyNetwork([1, form.channels] + form.extents)
    let weights = toy.weight("w", generator.tensor([form.filters, form.channels, 3, 3]))
    toy.add("Conv", ["x", weights], "y", ["pads": .integers(form.pads)])
    let training = try toy.graph().training()
    let gradient = try training.graph.gradient(of: "y", withRespectTo: ["x", "w"])
    var shapes = training.initialValues.mapValues(\.shape)
    shapes["x"] = Shape([form.rows, form.channels] + form.extents)
    shapes[Graph.seedName("y")] = try training.graph.shapes(for: shapes)["y"]
    let program = try Program(
      gradient, inputShapes: shapes, wanted: ["y"] + ["x", "w"].map(Graph.gradientName), threads: 1)
    #expect(program.listing.filter { $0.hasSuffix("native") }.count >= 3, "\(program.listing)")
  }
}

/// A convolution as it is defined, with numbers in double precision.
private struct Definition {
  let form: MinimalFilteringTests.Form
  let x: [Double]
  let weights: [Double]
  let bias: [Double]
  let down: Int
  let across: Int

  init(_ form: MinimalFilteringTests.Form, _ x: Tensor, _ weights: Tensor, _ bias: Tensor?) {
    self.form = form
    self.x = x.values.map(Double.init)
    self.weights = weights.values.map(Double.init)
    self.bias = bias?.values.map(Double.init) ?? [Double](repeating: 0, count: form.filters)
    down = form.extents[0] + form.pads[0] + form.pads[2] - 2
    across = form.extents[1] + form.pads[1] + form.pads[3] - 2
  }

  /// Calls `body` with where in y, x and the weights each product's factors lie.
  private func forEachProduct(_ body: (_ y: Int, _ x: Int, _ weight: Int) -> Void) {
    let (height, width) = (form.extents[0], form.extents[1])
    for row in 0..<form.rows {
      for filter in 0..<form.filters {
        for i in 0..<down {
          for j in 0..<across {
            let y = ((row * form.filters + filter) * down + i) * across + j
            for tap in 0..<9 {
              let (p, q) = (i + tap / 3 - form.pads[0], j + tap % 3 - form.pads[1])
              guard p >= 0, p < height, q >= 0, q < width else { continue }
              for channel in 0..<form.channels {
                body(
                  y, ((row * form.channels + channel) * height + p) * width + q,
                  (filter * form.channels + channel) * 9 + tap)
              }
            }
          }
        }
      }
    }
  }

  var result: Values {
    var y = (0..<form.rows * form.filters * down * across).map { bias[$0 / (down * across) % form.filters] }
    y.withUnsafeMutableBufferPointer { y in
      forEachProduct { y[$0] += x[$1] * weights[$2] }
    }
    return Values([form.rows, form.filters, down, across], y)
  }

  /// For `∂/∂y`: the gradients with respect to x, weights and bias.
  func gradients(_ seed: Tensor) -> (Values, Values, Values) {
    let g = seed.values.map(Double.init)
    var toSource = [Double](repeating: 0, count: x.count)
    var toWeights = [Double](repeating: 0, count: weights.count)
    var toBias = [Double](repeating: 0, count: form.filters)
    toSource.withUnsafeMutableBufferPointer { toSource in
      toWeights.withUnsafeMutableBufferPointer { toWeights in
        forEachProduct {
          toSource[$1] += g[$0] * weights[$2]
          toWeights[$2] += g[$0] * x[$1]
        }
      }
    }
    for (place, value) in g.enumerated() { toBias[place / (down * across) % form.filters] += value }
    return (
      Values([form.rows, form.channels] + form.extents, toSource),
      Values([form.filters, form.channels, 3, 3], toWeights), Values([form.filters], toBias)
    )
  }
}
