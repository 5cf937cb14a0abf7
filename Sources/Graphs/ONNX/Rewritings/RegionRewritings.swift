import Tensors

/// What looks at regions of maps that other numbers move: deformable convolutions and regions of interest.
let regionRewritings: [String: Rewriter] = [
  "DeformConv": { node, parts in try node.deformableConvolution(&parts) },
  "RoiAlign": { node, parts in try node.alignRegions(&parts) },
]

extension Rewriting {
  /// `factor · i + term` for the places `i` of an axis, in this view.
  fileprivate mutating func line(_ count: Int, by factor: Float, plus term: Float, as view: [Int])
    -> TensorName
  {
    let places = add("Cast", [places(count)], ["to": 1])
    return reshaped(raised(scaled(places, by: factor), by: term), to: view)
  }
}

extension ONNXNode {
  /// ONNX `DeformConv`: each element of the kernel reads the map at a place moved by an offset of its own.
  fileprivate func deformableConvolution(_ parts: inout Rewriting) throws {
    let operands = try operands(3)
    let (map, weights) = (try shape(0, ofRank: 4), try shape(1, ofRank: 4))
    let offsets = try shape(2, ofRank: 4)
    let strides = optionalIntegers("strides") ?? [1, 1]
    let dilations = optionalIntegers("dilations") ?? [1, 1]
    let pads = optionalIntegers("pads") ?? [0, 0, 0, 0]
    let (groups, offsetGroups) = (integer("group", default: 1), integer("offset_group", default: 1))
    let (batch, channels, kernel) = (map[0], map[1], Array(weights.dimensions[2...]))
    let extents = Array(offsets.dimensions[2...])
    guard strides.count == 2, dilations.count == 2, pads.count == 4, groups > 0, offsetGroups > 0,
      (strides + dilations + pads).allSatisfy({ (0...1 << 20).contains($0) }),
      channels % groups == 0, channels % offsetGroups == 0, weights[0] % groups == 0,
      weights[1] == channels / groups, offsets[0] == batch,
      offsets[1] == saturatingProduct(2 * offsetGroups, saturatingProduct(kernel[0], kernel[1]))
    else {
      throw unsupported("a map \(map), weights \(weights) and offsets \(offsets) of \(groups) groups")
    }
    let moved = parts.reshaped(operands[2], to: [batch * offsetGroups] + kernel + [2] + extents)
    let positions = (0..<2).map { axis in
      let own = parts.add("Gather", [moved, parts.integer(axis)], ["axis": 3])
      var (inKernel, inMap) = ([1, 1, 1, 1], [1, 1, 1, 1])
      (inKernel[axis], inMap[axis + 2]) = (kernel[axis], extents[axis])
      let element = parts.line(
        kernel[axis], by: Float(dilations[axis]), plus: -Float(pads[axis]), as: inKernel)
      let place = parts.line(extents[axis], by: Float(strides[axis]), plus: 0, as: inMap)
      return parts.reshaped(parts.sum(own, parts.sum(element, place)), to: [batch * offsetGroups, -1])
    }
    let each = channels / offsetGroups
    let flat = parts.transposed(
      parts.reshaped(operands[0], to: [batch * offsetGroups, each, -1]), [0, 2, 1])
    var values = parts.sampled(
      flat, at: positions,
      Sampling(
        interpolation: .linear, surroundings: .zeros, alignsCorners: true,
        extents: Array(map.dimensions[2...])))
    if hasOperand(4) {
      values = parts.product(values, parts.reshaped(inputs[4], to: [batch * offsetGroups, -1, 1]))
    }
    let (elements, places) = (kernel[0] * kernel[1], extents[0] * extents[1])
    let apart = parts.reshaped(values, to: [batch, offsetGroups, elements, places, each])
    let columns = parts.reshaped(
      parts.transposed(apart, [0, 1, 4, 2, 3]), to: [batch, groups, channels / groups * elements, places])
    let matrix = parts.reshaped(
      operands[1], to: [groups, weights[0] / groups, channels / groups * elements])
    let product = parts.reshaped(
      parts.add("MatMul", [matrix, columns]), to: [batch, weights[0]] + extents)
    guard hasOperand(3) else { return parts.finish("Identity", [product]) }
    parts.finish("Add", [product, parts.reshaped(inputs[3], to: [1, -1, 1, 1])])
  }

  /// ONNX `RoiAlign`: the mean of a map over the cells of a grid laid on each region, read at `sampling_ratio²` places
  /// of each cell (He et al., Mask R-CNN, 2017).
  fileprivate func alignRegions(_ parts: inout Rewriting) throws {
    let operands = try operands(3)
    let (map, regions) = (try shape(0, ofRank: 4), try shape(1, ofRank: 2))
    let grid = [integer("output_height", default: 1), integer("output_width", default: 1)]
    let samples = integer("sampling_ratio", default: 0)
    guard string("mode", default: "avg") == "avg", (1...1 << 10).contains(samples), regions[1] == 4,
      grid.allSatisfy({ (1...1 << 16).contains($0) })
    else {
      throw unsupported(
        "mode = \(string("mode", default: "avg")), sampling_ratio = \(samples), a grid of \(grid); only means of a "
          + "given number of samples are read")
    }
    let usual = opset < 16 ? "output_half_pixel" : "half_pixel"
    let isHalfPixel = string("coordinate_transformation_mode", default: usual) == "half_pixel"
    let scaled = parts.raised(
      parts.scaled(operands[1], by: float("spatial_scale", default: 1)), by: isHalfPixel ? -0.5 : 0)
    var isInside: TensorName?
    let positions = (0..<2).map { axis in
      // Regions are x, y of one corner, then of the other.
      let start = parts.cut(scaled, axis: 1, from: 1 - axis, to: 2 - axis)
      var size = parts.difference(parts.cut(scaled, axis: 1, from: 3 - axis, to: 4 - axis), start)
      if !isHalfPixel { size = parts.add("Max", [size, parts.number(1)]) }
      let count = grid[axis] * samples
      let step = 1 / Float(count)
      let line = parts.line(count, by: step, plus: step / 2, as: [1, count])
      let places = parts.sum(start, parts.product(line, size))
      let view = axis == 0 ? [-1, count, 1] : [-1, 1, count]
      let wide = parts.add(
        "Expand",
        [parts.reshaped(places, to: view), parts.integers([1, grid[0] * samples, grid[1] * samples])])
      let flat = parts.reshaped(wide, to: [regions[0], grid[0] * samples * grid[1] * samples])
      // Half a place beyond the map still shows its border; farther out there is nothing.
      let isHere = parts.both(
        parts.add("GreaterOrEqual", [flat, parts.number(-1)]),
        parts.add("LessOrEqual", [flat, parts.number(Float(map[axis + 2]))]))
      isInside = parts.both(isInside, isHere)
      return flat
    }
    let maps = parts.add("Gather", [operands[0], operands[2]], ["axis": 0])
    let flat = parts.transposed(parts.reshaped(maps, to: [regions[0], map[1], -1]), [0, 2, 1])
    var values = parts.sampled(
      flat, at: positions,
      Sampling(
        interpolation: .linear, surroundings: .border, alignsCorners: true,
        extents: Array(map.dimensions[2...])))
    if let isInside {
      let shown = parts.add("Unsqueeze", [isInside, parts.integers([-1])])
      values = parts.add("Where", [shown, values, parts.number(0)])
    }
    let cells = parts.reshaped(values, to: [regions[0], grid[0], samples, grid[1], samples, map[1]])
    let means = parts.add("ReduceMean", [cells], ["axes": [2, 4], "keepdims": 0])
    parts.finish("Transpose", [means], ["perm": [0, 3, 1, 2]])
  }
}
