import OneDNN
import Tensors

/// Cuts stretches out of maps, and lays changed patches over them: for computing only what a change reaches.
///
/// Row `i` of the result `[n, C, extents…]` is the stretch of the maps that begins at `starts[i]`; where it lies under
/// patch `i`, which begins at `patchStarts[i]`, it shows the patch, and outside of the maps `padding`. Operands: maps
/// `[1, C, …]` or `[n, C, …]`, positions `[n, 2 · axes]` (`starts`, then `patchStarts`), and the patches
/// `[n, C, …]`, if any. One or two spatial axes.
struct RegionAssembly: Operator {
  let extents: [Int]
  let padding: Float

  var kind: String { "RegionAssembly" }

  var operandCounts: ClosedRange<Int> { 2...3 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (maps, positions) = (try inputs.operand(0), try inputs.operand(1))
    guard (1...2).contains(extents.count), maps.rank == extents.count + 2, positions.rank == 2,
      positions[1] == 2 * extents.count, maps[0] == 1 || maps[0] == positions[0]
    else { throw ShapeMismatch("regions at positions \(positions) of maps \(maps)") }
    return [Shape([positions[0], maps[1]] + extents)]
  }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let maps = try lowering.shape(node.inputs[0])
    let result = try lowering.shape(node.outputs[0])
    let patches = node.inputs.count > 2 ? try lowering.shape(node.inputs[2]) : nil
    // Channels last, where the maps lie so: a place is then one run of numbers.
    let leading = patches == nil ? node.inputs[0] : node.inputs[2]
    let leadingShape = try lowering.shape(leading)
    let channelsLast = try lowering.layout(of: leading) == .channelsLast(leadingShape.dimensions)
    func layout(_ shape: Shape) throws -> Layout {
      channelsLast ? try .channelsLast(shape.dimensions) : try .plain(shape.dimensions)
    }
    var inputs = [
      try lowering.use(node.inputs[0], as: layout(maps)),
      try lowering.use(node.inputs[1], as: .plain(try lowering.shape(node.inputs[1]).dimensions)),
    ]
    if let patches { inputs.append(try lowering.use(node.inputs[2], as: layout(patches))) }
    let output = lowering.define(node.outputs[0], try layout(result))
    let copying = RegionCopying(
      maps: maps, patches: patches, extents: extents, padding: padding, channelsLast: channelsLast)
    let kernel = NativeKernel(work: result.count) { inputs, outputs, lanes in
      lanes.share(result[0]) { rows in
        for row in rows {
          copying.assemble(
            row, maps: inputs[0], positions: inputs[1], patches: inputs.count > 2 ? inputs[2] : nil,
            into: outputs[0])
        }
      }
    }
    lowering.emit(kernel, inputs: inputs, outputs: [output])
  }
}

/// The loops of `RegionAssembly`, with one-dimensional maps as maps of one line.
private struct RegionCopying: Sendable {
  let channels: Int
  let mapRows: Int
  let map: (lines: Int, columns: Int)
  let patch: (lines: Int, columns: Int)
  let extent: (lines: Int, columns: Int)
  let axes: Int
  let padding: Float
  let channelsLast: Bool

  init(maps: Shape, patches: Shape?, extents: [Int], padding: Float, channelsLast: Bool) {
    func plane(_ extents: ArraySlice<Int>) -> (Int, Int) {
      (extents.count == 2 ? extents[extents.startIndex] : 1, extents.last ?? 1)
    }
    channels = maps[1]
    mapRows = maps[0]
    map = plane(maps.dimensions.dropFirst(2))
    patch = patches.map { plane($0.dimensions.dropFirst(2)) } ?? (0, 0)
    extent = plane(extents[...])
    axes = extents.count
    self.padding = padding
    self.channelsLast = channelsLast
  }

  func assemble(
    _ row: Int, maps: UnsafePointer<Float>, positions: UnsafePointer<Float>, patches: UnsafePointer<Float>?,
    into result: UnsafeMutablePointer<Float>
  ) {
    let places = positions + row * 2 * axes
    func start(_ index: Int) -> (line: Int, column: Int) {
      (axes == 2 ? Int(places[index * axes]) : 0, Int(places[index * axes + axes - 1]))
    }
    let (origin, patchOrigin) = (start(0), start(1))
    let source = maps + (mapRows == 1 ? 0 : row) * channels * map.lines * map.columns
    let patches = patches.map { $0 + row * channels * patch.lines * patch.columns }
    let target = result + row * channels * extent.lines * extent.columns
    // With channels last, a line of places is a run of `columns · channels` numbers; else each channel has its lines.
    let width = channelsLast ? channels : 1
    for channel in 0..<(channelsLast ? 1 : channels) {
      for line in 0..<extent.lines {
        let mapLine = origin.line + line
        let to = target + (channel * extent.lines + line) * extent.columns * width
        guard mapLine >= 0, mapLine < map.lines else {
          to.update(repeating: padding, count: extent.columns * width)
          continue
        }
        let from = source + (channel * map.lines + mapLine) * map.columns * width
        copy(from, from: origin.column, of: map.columns, to, width)
        let patchLine = mapLine - patchOrigin.line
        if let patches, patchLine >= 0, patchLine < patch.lines {
          let patch = patches + (channel * self.patch.lines + patchLine) * self.patch.columns * width
          let offset = patchOrigin.column - origin.column
          let first = max(0, -offset)
          let last = min(self.patch.columns, extent.columns - offset)
          if first < last {
            (to + (offset + first) * width).update(from: patch + first * width, count: (last - first) * width)
          }
        }
      }
    }
  }

  /// Copies `extent.columns` places of a line from place `start` on, with padding where the line has none.
  private func copy(
    _ line: UnsafePointer<Float>, from start: Int, of count: Int, _ target: UnsafeMutablePointer<Float>,
    _ width: Int
  ) {
    let first = min(max(0, -start), extent.columns)
    let last = max(first, min(extent.columns, count - start))
    target.update(repeating: padding, count: first * width)
    (target + first * width).update(from: line + (start + first) * width, count: (last - first) * width)
    (target + last * width).update(repeating: padding, count: (extent.columns - last) * width)
  }
}
