import Graphs
import Tensors
import TestSupport
import Testing

/// What chooses, joins and repeats elements, on plain tensors and on maps as convolutions leave them.
struct MovementTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var kind: String
    var attributes: [String: Attribute] = [:]
    var lists: [[Int]] = []
    var extents = [1, 16, 5, 4]
    var opset = 17

    var testDescription: String { "\(kind) of \(extents), \(attributes), \(lists)" }
  }

  static let slices: [Form] = [
    Form(kind: "Slice", lists: [[1], [3], [2]]),
    Form(kind: "Slice", lists: [[8], [16], [1]]),
    Form(kind: "Slice", lists: [[3, -3], [9, .max], [1, 3]]),
    Form(kind: "Slice", lists: [[-1], [.min], [2], [-1]]),
    Form(kind: "Slice", lists: [[-1, 14], [0, 1], [3, 1], [-2, -5]]),
    Form(kind: "Slice", lists: [[0, 0], [100, 100], [2, 3], [2, 3]]),
    Form(kind: "Slice", attributes: ["starts": [1, 0], "ends": [-1, 2], "axes": [2, 3]], opset: 9),
  ]
  static let pads: [Form] =
    ["constant", "edge", "reflect", "wrap"].flatMap { mode in
      [[0, 0, 2, 1, 0, 0, 1, 3], [0, 3, 0, 0, 0, 2, 0, 0], [0, 1, 1, 1, 0, 2, 2, 2]].map { pads in
        Form(kind: "Pad", attributes: ["mode": .string(mode)], lists: [pads], opset: 19)
      }
    } + [
      Form(kind: "Pad", lists: [[0, -3, -1, 2, 0, 1, 0, -1]]),
      Form(kind: "Pad", attributes: ["pads": [0, 0, 1, 1, 0, 0, -1, 2], "value": 0.5], opset: 10),
    ]
  static let others: [Form] = [
    Form(kind: "Gather", attributes: ["axis": 1], lists: [[0, 15, -1, 3, 4, 5]]),
    Form(kind: "Gather", attributes: ["axis": -2], lists: [[-1, 2, 2, 2]]),
    Form(kind: "Expand", lists: [[3, 1, 1, 5, 1]], extents: [1, 16, 1, 4]),
    Form(kind: "Expand", lists: [[16, 1, 3]], extents: [1, 16, 4, 1]),
    Form(kind: "Expand", lists: [[5, 1]], extents: [1, 16, 5, 4]),
    Form(kind: "Tile", lists: [[1, 2, 1, 3]]), Form(kind: "Tile", lists: [[2, 1, 3, 1]]),
  ]

  private func network(_ form: Form, channels: Int?) -> ToyNetwork {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork(form.extents, opset: form.opset)
    var source = "x"
    if let channels {
      toy.inputs[0].dimensions[1] = channels
      let weights = generator.tensor([form.extents[1], channels, 1, 1])
      source = toy.add("Conv", ["x", toy.weight("w", weights)], "maps")
    }
    let lists = form.lists.enumerated().map { toy.constant("list \($0)", $1) }
    toy.add(form.kind, [source] + lists, "moved", form.attributes)
    return toy
  }

  @Test("elements are where the loop puts them, and gradients flow back", arguments: slices + pads + others)
  func moved(_ form: Form) throws {
    // One channel in gives blocked maps out, many give channels-last ones.
    for channels in [nil, 1, 16] {
      var toy = network(form, channels: channels)
      try expectNaive(toy, rows: 2)
      try expectDifferences(toy, rows: 2)
      toy.add("Sigmoid", ["moved"])
      try expectNaive(toy, rows: 1)
    }
  }

  @Test("maps joined as they lie", arguments: [1, -1, 0, 2], [[8, 16], [5, 3], [16, 16], [5, 8]])
  func concatenation(axis: Int, channels: [Int]) throws {
    for joined in [["a", "b"], ["b", "a", "b"], ["a", "x"]] {
      var generator = SplitMix64(seed: 3)
      var toy = ToyNetwork([1, axis == 1 ? 3 : 16, 5, 4])
      for (name, count) in zip(["a", "b"], channels) {
        let count = axis == 1 ? count : 16
        let weights = generator.tensor([count, toy.inputs[0].dimensions[1] ?? 1, 1, 1])
        toy.add("Conv", ["x", toy.weight("w\(name)", weights)], name)
      }
      toy.add("Concat", joined, "joined", ["axis": .integer(axis)])
      try expectNaive(toy, rows: 2)
      try expectDifferences(toy, withRespectTo: ["x", "a"], rows: 2)
    }
  }

  @Test("computed indices, counted from behind too", arguments: [-2, 1, 2])
  func computedIndices(axis: Int) throws {
    var toy = ToyNetwork([1, 6, 4, 6])
    // The arguments of the minima are whole numbers below four; minus two, some count from behind.
    toy.add("ArgMin", ["x"], "places", ["axis": 2, "keepdims": 0])
    toy.add("Sub", ["places", toy.weight("two", Tensor([], [2]))], "indices")
    toy.add("Gather", ["x", "indices"], "y", ["axis": .integer(axis)])
    try expectNaive(toy, rows: 2)
    try expectDifferences(toy, rows: 2)
    toy.operations.removeLast()
    toy.add("ReduceMax", ["x"], "best", ["axes": [2]])
    toy.add("ArgMax", ["x"], "place", ["axis": 2])
    toy.add("GatherElements", ["x", "place"], "y", ["axis": 2])
    try expectNaive(toy, rows: 2)
    try expectDifferences(toy, rows: 2)
  }

  @Test("indices that lie nowhere read the ends of the axis")
  func wildIndices() throws {
    var toy = ToyNetwork([1, 4])
    toy.inputs.append(.init(name: "i", dimensions: [5]))
    toy.add("Gather", ["x", "i"], "y", ["axis": 1])
    let x = Tensor([1, 4], [1, 2, 3, 4])
    let wild = Tensor([5], [.nan, .infinity, -.infinity, 4, -5])
    #expect(try toy.network().values(of: ["y"], at: ["x": x, "i": wild])[0].values == [1, 4, 1, 4, 1])
  }

  @Test(
    "what cannot be is an error",
    arguments: [
      Form(kind: "Slice", lists: [[0], [1], [9]]), Form(kind: "Slice", lists: [[0], [1], [1], [0]]),
      Form(kind: "Slice", lists: [[0, 0], [1, 1], [1, -3]]), Form(kind: "Slice", lists: [[0], [1, 2]]),
      Form(kind: "Pad", lists: [[1, 2, 3]]),
      Form(kind: "Pad", lists: [[0, 0, 0, 0, 0, 0, 0, .max]]),
      Form(kind: "Pad", lists: [[0, 0, 0, 0, 0, 0, 0, .min]]), Form(kind: "Pad", lists: [[0, 0]]),
      Form(kind: "Pad", attributes: ["mode": "reflect"], lists: [[0, 0, 5, 0, 0, 0, 0, 0]]),
      Form(kind: "Pad", attributes: ["mode": "mirror"], lists: [[0, 0, 0, 0, 0, 0, 0, 0]]),
      Form(kind: "Gather", attributes: ["axis": 4], lists: [[0]]),
      Form(kind: "Gather", attributes: ["axis": 1], lists: [[16]]),
      Form(kind: "Gather", attributes: ["axis": 1], lists: [[-17]]),
      Form(kind: "Expand", lists: [[3, 4]]), Form(kind: "Expand", lists: [[-1, 1]]),
      Form(kind: "Expand", lists: [[1 << 40, 1 << 40, 1, 1, 1, 1]]), Form(kind: "Tile", lists: [[1, 2]]),
      Form(kind: "Tile", lists: [[1, 1 << 62, 1 << 62, 8]]), Form(kind: "Tile", lists: [[1, 1, 1, -1]]),
      Form(kind: "Split", attributes: ["axis": 7], lists: [[1, 1]]),
      Form(kind: "Split", attributes: ["axis": 1], lists: [[.max, .max]]),
      Form(kind: "Concat", attributes: ["axis": 4]), Form(kind: "Concat"),
    ])
  func impossible(_ form: Form) throws {
    #expect(throws: (any Error).self) {
      let toy = network(form, channels: nil)
      _ = try toy.network().values(of: ["moved"], at: toy.sample(rows: 2))
    }
  }
}
