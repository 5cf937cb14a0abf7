import OneDNN
import Tensors

/// What only moves elements, or looks at them in another shape.
let movementReaders: [String: OperatorReader] = [
  "Identity": { (Reshaping(.identity), try $0.operands(1)) },
  "Flatten": { (Reshaping(.flatten(axis: $0.integer("axis", default: 1))), try $0.operands(1)) },
  "Squeeze": { node in
    (Reshaping(.squeeze(axes: try node.optionalIntegers("axes") ?? node.integers(1))), try node.operands(1))
  },
  "Unsqueeze": { node in
    guard let axes = try node.optionalIntegers("axes") ?? node.integers(1) else {
      throw node.unsupported("it names no axes")
    }
    return (Reshaping(.unsqueeze(axes: axes)), try node.operands(1))
  },
  "Reshape": { node in
    guard let shape = try node.integers(1) else { throw node.unsupported("it names no shape") }
    let zeroKeeps = node.integer("allowzero", default: 0) == 0
    return (Reshaping(.reshape(to: shape, zeroKeeps: zeroKeeps)), try node.operands(1))
  },
  "Transpose": { node in
    let axes = node.optionalIntegers("perm")
    if let axes, axes.sorted() != Array(axes.indices) { throw node.unsupported("perm = \(axes)") }
    return (Transposition(axes: axes), try node.operands(1))
  },

  "Concat": { node in
    guard let axis = node.optionalInteger("axis") else { throw node.unsupported("it names no axis") }
    let operands = try node.operands(max(1, node.inputs.count))
    // A part of no extent adds nothing, and may have fewer axes, as the lists of axes of exporters do.
    let parts = operands.indices.filter { index in
      guard let shape = node.shape(index), shape.count == 0 else { return true }
      return (try? shape.place(ofAxis: axis)).map { shape[$0] > 0 } ?? false
    }
    return (Concatenation(axis: axis), parts.isEmpty ? [operands[0]] : parts.map { operands[$0] })
  },
  "Split": { node in
    let sizes = try node.optionalIntegers("split") ?? node.integers(1)
    let count = node.optionalInteger("num_outputs") ?? node.outputs.count
    guard (1...1 << 16).contains(count) else { throw node.unsupported("num_outputs = \(count)") }
    if sizes == nil, !node.has("num_outputs"), let shape = node.shape(0),
      let axis = try? shape.place(ofAxis: node.integer("axis", default: 0)), shape[axis] % count != 0
    {
      throw node.unsupported("axis \(axis) of \(shape) cannot be split into \(count) equal parts")
    }
    return (
      Splitting(axis: node.integer("axis", default: 0), parts: sizes.map { .sizes($0) } ?? .count(count)),
      try node.operands(1)
    )
  },
  "Slice": { node in
    guard let starts = try node.optionalIntegers("starts") ?? node.integers(1),
      let ends = try node.optionalIntegers("ends") ?? node.integers(2)
    else { throw node.unsupported("it names no starts or no ends") }
    let axes = try node.optionalIntegers("axes") ?? node.integers(3) ?? Array(starts.indices)
    let steps = try node.integers(4) ?? [Int](repeating: 1, count: starts.count)
    guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count else {
      throw node.unsupported("starts \(starts), ends \(ends), axes \(axes) and steps \(steps)")
    }
    let stretches = starts.indices.map {
      Slice.Stretch(axis: axes[$0], start: starts[$0], end: ends[$0], step: steps[$0])
    }
    return (Slice(stretches), try node.operands(1))
  },
  "Gather": { (Gathering(axis: $0.integer("axis", default: 0)), try $0.operands(2)) },
  "GatherElements": { node in
    (AddressedGathering(.elements(axis: node.integer("axis", default: 0))), try node.operands(2))
  },
  "GatherND": { node in
    (AddressedGathering(.slices(sharedAxes: node.integer("batch_dims", default: 0))), try node.operands(2))
  },
  "ScatterElements": { try $0.scattering(.elements(axis: $0.integer("axis", default: 0))) },
  "Scatter": { try $0.scattering(.elements(axis: $0.integer("axis", default: 0))) },
  "ScatterND": { try $0.scattering(.slices(sharedAxes: 0)) },
  "Trilu": { node in
    let offset = try node.integers(1)?.first ?? 0
    return (Triangle(isUpper: node.integer("upper", default: 1) != 0, offset: offset), try node.operands(1))
  },
  "CumSum": { node in
    guard let axis = try node.integers(1)?.first else { throw node.unsupported("it names no axis") }
    let operation = CumulativeSum(
      axis: axis, isExclusive: node.integer("exclusive", default: 0) != 0,
      isReversed: node.integer("reverse", default: 0) != 0)
    return (operation, try node.operands(1))
  },
  "ReverseSequence": { node in
    let operation = SequenceReversal(
      batchAxis: node.integer("batch_axis", default: 1), timeAxis: node.integer("time_axis", default: 0))
    return (operation, try node.operands(2))
  },
  "OneHot": { node in
    guard let depth = try node.integers(1)?.first, (1...1 << 30).contains(depth) else {
      throw node.unsupported("it has no depth, or an impossible one")
    }
    let operands = try node.operands(3)
    return (OneHot(depth: depth, axis: node.integer("axis", default: -1)), [operands[0], operands[2]])
  },
  "DepthToSpace": { node in
    let mode = node.string("mode", default: "DCR")
    guard ["DCR", "CRD"].contains(mode) else { throw node.unsupported("mode = \(mode)") }
    return (
      BlockRearrangement(
        block: node.integer("blocksize", default: 0), blocksFirst: mode == "DCR", toSpace: true),
      try node.operands(1)
    )
  },
  "SpaceToDepth": { node in
    let block = node.integer("blocksize", default: 0)
    return (BlockRearrangement(block: block, blocksFirst: true, toSpace: false), try node.operands(1))
  },
  "Pad": { node in
    guard let pads = try node.optionalIntegers("pads") ?? node.integers(1), pads.count % 2 == 0 else {
      throw node.unsupported("it names no pads, or an odd number of them")
    }
    let mode: AxisPadding.Mode
    switch node.string("mode", default: "constant") {
    case "constant": mode = .constant(try node.optionalFloat("value") ?? node.scalar(2) ?? 0)
    case "reflect": mode = .reflect
    case "edge": mode = .edge
    case "wrap": mode = .wrap
    case let other: throw node.unsupported("mode = \(other)")
    }
    let half = pads.count / 2
    let padding = AxisPadding(
      mode: mode, axes: try node.integers(3), pads: (0..<half).map { (pads[$0], pads[half + $0]) })
    return (padding, try node.operands(1))
  },
  "Expand": { node in
    guard let extents = try node.integers(1) else { throw node.unsupported("it names no shape") }
    return (Expansion(to: extents), try node.operands(1))
  },
  "Tile": { node in
    guard let repeats = try node.integers(1) else { throw node.unsupported("it names no repeats") }
    return (Tiling(repeats: repeats), try node.operands(1))
  },
]

extension ONNXNode {
  fileprivate func scattering(_ addressing: Addressing) throws -> (any Operator, inputs: [TensorName]) {
    let name = string("reduction", default: "none")
    guard let reduction = Scattering.Reduction(rawValue: name) else {
      throw unsupported("reduction = \(name)")
    }
    return (Scattering(addressing, reduction), try operands(3))
  }
}
