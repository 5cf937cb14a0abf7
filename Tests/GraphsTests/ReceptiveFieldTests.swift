import Graphs
import Tensors
import TestSupport
import Testing

/// Receptive fields against what truly happens when a place of the input changes.
struct ReceptiveFieldTests {
  /// Random layers with positive weights, so that nothing a place adds is taken away again.
  private func random(seed: UInt64) -> ToyNetwork {
    var generator = SplitMix64(seed: seed)
    var toy = ToyNetwork([1, 1, 23, 19])
    var source = "x"
    for index in 0..<Int.random(in: 1...4, using: &generator) {
      let name = "t\(index)"
      func pair(_ range: ClosedRange<Int>) -> [Int] {
        (0..<2).map { _ in Int.random(in: range, using: &generator) }
      }
      var window: [String: Attribute] = ["strides": .integers(pair(1...2))]
      switch Int.random(in: 0..<5, using: &generator) {
      case 0, 1:
        let weights = toy.weight("w\(name)", generator.tensor(Shape([1, 1] + pair(1...3)), in: 0.5...1))
        window["dilations"] = .integers(pair(1...2))
        window["pads"] = .integers(pair(0...2) + pair(0...2))
        toy.add("Conv", [source, weights], name, window)
      case 2:
        window["kernel_shape"] = .integers(pair(2...3))
        window["pads"] = .integers(pair(0...1) + pair(0...1))
        toy.add("AveragePool", [source], name, window)
      case 3:
        toy.add("Relu", [source], "\(name) open")
        toy.add("Add", ["\(name) open", source], name)
      default: toy.add("Transpose", [source], name, ["perm": [0, 1, 3, 2]])
      }
      source = name
    }
    return toy
  }

  @Test(
    "a place changes when something in its field does, at both ends of it, and never else", arguments: 0..<60)
  func bruteForce(seed: Int) throws {
    let toy = random(seed: UInt64(seed))
    let graph = try toy.graph()
    let base = Tensor([1, 1, 23, 19], repeating: 1)
    guard let shapes = try? graph.shapes(for: ["x": base.shape]), let shape = shapes[toy.result] else {
      return
    }
    let field = try #require(graph.receptiveFields(of: "x", shapes: shapes)[toy.result])
    let network = try toy.network()

    // One row of the batch for each place of the input that is raised.
    let extents = [23, 19]
    let places = indices(extents)
    var raised = Tensor([places.count, 1, 23, 19], repeating: 1)
    for (row, place) in places.enumerated() { raised[row, 0, place[0], place[1]] = 100 }
    let before = try network.values(of: [toy.result], at: ["x": base])[0].values
    let after = try network.values(of: [toy.result], at: ["x": raised])[0]
    for (index, output) in indices(Array(shape.dimensions.dropFirst(2))).enumerated() {
      let reached = places.indices.filter { after.values(ofRow: $0)[index] != before[index] }.map {
        places[$0]
      }
      for (axis, place) in output.enumerated() {
        let along = try #require(field.axes[axis + 2])
        let (start, end) = (along.start + Double(place) * along.jump, Double(along.size) - 1)
        let ends = reached.map { Double($0[along.inputAxis - 2]) }
        guard let first = ends.min(), let last = ends.max() else { continue }
        #expect(first >= start && last <= start + end)
        // Where padding cuts the field off, its first place need not be read (dilations and strides leave gaps).
        if start >= 0, start + end < Double(extents[along.inputAxis - 2]) {
          #expect(first == start && last == start + end)
          #expect(along.centre(Double(place)) == (first + last) / 2)
        }
      }
    }
  }

  @Test("axes that are mixed or flattened follow nothing")
  func mixed() throws {
    var toy = ToyNetwork([1, 3, 8, 8])
    toy.add("Conv", ["x", toy.weight("w", Tensor([4, 3, 3, 3]))], "c")
    toy.add("Softmax", ["c"], "s", ["axis": 2])
    toy.add("GlobalAveragePool", ["c"], "g")
    toy.add("Flatten", ["c"], "f")
    toy.add("Gemm", ["f", toy.weight("v", Tensor([144, 5]))], "y")
    toy.add("MatMul", ["c", toy.weight("u", Tensor([6, 6]))], "m")
    toy.add("Add", ["c", "m"], "sum")
    let graph = try toy.graph()
    let shapes = try graph.shapes(for: ["x": [1, 3, 8, 8]])
    let fields = graph.receptiveFields(of: "x", shapes: shapes)
    func followed(_ name: String) -> [Int?]? { fields[name]?.axes.map { $0?.inputAxis } }
    #expect(followed("c") == [0, nil, 2, 3])
    #expect(followed("s") == [0, nil, nil, 3])
    #expect(followed("f")?.last == .some(nil))
    #expect(followed("y")?.last == .some(nil))
    #expect(followed("m") == [0, nil, 2, nil])
    #expect(followed("sum") == [0, nil, 2, nil])
    #expect(fields["g"]?.axes[2]?.size == 8)
    #expect(fields["c"]?.axis(along: 3) == 3)
    #expect(graph.receptiveFields(of: "w", shapes: [:]).isEmpty)
  }

  @Test("an axis put in and turned keeps what the others follow, as in a network of steps by bands")
  func stepsByBands() throws {
    var toy = ToyNetwork([1, 40, 24])
    toy.add("Unsqueeze", ["x", toy.constant("axes", [1])], "image")
    toy.add("Conv", ["image", toy.weight("w", Tensor([4, 1, 7, 24]))], "c", ["pads": [3, 0, 3, 0]])
    toy.add("Transpose", ["c"], "turned", ["perm": [0, 3, 2, 1]])
    let graph = try toy.graph()
    let fields = graph.receptiveFields(of: "x", shapes: try graph.shapes(for: ["x": [1, 40, 24]]))
    let steps = try #require(fields["turned"]?.axes[2])
    #expect(steps.inputAxis == 1)
    #expect(steps.start == -3 && steps.size == 7 && steps.jump == 1)
    #expect(fields["turned"]?.axes[1]?.size == 24)
  }
}

extension Tensor {
  fileprivate func values(ofRow row: Int) -> [Float] { rows(row..<row + 1).values }
}
