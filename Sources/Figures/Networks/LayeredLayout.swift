/// Where the boxes of a directed acyclic graph go: in layers from top to bottom, every edge downwards.
///
/// Sugiyama's framework (Sugiyama, Tagawa, Toda 1981): a box lies one layer below the lowest it hangs on; edges that
/// pass layers bend there in places of their own; within a layer, the order follows the mean place of the neighbours;
/// then the places are moved towards their neighbours as far as the order allows.
package struct LayeredLayout {
  /// A box, or a bend of an edge that passes a layer.
  private struct Item {
    var width: Double
    var layer: Int
    var x = 0.0
    var above: [Int] = []
    var below: [Int] = []
    var isBend = false
  }

  /// The layer of each box, and the middle of the box across.
  package private(set) var boxes: [(layer: Int, x: Double)] = []
  /// From which box to which, and where the edge crosses each layer between.
  package private(set) var edges: [(from: Int, to: Int, bends: [Double])] = []
  package private(set) var layerCount = 0
  /// From the left edge of the first to the right edge of the last.
  package private(set) var width = 0.0

  /// - Parameters:
  ///   - widths: of the boxes.
  ///   - inputs: for each box, those it hangs on: earlier ones.
  package init(widths: [Double], inputs: [[Int]]) {
    var items = zip(widths, Self.layers(inputs)).map { Item(width: $0, layer: $1) }
    layerCount = (items.map(\.layer).max() ?? -1) + 1
    var paths: [(from: Int, to: Int, bends: [Int])] = []
    for (to, sources) in inputs.enumerated() {
      for from in sources {
        var bends: [Int] = []
        for layer in (items[from].layer + 1)..<max(items[from].layer + 1, items[to].layer) {
          bends.append(items.count)
          items.append(Item(width: 0, layer: layer, isBend: true))
        }
        paths.append((from, to, bends))
        let chain = [from] + bends + [to]
        for (upper, lower) in zip(chain, chain.dropFirst()) {
          items[upper].below.append(lower)
          items[lower].above.append(upper)
        }
      }
    }
    var layers = [[Int]](repeating: [], count: layerCount)
    for index in items.indices { layers[items[index].layer].append(index) }
    Self.order(&layers, items)
    Self.place(layers, &items)

    let left = items.map { $0.x - $0.width / 2 }.min() ?? 0
    width = (items.map { $0.x + $0.width / 2 }.max() ?? 0) - left
    boxes = items.prefix(widths.count).map { ($0.layer, $0.x - left) }
    edges = paths.map { path in (path.from, path.to, path.bends.map { items[$0].x - left }) }
  }

  /// One below the lowest input; what has no inputs stands right above the first who needs it.
  private static func layers(_ inputs: [[Int]]) -> [Int] {
    var layers = [Int](repeating: 0, count: inputs.count)
    for (box, sources) in inputs.enumerated() {
      layers[box] = (sources.map { layers[$0] }.max() ?? -1) + 1
    }
    var first = [Int](repeating: .max, count: inputs.count)
    for (box, sources) in inputs.enumerated() {
      for source in sources { first[source] = min(first[source], layers[box]) }
    }
    for box in inputs.indices where inputs[box].isEmpty && first[box] < .max { layers[box] = first[box] - 1 }
    return layers
  }

  // MARK: Order

  private static let sweeps = 8

  private static func order(_ layers: inout [[Int]], _ items: [Item]) {
    var rank = [Double](repeating: 0, count: items.count)
    func number(_ layer: [Int]) { for (place, item) in layer.enumerated() { rank[item] = Double(place) } }
    for layer in layers { number(layer) }
    for sweep in 0..<sweeps {
      let goesDown = sweep % 2 == 0
      for index in goesDown ? Array(layers.indices) : layers.indices.reversed() {
        let keyed = layers[index].map { item -> (key: Double, item: Int) in
          let neighbours = goesDown ? items[item].above : items[item].below
          guard !neighbours.isEmpty else { return (rank[item], item) }
          return (neighbours.reduce(0) { $0 + rank[$1] } / Double(neighbours.count), item)
        }
        // Ties keep their order.
        layers[index] = keyed.enumerated().sorted {
          ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
        }
        .map(\.element.item)
        number(layers[index])
      }
    }
  }

  // MARK: Places

  private static func place(_ layers: [[Int]], _ items: inout [Item]) {
    for layer in layers {
      let offsets = offsets(layer, items)
      for (item, offset) in zip(layer, offsets) { items[item].x = offset - (offsets.last ?? 0) / 2 }
    }
    // Down and up in turn, then by both neighbours, at last down, which makes chains straight.
    for sweep in 0...24 {
      for index in sweep % 2 == 0 ? Array(layers.indices) : layers.indices.reversed() {
        let layer = layers[index]
        let wanted = layer.map { item -> Double in
          let neighbours =
            (16..<24).contains(sweep)
            ? items[item].above + items[item].below : sweep % 2 == 0 ? items[item].above : items[item].below
          guard !neighbours.isEmpty else { return items[item].x }
          return neighbours.reduce(0) { $0 + items[$1].x } / Double(neighbours.count)
        }
        let offsets = offsets(layer, items)
        // In order and far enough apart, as near as possible to what is wanted: with the widths taken off, that is an
        // isotonic regression. Bends count more, so that long edges are straight.
        let regression = isotonic(
          zip(wanted, offsets).map { $0 - $1 }, weights: layer.map { items[$0].isBend ? 4 : 1 })
        for (place, item) in layer.enumerated() { items[item].x = regression[place] + offsets[place] }
      }
    }
  }

  /// The middles of a layer's items packed as tightly as they may be, the first at 0.
  private static func offsets(_ layer: [Int], _ items: [Item]) -> [Double] {
    var offsets: [Double] = []
    var place = 0.0
    for (index, item) in layer.enumerated() {
      if index > 0 {
        let gap = items[item].isBend && items[layer[index - 1]].isBend ? 10.0 : 18.0
        place += (items[layer[index - 1]].width + items[item].width) / 2 + gap
      }
      offsets.append(place)
    }
    return offsets
  }

  /// The rising sequence nearest to `values` in weighted least squares: pool adjacent violators.
  private static func isotonic(_ values: [Double], weights: [Double]) -> [Double] {
    var blocks: [(mean: Double, weight: Double, count: Int)] = []
    for (value, weight) in zip(values, weights) {
      blocks.append((value, weight, 1))
      while blocks.count > 1, blocks[blocks.count - 2].mean > blocks[blocks.count - 1].mean {
        let last = blocks.removeLast()
        let before = blocks.removeLast()
        let weight = before.weight + last.weight
        let mean = (before.mean * before.weight + last.mean * last.weight) / weight
        blocks.append((mean, weight, before.count + last.count))
      }
    }
    return blocks.flatMap { [Double](repeating: $0.mean, count: $0.count) }
  }
}
