import Graphs
import Tensors
import TestSupport
import Testing

/// Functions of several numbers, with every way of stretching an operand, in plain and in blocked layouts.
struct PointwiseTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var kind: String
    var attributes: [String: Attribute] = [:]

    var testDescription: String { "\(kind) \(attributes)" }
  }

  static let forms = [
    Form(kind: "Max"), Form(kind: "Min"), Form(kind: "Pow"), Form(kind: "PRelu"),
    Form(kind: "Mod", attributes: ["fmod": 1]),
    Form(kind: "Mod"), Form(kind: "Mean"), Form(kind: "Sum"),
  ]
  static let comparisons = ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor"]
  /// Shapes to set against `[N, 5, 4, 3]`.
  static let shapes: [[Int]] = [
    [], [3], [4, 1], [5, 1, 1], [5, 4, 3], [1, 5, 1, 1], [1, 1, 4, 3], [1, 1, 4, 1], [2, 1, 1, 1],
    [2, 5, 1, 1],
    [2, 5, 1, 3],
  ]

  private func check(_ toy: ToyNetwork, gradient: Bool = true) throws {
    // Positive, for powers, and without ties.
    try expectNaive(toy, rows: 2, in: 0.5...2)
    if gradient { try expectDifferences(toy, rows: 2, in: 0.5...2) }
  }

  @Test("two operands, the second stretched", arguments: forms, shapes)
  func second(_ form: Form, shape: [Int]) throws {
    var toy = ToyNetwork([1, 5, 4, 3])
    toy.inputs.append(.init(name: "c", dimensions: shape))
    toy.add(form.kind, ["x", "c"], "y", form.attributes)
    try check(toy)
  }

  @Test("two operands, the first stretched", arguments: ["Max", "Min", "Pow", "Mod", "Sub", "Div"], shapes)
  func first(_ kind: String, shape: [Int]) throws {
    var toy = ToyNetwork([1, 5, 4, 3])
    toy.inputs.append(.init(name: "c", dimensions: shape))
    toy.add(kind, ["c", "x"], "y", kind == "Mod" ? ["fmod": 1] : [:])
    try check(toy)
  }

  @Test(
    "two operands on blocked maps whose last block is not full",
    arguments: forms + [Form(kind: "Mul"), Form(kind: "Div")], shapes)
  func blocked(_ form: Form, shape: [Int]) throws {
    var generator = SplitMix64(seed: 11)
    var toy = ToyNetwork([1, 3, 4, 3])
    toy.inputs.append(.init(name: "c", dimensions: shape))
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([5, 3, 1, 1], in: 0.2...0.6))], "maps")
    toy.add(form.kind, ["maps", "c"], "mixed", form.attributes)
    toy.add("Conv", ["mixed", toy.weight("v", generator.tensor([8, 5, 1, 1]))])
    try check(toy)
  }

  @Test("a negative slope side", arguments: [[], [5, 1, 1], [5, 4, 3], [1]] as [[Int]])
  func parametricRelu(shape: [Int]) throws {
    for isConstant in [true, false] {
      var generator = SplitMix64(seed: 2)
      var toy = ToyNetwork([1, 5, 4, 3])
      if isConstant {
        _ = toy.weight("slope", generator.tensor(Shape(shape)))
      } else {
        toy.inputs.append(.init(name: "slope", dimensions: shape))
      }
      toy.add("PRelu", ["x", "slope"])
      try expectNaive(toy)
      try expectDifferences(toy)
    }
  }

  @Test("modulus takes the sign of the divisor, remainder that of the dividend", arguments: [0, 1])
  func signs(fmod: Int) throws {
    var toy = ToyNetwork([1, 50])
    toy.inputs.append(.init(name: "c", dimensions: [1, 50]))
    toy.add("Mod", ["x", "c"], "y", ["fmod": .integer(fmod)])
    try expectNaive(toy, in: -3...3)
  }

  @Test("comparisons and logic", arguments: comparisons)
  func comparison(_ kind: String) throws {
    var toy = ToyNetwork([1, 5, 4])
    toy.inputs.append(.init(name: "c", dimensions: [5, 1]))
    // Whole numbers from −1 to 1, so that some are equal.
    toy.add("Round", ["x"], "a")
    toy.add("Round", ["c"], "b")
    toy.add(kind, ["a", "b"])
    try expectNaive(toy, in: -1.4...1.4)
    // Nothing flows through them: what else there is alone makes the gradient.
    toy.add("Mul", ["y", "x"], "masked")
    let seed = Tensor([2, 5, 4], repeating: 1)
    let inputs = toy.sample(rows: 2)
    let (gradients, values) = try toy.network().gradients(
      of: "masked", seed: seed, withRespectTo: ["x"], alongside: ["y"], at: inputs)
    #expect(gradients[0].values == values[0].values)
  }

  @Test(
    "a choice passes the gradient to what was chosen", arguments: [[5, 4, 3], [1], [5, 1, 1]] as [[Int]])
  func choice(shape: [Int]) throws {
    for other in [[5, 4, 3], [], [4, 1]] as [[Int]] {
      var toy = ToyNetwork([1, 5, 4, 3])
      toy.inputs.append(.init(name: "a", dimensions: shape))
      toy.inputs.append(.init(name: "b", dimensions: other))
      toy.add("Relu", ["x"], "condition")
      toy.add("Where", ["condition", "a", "b"])
      try expectNaive(toy)
      try expectDifferences(toy, withRespectTo: ["a", "b"])
    }
  }

  @Test("bounds that are computed")
  func clip() throws {
    for bounds in [["x", "low", "high"], ["x", "low"], ["x", "", "high"]] {
      var toy = ToyNetwork([1, 5, 3])
      toy.inputs.append(.init(name: "low", dimensions: []))
      toy.inputs.append(.init(name: "high", dimensions: []))
      toy.add("Clip", bounds)
      for seed in 1...4 as ClosedRange<UInt64> { try expectNaive(toy, seed: seed) }
      try expectDifferences(toy, withRespectTo: bounds.filter { !$0.isEmpty })
    }
  }

  @Test("equal maxima share the gradient", arguments: ["Max", "Min"])
  func ties(_ kind: String) throws {
    var toy = ToyNetwork([1, 3])
    toy.inputs.append(.init(name: "c", dimensions: [1, 3]))
    toy.add(kind, ["x", "c"])
    let x = Tensor([1, 3], [1, 2, 3])
    let c = Tensor([1, 3], [1, 3, 2])
    let gradients = try toy.network().gradients(
      of: "y", seed: Tensor([1, 3], repeating: 1), withRespectTo: ["x", "c"], at: ["x": x, "c": c]
    ).gradients
    #expect(gradients[0].values == (kind == "Max" ? [0.5, 0, 1] : [0.5, 1, 0]))
    #expect(gradients[1].values == (kind == "Max" ? [0.5, 1, 0] : [0.5, 0, 1]))
  }

  @Test("any number of operands", arguments: ["Max", "Min", "Sum", "Mean"])
  func several(_ kind: String) throws {
    for count in 1...4 {
      var toy = ToyNetwork([1, 5, 3])
      let shapes: [[Int]] = [[5, 1], [3], [2, 1, 1]]
      for (index, shape) in shapes.enumerated() {
        toy.inputs.append(.init(name: "c\(index)", dimensions: shape))
      }
      let operands = ["x"] + (0..<count - 1).map { "c\($0)" }
      toy.add(kind, operands)
      try expectNaive(toy, rows: 2)
      try expectDifferences(toy, withRespectTo: operands)
    }
  }

  @Test("powers with a constant exponent", arguments: [-1, 0, 0.5, 1, 2, 3, 2.5] as [Float])
  func power(_ exponent: Float) throws {
    var toy = ToyNetwork([1, 5, 3])
    toy.add("Pow", ["x", toy.weight("c", Tensor([], [exponent]))])
    try check(toy)
  }

  @Test(
    "casts",
    arguments: [
      (1, [-1.5, 0.1, 2.7]), (6, [-1, 0, 2]), (7, [-1, 0, 2]), (9, [1, 1, 1]), (2, [255, 0, 2]),
      (3, [-1, 0, 2]),
      (10, [-1.5, 0.099975586, 2.6992188]), (16, [-1.5, 0.100097656, 2.703125]),
    ] as [(Int, [Float])])
  func cast(type: Int, expected: [Float]) throws {
    var toy = ToyNetwork([1, 3])
    toy.add("Cast", ["x"], "y", ["to": .integer(type)])
    let y = try toy.network().values(of: ["y"], at: ["x": Tensor([1, 3], [-1.5, 0.1, 2.7])])[0]
    #expect(y.values == expected)
  }

  @Test("hostile attributes and shapes are errors")
  func hostile() throws {
    var toy = ToyNetwork([1, 3])
    toy.add("Cast", ["x"], "y", ["to": 8])
    expectError("node 'node y' (Cast): to = 8, which is no number that is read here") {
      _ = try toy.graph()
    }
    toy = ToyNetwork([1, 3])
    toy.add("Celu", ["x"], "y", ["alpha": 0.0])
    expectError("node 'node y' (Celu): alpha = 0") { _ = try toy.graph() }
    toy = ToyNetwork([1, 3])
    toy.add("Gelu", ["x"], "y", ["approximate": "cubic"])
    expectError("node 'node y' (Gelu): approximate = cubic") { _ = try toy.graph() }
    toy = ToyNetwork([1, 3])
    toy.add("Where", ["x", toy.weight("a", Tensor([2])), "x"])
    expectError("node 'node y' (Where): [2, 3] and [2] cannot be broadcast together") {
      _ = try toy.network().values(of: ["y"], at: toy.sample(rows: 2))
    }
    for kind in ["Pow", "PRelu", "Where", "Mod", "Equal", "Max", "Cast", "Erf"] {
      toy = ToyNetwork([1, 3])
      toy.add(kind, kind == "Max" || kind == "Cast" || kind == "Erf" ? [] : ["x"])
      #expect(throws: (any Error).self) { _ = try toy.graph() }
    }
  }
}
