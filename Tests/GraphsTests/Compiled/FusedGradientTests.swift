import Graphs
import Tensors
import TestSupport
import Testing

/// Backward passes whose element-wise steps run as one: against central differences of the naive loops.
struct FusedGradientTests {
  /// Layers of a mobile network: a gated residual block, its gate from the mean of the map.
  @Test(
    "gated residual blocks", arguments: ["Relu", "HardSwish", "Clip", "Sigmoid", "Elu", "Mish", "Swish"],
    ["GlobalAveragePool", "ReduceMean"])
  func gated(function: String, mean: String) throws {
    for (channels, seed) in [(8, UInt64(3)), (13, 4), (16, 5)] {
      var generator = SplitMix64(seed: seed)
      var toy = ToyNetwork([1, channels, 5, 6])
      func conv(_ source: TensorName, _ result: TensorName, from: Int, to: Int, _ side: Int, groups: Int = 1)
      {
        let weights = toy.weight(
          "\(result) w", generator.tensor([to, from / groups, side, side], in: -0.5...0.5))
        let bias = toy.weight("\(result) b", generator.tensor([to]))
        toy.add(
          "Conv", [source, weights, bias], result,
          ["auto_pad": "SAME_UPPER", "group": .integer(groups)])
      }
      let attributes: [String: Attribute] = function == "Clip" ? ["min": -0.3, "max": 0.6] : [:]
      conv("x", "wide", from: channels, to: 2 * channels, 1)
      func bend(_ source: TensorName, _ result: TensorName) {
        guard function == "Swish" else { return _ = toy.add(function, [source], result, attributes) }
        toy.add("Sigmoid", [source], "\(result) share")
        toy.add("Mul", [source, "\(result) share"], result)
      }
      bend("wide", "bent")
      conv("bent", "deep", from: 2 * channels, to: 2 * channels, 3, groups: 2 * channels)
      bend("deep", "map")
      if mean == "ReduceMean" {
        toy.add("ReduceMean", ["map"], "mean", ["axes": [2, 3], "keepdims": 1])
      } else {
        toy.add("GlobalAveragePool", ["map"], "mean")
      }
      conv("mean", "few", from: 2 * channels, to: 4, 1)
      toy.add("Relu", ["few"], "rectified")
      conv("rectified", "many", from: 4, to: 2 * channels, 1)
      toy.add("HardSigmoid", ["many"], "gate")
      toy.add("Mul", ["map", "gate"], "gated")
      conv("gated", "narrow", from: 2 * channels, to: channels, 1)
      toy.add("Add", ["narrow", "x"], "sum")
      bend("sum", "y")
      try expectNaive(toy)
      try expectDifferences(toy, seed: seed)
    }
  }

  /// Layers of a densely connected network: normalization, rectifier, convolution, and all maps side by side.
  @Test("normalized maps side by side")
  func dense() throws {
    var generator = SplitMix64(seed: 8)
    var toy = ToyNetwork([1, 7, 4, 5])
    var (running, channels): (TensorName, Int) = ("x", 7)
    for layer in 0..<3 {
      let operands = ["scale", "shift", "mean"].map {
        toy.weight("\($0) \(layer)", generator.tensor([channels]))
      }
      let variance = toy.weight("variance \(layer)", generator.tensor([channels], in: 0.5...2))
      toy.add("BatchNormalization", [running] + operands + [variance], "normal \(layer)")
      toy.add("Relu", ["normal \(layer)"], "open \(layer)")
      let weights = toy.weight("w \(layer)", generator.tensor([4, channels, 3, 3], in: -0.5...0.5))
      toy.add("Conv", ["open \(layer)", weights], "new \(layer)", ["auto_pad": "SAME_UPPER"])
      toy.add("Concat", [running, "new \(layer)"], "all \(layer)", ["axis": 1])
      (running, channels) = ("all \(layer)", channels + 4)
    }
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test(
    "factors broadcast along any axes",
    arguments: [[1, 3, 1, 1], [1, 1, 4, 1], [5], [4, 1], [1, 3, 4, 5]])
  func factors(shape: [Int]) throws {
    var toy = ToyNetwork([1, 3, 4, 5])
    toy.addInput("row", [1, 3, 1, 5])
    var generator = SplitMix64(seed: 2)
    let weights = toy.weight("w", generator.tensor([3, 3, 1, 1], in: -0.5...0.5))
    toy.add("Conv", ["x", weights], "map")
    if shape.count == 4 {
      toy.addInput("factor", shape)
    } else {
      _ = toy.weight("factor", generator.tensor(Shape(shape)))
    }
    toy.add("Mul", ["map", "factor"], "one")
    toy.add("Mul", ["row", "one"], "two")
    toy.add("Mul", ["two", "row"], "y")
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("random tails behind every layer", arguments: FusedTailTests.layers, [[3, 4], [6]])
  func tails(_ layer: String, places: [Int]) throws {
    var generator = SplitMix64(seed: UInt64(places.count * 100 + places[0]))
    for channels in [3, 13, 16] {
      let toy = FusedTailTests.network(layer, channels, places, &generator)
      let read = Set(toy.operations.flatMap(\.inputs))
      let wanted = toy.inputs.map(\.name).filter(read.contains)
      try expectDifferences(toy, withRespectTo: wanted, tolerance: 1e-4)
    }
  }
}
