import Graphs
import Tensors
import TestSupport
import Testing

/// Evaluating inputs that differ from a known one in a part: whatever is left out, the results are the same.
struct IncrementalTests {
  /// Convolutions, poolings, normalizations, branches and functions in random order, then a classifier.
  private static func random(seed: UInt64, rank: Int) -> ToyNetwork {
    var generator = SplitMix64(seed: seed)
    let extents = rank == 2 ? [23, 18] : [40]
    var toy = ToyNetwork([1, 2] + extents)
    var (last, channels) = ("x", 2)
    for index in 0..<7 {
      let name = "t\(index)"
      let strides = extents.map { _ in index % 3 == 2 ? Int.random(in: 1...3, using: &generator) : 1 }
      switch Int.random(in: 0..<6, using: &generator) {
      case 0, 1:
        let kernel = extents.map { _ in Int.random(in: 1...4, using: &generator) }
        let filters = Int.random(in: 1...9, using: &generator)
        let weights = toy.weight("w\(name)", generator.tensor(Shape([filters, channels] + kernel)))
        let bias = toy.weight("b\(name)", generator.tensor([filters]))
        toy.add(
          "Conv", [last, weights, bias], name,
          ["auto_pad": index % 2 == 0 ? "SAME_UPPER" : "SAME_LOWER", "strides": .integers(strides)])
        channels = filters
      case 2: toy.add("Tanh", [last], name)
      case 3:
        let kernel = extents.map { _ in Int.random(in: 1...3, using: &generator) }
        toy.add(
          "MaxPool", [last], name,
          ["kernel_shape": .integers(kernel), "auto_pad": "SAME_UPPER", "strides": .integers(strides)])
      case 4:
        let kernel = extents.map { _ in 2 }
        toy.add(
          "AveragePool", [last], name,
          [
            "kernel_shape": .integers(kernel),
            "pads": .integers(kernel + kernel.map { _ in 0 }.map { $0 + 1 }),
            "count_include_pad": 1,
          ])
      default:
        let kernel = Shape([channels, channels] + extents.map { _ in 3 })
        toy.add(
          "Conv", [last, toy.weight("w\(name)", generator.tensor(kernel))], "branch \(name)",
          ["auto_pad": "SAME_UPPER"])
        toy.add("Relu", ["branch \(name)"], "open \(name)")
        toy.add("Add", [last, "open \(name)"], name)
      }
      last = name
    }
    toy.add("GlobalAveragePool", [last], "means")
    toy.add("Flatten", ["means"], "flat")
    toy.add("Gemm", ["flat", toy.weight("g", generator.tensor([channels, 3]))], "y")
    return toy
  }

  /// Copies of `base`, each with other numbers in a box.
  private static func changed(
    _ base: Tensor, rows: Int, box: [Int], _ generator: inout SplitMix64
  ) -> Tensor {
    let extents = Array(base.shape.dimensions.dropFirst(2))
    let plane = extents.reduce(1, *)
    return Tensor(
      joining: (0..<rows).map { _ in
        let starts = zip(extents, box).map { Int.random(in: 0...($0 - $1), using: &generator) }
        var values = base.values
        for place in values.indices {
          var rest = place % plane
          var isInside = true
          for axis in extents.indices.reversed() {
            let here = rest % extents[axis]
            rest /= extents[axis]
            isInside = isInside && (starts[axis]..<starts[axis] + box[axis]).contains(here)
          }
          if isInside { values[place] = Float.random(in: -1...1, using: &generator) }
        }
        return Tensor(base.shape, values)
      })
  }

  // Sums in another order: some roundings of float32.
  @Test("the same results as of the whole evaluation", arguments: 0..<40, [1, 2])
  func agrees(seed: Int, rank: Int) throws {
    let toy = Self.random(seed: UInt64(seed), rank: rank)
    let network = try toy.rowNetwork()
    let base = try #require(toy.sample(rows: 1)["x"])
    var generator = SplitMix64(seed: UInt64(seed) + 1000)
    for box in [[1, 1], [4, 3], [9, 18]] {
      let x = Self.changed(base, rows: 19, box: Array(box.prefix(rank)), &generator)
      let wanted = ["y", "t6"]
      let parts = try network.values(of: wanted, at: x, differingFrom: base)
      for (part, whole) in zip(parts, try network.values(of: wanted, at: ["x": x])) {
        #expect(part.shape == whole.shape && distance(part, Values(whole)) < 1e-5, "box \(box)")
      }
      let alone = try network.values(of: ["y"], at: x, differingFrom: base)[0]
      #expect(distance(alone, Values(parts[0])) < 1e-5)
    }
  }

  /// A dozen convolutions on a map much larger than what they reach.
  private static func deep() -> ToyNetwork {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1, 1, 64, 64])
    var last = "x"
    for index in 0..<5 {
      let weights = toy.weight(
        "w\(index)", generator.tensor([16, index == 0 ? 1 : 16, 3, 3], in: -0.2...0.2))
      toy.add("Conv", [last, weights], "c\(index)", ["pads": .integers([1, 1, 1, 1])])
      last = toy.add("Relu", ["c\(index)"], "r\(index)")
    }
    toy.add("GlobalMaxPool", [last], "peak")
    toy.add("Flatten", ["peak"], "y")
    return toy
  }

  @Test("a small change costs little")
  func cost() throws {
    let network = try Self.deep().network()
    let plan = try network.incrementalPlan(for: ["y"], changing: [1, 1, 8, 8], inputShape: [1, 1, 64, 64])
    // 18 places of 64 at the last layer, along each axis.
    #expect(try #require(plan).share < 0.15)
    let whole = try network.incrementalPlan(
      for: ["y"], changing: [1, 1, 60, 64], inputShape: [1, 1, 64, 64])
    #expect(whole == nil)
  }

  @Test("rows that do not differ, one row, changes at the corners, changes of different sizes")
  func corners() throws {
    let toy = Self.deep()
    let network = try toy.rowNetwork()
    let base = try #require(toy.sample(rows: 1)["x"])
    var rows = [base]
    for place in [0, 63, 64 * 63, 64 * 64 - 1, 64 * 31 + 17] {
      var row = base
      row.withUnsafeMutableValues { $0[place] += 1 }
      rows.append(row)
    }
    for count in [1, 2, 6] {
      let x = Tensor(joining: Array(rows.prefix(count)))
      let part = try network.values(of: ["y"], at: x, differingFrom: base)[0]
      #expect(distance(part, Values(try network.values(of: ["y"], at: ["x": x])[0])) < 1e-5)
    }
  }

  @Test("networks of which nothing can be left out are evaluated whole")
  func nothingToGain() throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork([1, 12])
    toy.add("Gemm", ["x", toy.weight("w", generator.tensor([12, 4]))], "h")
    toy.add("Softmax", ["h"], "y")
    let network = try toy.rowNetwork()
    let base = try #require(toy.sample(rows: 1)["x"])
    var x = Tensor(joining: [base, base, base])
    x.withUnsafeMutableValues { $0[14] = 3 }
    let part = try network.values(of: ["y"], at: x, differingFrom: base)[0]
    #expect(part == (try network.values(of: ["y"], at: ["x": x])[0]))
  }
}
