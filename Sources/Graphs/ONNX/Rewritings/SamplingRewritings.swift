import Tensors

/// What reads maps at computed places, and what puts patches back where they came from.
let samplingRewritings: [String: Rewriter] = [
  "GridSample": { node, parts in
    let operands = try node.operands(2)
    let (map, grid) = (try node.knownShape(0), try node.knownShape(1))
    let axes = map.rank - 2
    let mode = node.string("mode", default: "linear")
    let padding = node.string("padding_mode", default: "zeros")
    guard (1...3).contains(axes), grid.rank == map.rank, grid[axes + 1] == axes else {
      throw node.unsupported("a grid of shape \(grid) for a map of shape \(map)")
    }
    guard let interpolation = Sampling.Interpolation(mode),
      let surroundings = Sampling.Surroundings(rawValue: padding),
      interpolation != .cubic || axes < 3
    else { throw node.unsupported("mode = \(mode), padding_mode = \(padding), along \(axes) axes") }
    let sampling = Sampling(
      interpolation: interpolation, surroundings: surroundings,
      alignsCorners: node.integer("align_corners", default: 0) != 0, extents: Array(map.dimensions[2...]))
    // The last axis of the grid names the axes of the map from the last to the first, each from −1 to 1.
    let positions = (0..<axes).map { axis in
      let extent = Float(map[axis + 2])
      let span = sampling.alignsCorners ? extent - 1 : extent
      let place = parts.cut(operands[1], axis: axes + 1, from: axes - 1 - axis, to: axes - axis)
      return parts.raised(
        parts.scaled(parts.reshaped(place, to: [0, -1]), by: span / 2), by: (extent - 1) / 2)
    }
    let flat = parts.transposed(parts.reshaped(operands[0], to: [0, 0, -1]), [0, 2, 1])
    let result = parts.transposed(parts.sampled(flat, at: positions, sampling), [0, 2, 1])
    let extents = [0, 0] + grid.dimensions[1...axes]
    parts.finish("Reshape", [result, parts.integers(extents)])
  },
  "AffineGrid": { node, parts in
    let operands = try node.operands(2)
    guard let size = try node.integers(1), (4...5).contains(size.count), size.allSatisfy({ $0 > 0 }) else {
      throw node.unsupported("it names no size of 4 or 5 axes")
    }
    let extents = Array(size.dropFirst(2))
    let alignsCorners = node.integer("align_corners", default: 0) != 0
    // Of each place its coordinates, the last axis first, and a one.
    var coordinates = extents.enumerated().map { axis, extent in
      let span = Float(alignsCorners ? extent - 1 : extent)
      let step = span > 0 ? 2 / span : 0
      var view = [Int](repeating: 1, count: extents.count)
      view[axis] = extent
      let places = parts.add("Cast", [parts.places(extent)], ["to": 1])
      let line = parts.raised(parts.scaled(places, by: step), by: -step * Float(extent - 1) / 2)
      return parts.add("Expand", [parts.reshaped(line, to: view), parts.integers(extents)])
    }
    coordinates.reverse()
    coordinates.append(parts.add("Expand", [parts.number(1), parts.integers(extents)]))
    let columns = coordinates.map { parts.reshaped($0, to: [-1, 1]) }
    let turned = parts.transposed(operands[0], [0, 2, 1])
    let product = parts.add("MatMul", [parts.joined(columns, axis: 1), turned])
    parts.finish("Reshape", [product, parts.integers([0] + extents + [extents.count])])
  },
  "Col2Im": { node, parts in try node.foldPatches(&parts) },
  "CenterCropPad": { node, parts in
    let shape = try node.knownShape(0)
    let axes = try node.placing { try shape.places(ofAxes: node.optionalIntegers("axes")) }
    guard let wanted = try node.integers(1), wanted.count == axes.count,
      wanted.allSatisfy({ (0...1 << 30).contains($0) })
    else { throw node.unsupported("its shape does not fit \(axes.count) axes") }
    var result = try node.operands(1)[0]
    var pads = [Int](repeating: 0, count: 2 * shape.rank)
    for (axis, extent) in zip(axes, wanted) {
      let room = extent - shape[axis]
      if room < 0 {
        result = parts.cut(result, axis: axis, from: -room / 2, to: -room / 2 + extent)
      } else {
        (pads[axis], pads[shape.rank + axis]) = (room / 2, room - room / 2)
      }
    }
    parts.finish("Pad", [result, parts.integers(pads)])
  },
  // Each maximum back to the place that it came from.
  "MaxUnpool": { node, parts in
    let operands = try node.operands(2)
    let shape = try node.knownShape(0)
    let (kernel, rank) = (node.optionalIntegers("kernel_shape") ?? [], shape.rank - 2)
    let strides = node.optionalIntegers("strides") ?? [Int](repeating: 1, count: kernel.count)
    let pads = node.optionalIntegers("pads") ?? [Int](repeating: 0, count: 2 * kernel.count)
    guard rank > 0, kernel.count == rank, strides.count == rank, pads.count == 2 * rank,
      (kernel + strides + pads).allSatisfy({ (0...1 << 20).contains($0) })
    else { throw node.unsupported("a kernel \(kernel), strides \(strides) and pads \(pads) for \(shape)") }
    let extents: [Int] = (0..<rank).map { axis in
      let reach = (shape[axis + 2] - 1) * strides[axis] + kernel[axis]
      return reach - pads[axis] - pads[rank + axis]
    }
    let whole = Array(shape.dimensions.prefix(2)) + extents
    let checked = try node.placing { try Shape(checking: whole) }
    let zeros = parts.add("Expand", [parts.number(0), parts.integers([checked.count])])
    let flat = operands.map { parts.reshaped($0, to: [-1]) }
    let scattered = parts.add("ScatterElements", [zeros, flat[1], flat[0]], ["axis": 0])
    let result = parts.reshaped(scattered, to: whole)
    guard let wanted = try node.integers(2) else { return parts.finish("Identity", [result]) }
    guard wanted.count == whole.count, zip(wanted, whole).allSatisfy({ $0 >= $1 }) else {
      throw node.unsupported("output_shape \(wanted) for maps of shape \(whole)")
    }
    let behind = zip(wanted, whole).map { $0 - $1 }
    parts.finish("Pad", [result, parts.integers(whole.map { _ in 0 } + behind)])
  },
]

extension ONNXNode {
  /// ONNX `Col2Im`: patches `[batch, channels · block, patches]` added up to a map, as PyTorch's `Fold`.
  fileprivate func foldPatches(_ parts: inout Rewriting) throws {
    let source = try shape(0, ofRank: 3)
    guard let image = try integers(1), let block = try integers(2), image.count == block.count,
      !image.isEmpty
    else { throw unsupported("it names no shapes of the image and the block") }
    let rank = image.count
    let ones = [Int](repeating: 1, count: rank)
    let strides = optionalIntegers("strides") ?? ones
    let dilations = optionalIntegers("dilations") ?? ones
    let pads = optionalIntegers("pads") ?? [Int](repeating: 0, count: 2 * rank)
    guard strides.count == rank, dilations.count == rank, pads.count == 2 * rank,
      (image + block + strides + dilations).allSatisfy({ (1...1 << 20).contains($0) }),
      pads.allSatisfy({ (0...1 << 20).contains($0) })
    else { throw unsupported("strides \(strides), dilations \(dilations), pads \(pads)") }
    // Where each element of each patch goes in the padded image.
    let axes = Array(0..<rank)
    let padded: [Int] = axes.map { image[$0] + pads[$0] + pads[rank + $0] }
    let whole = try placing { try Shape(checking: padded) }
    let steps: [Int] = axes.map { axis in
      let reach = (block[axis] - 1) * dilations[axis] + 1
      return padded[axis] < reach ? 0 : (padded[axis] - reach) / strides[axis] + 1
    }
    let (patch, count) = (block.reduce(1, saturatingProduct), steps.reduce(1, saturatingProduct))
    guard count == source[2], patch > 0, source[1] % patch == 0, max(patch, count) <= 1 << 18
    else { throw unsupported("\(source) are not patches of \(block) of an image of \(image)") }
    func offsets(_ counts: [Int], _ spacing: [Int]) -> [Int] {
      gridOffsets(
        axes.map { axis in
          let step = spacing[axis] * whole.strides[axis]
          return (0..<counts[axis]).map { $0 * step }
        })
    }
    let (inner, outer) = (offsets(block, dilations), offsets(steps, strides))
    let places = parts.sum(
      parts.reshaped(parts.integers(inner), to: [-1, 1]), parts.reshaped(parts.integers(outer), to: [1, -1]))
    let channels = source[1] / patch
    let updates = parts.transposed(
      parts.reshaped(try operands(1)[0], to: [source[0], channels, patch * count]), [2, 0, 1])
    let zeros = parts.add(
      "Expand", [parts.number(0), parts.integers([whole.count, source[0], channels])])
    let indices = parts.reshaped(places, to: [-1, 1])
    let added = parts.add("ScatterND", [zeros, indices, updates], ["reduction": "add"])
    let map = parts.reshaped(parts.transposed(added, [1, 2, 0]), to: [source[0], channels] + padded)
    let starts = Array(pads.prefix(rank))
    let ends = (0..<rank).map { starts[$0] + image[$0] }
    parts.finish(
      "Slice", [map, parts.integers(starts), parts.integers(ends), parts.integers(Array(2..<rank + 2))])
  }
}
