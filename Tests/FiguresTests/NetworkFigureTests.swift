import Figures
import Tensors
import TestSupport
import Testing

/// Drawings of networks: whole, in order, nothing on top of anything else.
struct NetworkFigureTests {
  /// Edges as lists of inputs: random, acyclic, with some that pass many layers.
  private static func inputs(_ count: Int, seed: UInt64) -> [[Int]] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { box in
      guard box > 0 else { return [] }
      let sources = Set(
        (0..<Int.random(in: 0...2, using: &generator)).map { _ in Int.random(in: 0..<box, using: &generator) }
      )
      return ([max(0, box - Int.random(in: 1...3, using: &generator))] + sources).reduce(into: []) {
        if !$0.contains($1) { $0.append($1) }
      }
    }
  }

  @Test("edges go down, boxes of a layer stand apart", arguments: 0..<20 as Range<UInt64>)
  func layout(seed: UInt64) {
    let inputs = Self.inputs(60, seed: seed)
    var generator = SplitMix64(seed: seed)
    let widths = inputs.map { _ in Double.random(in: 60...200, using: &generator) }
    let layout = LayeredLayout(widths: widths, inputs: inputs)
    #expect(layout.edges.count == inputs.reduce(0) { $0 + $1.count })
    for edge in layout.edges {
      let passed = layout.boxes[edge.to].layer - layout.boxes[edge.from].layer
      #expect(passed == edge.bends.count + 1)
    }
    for layer in 0..<layout.layerCount {
      let row = layout.boxes.indices.filter { layout.boxes[$0].layer == layer }
        .sorted { layout.boxes[$0].x < layout.boxes[$1].x }
      #expect(!row.isEmpty)
      for (left, right) in zip(row, row.dropFirst()) {
        let gap = layout.boxes[right].x - layout.boxes[left].x - (widths[left] + widths[right]) / 2
        #expect(gap > 17.9)
      }
      for box in row {
        #expect(layout.boxes[box].x - widths[box] / 2 > -1e-6)
        #expect(layout.boxes[box].x + widths[box] / 2 < layout.width + 1e-6)
      }
      // No edge runs through a box that it only passes.
      for edge in layout.edges {
        let step = layer - layout.boxes[edge.from].layer - 1
        guard edge.bends.indices.contains(step) else { continue }
        for box in row { #expect(abs(edge.bends[step] - layout.boxes[box].x) > widths[box] / 2 + 17.9) }
      }
    }
  }

  @Test("a chain is a straight line, and the branches of a block stand on both sides of it")
  func shapes() {
    let chain = LayeredLayout(widths: [80, 120, 100], inputs: [[], [0], [1]])
    #expect(chain.boxes.map(\.layer) == [0, 1, 2])
    for box in chain.boxes { #expect(abs(box.x - 60) < 1e-6) }

    let diamond = LayeredLayout(widths: [100, 100, 100, 100], inputs: [[], [0], [0], [1, 2]])
    #expect(diamond.boxes.map(\.layer) == [0, 1, 1, 2])
    #expect(abs(diamond.boxes[0].x - diamond.boxes[3].x) < 1)
    #expect(abs(diamond.boxes[1].x + diamond.boxes[2].x - 2 * diamond.boxes[0].x) < 1)
    // A second input stands right above the node that reads it.
    let late = LayeredLayout(widths: [100, 100, 100, 100], inputs: [[], [0], [], [1, 2]])
    #expect(late.boxes.map(\.layer) == [0, 1, 1, 2])
  }

  @Test("SVG and PNG of a small network, of one box, and of none")
  func files() throws {
    let names = [
      "x", "a very long name of a tensor that would not fit into any box, not even a wide one & <b>", "",
    ]
    for count in [0, 1, 12] {
      let inputs = Self.inputs(count, seed: 3)
      let figure = NetworkFigure(
        title: "A & B", subtitle: "12 parameters",
        boxes: inputs.enumerated().map { index, inputs in
          .init(
            kind: "Conv", name: names[index % 3], shape: "[1, 3, 96, 64]",
            family: NetworkFigure.Family.allCases[index % NetworkFigure.Family.allCases.count],
            inputs: inputs,
            isOutput: index == count - 1)
        })
      let svg = String(decoding: try figure.svg(), as: UTF8.self)
      #expect(svg.contains("<title>A &amp; B</title>") && svg.contains("A network of \(count) nodes"))
      #expect(try figure.png().starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }
  }
}
