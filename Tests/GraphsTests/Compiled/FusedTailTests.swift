import Graphs
import Tensors
import TestSupport
import Testing

/// Random chains of element-wise operations behind every layer that can take them into its kernel. Each instruction set
/// has other kernels for the two together, in other layouts, or none: the values are always those of the loops.
struct FusedTailTests {
  static let layers = [
    "Conv", "pointwise Conv", "depthwise Conv", "whole Conv", "ConvTranspose", "BatchNormalization", "Mul",
    "Sub", "Tanh", "MatMul",
  ]

  /// Functions that enlarge a difference by no more than a quarter: rounding stays rounding along a chain.
  private static let functions: [(kind: String, attributes: [String: Attribute])] = [
    ("Relu", [:]), ("LeakyRelu", ["alpha": 0.3]), ("Elu", ["alpha": 0.5]), ("Sigmoid", [:]), ("Tanh", [:]),
    ("Abs", [:]), ("Neg", [:]), ("HardSigmoid", [:]), ("HardSwish", [:]), ("Mish", [:]), ("Softplus", [:]),
    ("Gelu", [:]), ("Gelu", ["approximate": "tanh"]), ("Clip", ["min": -0.5, "max": 0.7]),
  ]
  private static let steps = 4
  /// The most terms of a sum: 9 places of 7 channels, of a whole map 12 places.
  private static let terms = 12 * 7

  /// Sums of at most `terms` products lose `γ(terms)`, each step as much as a handful of operations, and factors up to
  /// 1.5 and functions enlarge a difference by no more than 1.5 a step. What cancels in a sum is no smaller than a
  /// hundredth of the largest value.
  private static let tolerance = Rounding.sum(of: terms + 8 * steps) * 5 * 2

  @Test("a layer with a random tail", arguments: layers, [[3, 4], [1, 1], [1], [6], [2, 1, 3]])
  func tail(_ layer: String, places: [Int]) throws {
    var generator = SplitMix64(seed: UInt64(places.count * 10 + places[0]))
    for channels in [3, 8, 13] {
      for _ in 0..<4 {
        let toy = Self.network(layer, channels, places, &generator)
        try expectNaive(toy, rows: 3, tolerance: Self.tolerance)
      }
    }
  }

  static func network(
    _ layer: String, _ channels: Int, _ places: [Int], _ generator: inout SplitMix64
  ) -> ToyNetwork {
    var toy = ToyNetwork([1, layer == "depthwise Conv" ? channels : 7] + places)
    let filters = add(layer, channels, places, to: &toy, &generator)
    let whole = layer == "whole Conv" ? places.map { _ in 1 } : places
    toy.addInput("other", [1, filters] + whole)
    toy.addInput("gate", [1, filters] + places.map { _ in 1 })
    var running = "layer"
    for step in 0..<steps {
      let next = "step\(step)"
      if Bool.random(using: &generator), let function = functions.randomElement(using: &generator) {
        toy.add(function.kind, [running], next, function.attributes)
      } else {
        let forms = [
          [], [filters] + whole.map { _ in 1 }, [1, filters] + whole.map { _ in 1 }, [filters] + whole,
          Array(whole.suffix(1)),
        ]
        let form = forms.randomElement(using: &generator) ?? []
        let constant = toy.weight("c\(step)", generator.tensor(Shape(form), in: 0.7...1.5))
        let operand = [constant, constant, "other", "gate"].randomElement(using: &generator) ?? constant
        let kind = ["Add", "Sub", "Mul", "Max", "Min"].randomElement(using: &generator) ?? "Add"
        toy.add(kind, Bool.random(using: &generator) ? [running, operand] : [operand, running], next)
      }
      running = next
    }
    return toy
  }

  /// The layer, named "layer", and how many channels it makes.
  private static func add(
    _ layer: String, _ channels: Int, _ places: [Int], to toy: inout ToyNetwork,
    _ generator: inout SplitMix64
  ) -> Int {
    let sources = toy.inputs[0].dimensions[1] ?? 0
    let threes = places.map { $0 == 1 ? 1 : 3 }
    let ones = places.map { _ in 1 }
    func weights(_ extents: [Int]) -> TensorName {
      toy.weight("w", generator.tensor(Shape(extents), in: -0.5...0.5))
    }
    let bias = toy.weight("bias", generator.tensor([channels]))
    switch layer {
    case "Conv":
      toy.add(
        "Conv", ["x", weights([channels, sources] + threes), bias], "layer", ["auto_pad": "SAME_UPPER"])
    case "pointwise Conv": toy.add("Conv", ["x", weights([channels, sources] + ones)], "layer")
    case "depthwise Conv":
      toy.add(
        "Conv", ["x", weights([channels, 1] + threes), bias], "layer",
        ["auto_pad": "SAME_UPPER", "group": .integer(channels)])
    case "whole Conv": toy.add("Conv", ["x", weights([channels, sources] + places), bias], "layer")
    case "ConvTranspose":
      toy.add("ConvTranspose", ["x", weights([sources, channels] + ones), bias], "layer")
    case "BatchNormalization":
      let operands = ["scale", "shift", "mean"].map { toy.weight($0, generator.tensor([sources])) }
      let variance = toy.weight("variance", generator.tensor([sources], in: 0.5...2))
      toy.add("BatchNormalization", ["x"] + operands + [variance], "layer")
      return sources
    case "MatMul":
      let width = places[places.count - 1]
      toy.add("MatMul", ["x", weights([width, width])], "layer")
      return sources
    case "Tanh":
      toy.add("Tanh", ["x"], "layer")
      return sources
    default:
      toy.add(layer, ["x", weights([sources] + ones)], "layer")
      return sources
    }
    return channels
  }
}
