import Graphs
import Tensors
import TestSupport
import Testing

/// No kernel of a mobile network is one of oneDNN's reference kernels, which are hundreds of times slower than the others.
struct FastKernelTests {
  enum Style: String, CaseIterable {
    /// MobileNetV3: hard swish, gates of hard sigmoids.
    case mobile
    /// EfficientNet: swish as exporters write it, gates of sigmoids.
    case efficient
    /// The same with maps of which the last block of channels is not full, and other gates: a number a row, a map.
    case odd
  }

  @Test("no reference kernels", arguments: Style.allCases, [1, 2])
  func forward(_ style: Style, rows: Int) throws {
    let graph = try network(style).graph()
    expectFast(try kernels(of: graph, wanted: graph.outputs, rows: rows))
    expectFast(try kernels(of: graph, wanted: graph.tensors, rows: rows), "every tensor asked for")
  }

  @Test("no reference kernels in the gradient", arguments: Style.allCases, [1, 2])
  func backward(_ style: Style, rows: Int) throws {
    let graph = try network(style).graph()
    let gradient = try graph.simplified().gradient(of: graph.outputs[0], withRespectTo: ["x"])
    expectFast(try kernels(of: gradient, wanted: gradient.outputs, rows: rows))
    let tensors = try graph.simplified(keeping: graph.tensors)
      .gradient(of: graph.outputs[0], withRespectTo: graph.tensors.dropLast(1))
    expectFast(try kernels(of: tensors, wanted: tensors.outputs, rows: rows), "of every tensor")
  }

  @Test("the same values as by the loops", arguments: Style.allCases)
  func values(_ style: Style) throws {
    let toy = network(style)
    try expectNaive(toy, rows: 2)
    try expectDifferences(toy, rows: 1, tolerance: 1e-4)
  }

  private func expectFast(
    _ listing: [String], _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let slow = listing.filter { $0.contains(": ref") }
    #expect(slow == [], "\(what)", sourceLocation: sourceLocation)
  }

  private func kernels(of graph: Graph, wanted: [TensorName], rows: Int) throws -> [String] {
    var shapes = ["x": Shape([rows, 3, 16, 16])]
    for input in graph.inputs where input.name != "x" { shapes[input.name] = [rows, 10, 1, 1] }
    let graph = try graph.simplified(keeping: wanted)
    return try Program(graph, inputShapes: shapes, wanted: wanted, threads: 1).listing
  }

  private func network(_ style: Style) -> ToyNetwork {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1, 3, 16, 16])
    var count = 0

    func name(_ kind: String) -> String {
      count += 1
      return "\(kind)\(count)"
    }
    func convolution(
      _ x: String, _ from: Int, _ to: Int, kernel: Int, stride: Int = 1, groups: Int = 1
    ) -> String {
      let spread = 1.7 / Float(from / groups * kernel * kernel).squareRoot()
      let weights = generator.tensor([to, from / groups, kernel, kernel], in: -spread...spread)
      let result = name("conv")
      return toy.add(
        "Conv",
        [
          x, toy.weight("w\(result)", weights),
          toy.weight("b\(result)", generator.tensor([to], in: -0.1...0.1)),
        ],
        result,
        [
          "group": .integer(groups), "strides": .integers([stride, stride]),
          "pads": .integers([Int](repeating: kernel / 2, count: 4)),
        ])
    }
    func activation(_ x: String) -> String {
      guard style != .mobile else { return toy.add("HardSwish", [x], name("swish")) }
      return toy.add("Mul", [x, toy.add("Sigmoid", [x], name("sigmoid"))], name("swish"))
    }
    func gated(_ x: String, _ channels: Int) -> String {
      let mean = toy.add("GlobalAveragePool", [x], name("mean"))
      let narrow = activation(convolution(mean, channels, 4, kernel: 1))
      let wide = convolution(narrow, 4, channels, kernel: 1)
      let gate = toy.add(style == .mobile ? "HardSigmoid" : "Sigmoid", [wide], name("gate"))
      let result = toy.add("Mul", style == .odd ? [gate, x] : [x, gate], name("gated"))
      guard style == .odd else { return result }
      // One number a row, and one map for all channels.
      let row = toy.add("GlobalMaxPool", [convolution(result, channels, 1, kernel: 1)], name("row"))
      let scaled = toy.add("Mul", [result, toy.add("Sigmoid", [row], name("gate"))], name("scaled"))
      let map = toy.add("Sigmoid", [convolution(scaled, channels, 1, kernel: 3)], name("map"))
      return toy.add("Mul", [scaled, map], name("attended"))
    }
    func block(_ x: String, _ channels: Int, widened: Int, stride: Int) -> String {
      let wide = activation(convolution(x, channels, widened, kernel: 1))
      let deep = activation(
        convolution(wide, widened, widened, kernel: 3, stride: stride, groups: widened))
      let narrow = convolution(gated(deep, widened), widened, channels, kernel: 1)
      return stride == 1 ? toy.add("Add", [narrow, x], name("sum")) : narrow
    }

    let channels = style == .odd ? 13 : 16
    var x = activation(convolution("x", 3, channels, kernel: 3, stride: 2))
    x = block(x, channels, widened: style == .odd ? 21 : 24, stride: 1)
    x = block(x, channels, widened: style == .odd ? 27 : 40, stride: 2)
    x = toy.add("GlobalAveragePool", [activation(convolution(x, channels, 24, kernel: 1))], name("mean"))
    _ = convolution(x, 24, 10, kernel: 1)
    return toy
  }
}
