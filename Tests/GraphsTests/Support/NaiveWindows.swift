import Glibc
import Tensors

/// A window along each spatial axis, and how far its result reaches: ONNX's rules, and PyTorch's for `ceil_mode`.
private struct NaiveWindow {
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  var before: [Int]
  var after: [Int]
  var output: [Int]

  init(_ kernel: [Int], over spatial: [Int], _ attributes: [String: Attribute]) {
    let rank = kernel.count
    self.kernel = kernel
    let ones = [Int](repeating: 1, count: rank)
    strides = attributes.integers("strides") ?? ones
    dilations = attributes.integers("dilations") ?? ones
    let pads = attributes.integers("pads") ?? [Int](repeating: 0, count: 2 * rank)
    before = Array(pads.prefix(rank))
    after = Array(pads.suffix(rank))
    output = []
    let mode = attributes.string("auto_pad", default: "NOTSET")
    for axis in 0..<rank {
      let reach = dilations[axis] * (kernel[axis] - 1) + 1
      if mode.hasPrefix("SAME") {
        let wanted = Int((Double(spatial[axis]) / Double(strides[axis])).rounded(.up))
        let padding = max(0, (wanted - 1) * strides[axis] + reach - spatial[axis])
        before[axis] = mode == "SAME_UPPER" ? padding / 2 : (padding + 1) / 2
        after[axis] = padding - before[axis]
      }
      let room = Double(spatial[axis] + before[axis] + after[axis] - reach) / Double(strides[axis])
      let roundsUp = attributes.integer("ceil_mode", default: 0) != 0
      var count = Int(room.rounded(roundsUp ? .up : .down)) + 1
      // A window may overhang the end, but not begin behind it.
      if roundsUp, (count - 1) * strides[axis] >= spatial[axis] + before[axis] { count -= 1 }
      output.append(count)
    }
  }

  /// Where tap `tap` of the window at `place` lies; negative or too large in the padding.
  func position(_ place: [Int], _ tap: [Int]) -> [Int] {
    place.indices.map { place[$0] * strides[$0] + tap[$0] * dilations[$0] - before[$0] }
  }
}

private func isInside(_ position: [Int], _ extents: [Int]) -> Bool {
  zip(position, extents).allSatisfy { $0 >= 0 && $0 < $1 }
}

func naiveConvolution(_ x: Values, _ w: Values, bias: Values?, _ attributes: [String: Attribute]) -> Values {
  let spatial = Array(x.shape.dimensions.dropFirst(2))
  let window = NaiveWindow(Array(w.shape.dimensions.dropFirst(2)), over: spatial, attributes)
  let perGroup = w.shape[0] / attributes.integer("group", default: 1)
  let taps = indices(window.kernel)
  return Values([x.shape[0], w.shape[0]] + window.output) { index in
    var sum = bias?[[index[1]]] ?? 0
    for tap in taps {
      let position = window.position(Array(index.dropFirst(2)), tap)
      guard isInside(position, spatial) else { continue }
      let weight = w.position(of: [index[1], 0] + tap)
      let source = x.position(of: [index[0], index[1] / perGroup * w.shape[1]] + position)
      for channel in 0..<w.shape[1] {
        sum += w.elements[weight + channel * w.strides[1]] * x.elements[source + channel * x.strides[1]]
      }
    }
    return sum
  }
}

func naivePooling(_ x: Values, maximum: Bool, _ attributes: [String: Attribute]) -> Values {
  let spatial = Array(x.shape.dimensions.dropFirst(2))
  let window = NaiveWindow(attributes.integers("kernel_shape") ?? [], over: spatial, attributes)
  let countsPadding = attributes.integer("count_include_pad", default: 0) != 0
  let padded = spatial.indices.map { spatial[$0] + window.before[$0] + window.after[$0] }
  let taps = indices(window.kernel)
  return Values(x.shape.dimensions.prefix(2) + window.output) { index in
    let positions = taps.map { window.position(Array(index.dropFirst(2)), $0) }
    let inside = positions.filter { isInside($0, spatial) }.map { x[index.prefix(2) + $0] }
    if maximum { return inside.max() ?? -.infinity }
    // What overhangs the padding (`ceil_mode`) is never counted.
    let counted = positions.count { position in
      isInside(zip(position, window.before).map { $0 + $1 }, padded)
    }
    return inside.reduce(0, +) / Double(countsPadding ? counted : inside.count)
  }
}

/// `(Σ |x|^p)^(1/p)` over each window.
func naiveNormPooling(_ x: Values, _ attributes: [String: Attribute]) -> Values {
  let spatial = Array(x.shape.dimensions.dropFirst(2))
  let window = NaiveWindow(attributes.integers("kernel_shape") ?? [], over: spatial, attributes)
  let power = Double(attributes.integer("p", default: 2))
  let taps = indices(window.kernel)
  return Values(x.shape.dimensions.prefix(2) + window.output) { index in
    let positions = taps.map { window.position(Array(index.dropFirst(2)), $0) }
    let inside = positions.filter { isInside($0, spatial) }.map { x[index.prefix(2) + $0] }
    return pow(inside.reduce(0) { $0 + pow(abs($1), power) }, 1 / power)
  }
}

/// Every place of x sends its kernels to the result, `pads` cut away: ONNX's formula for the extents.
func naiveTransposedConvolution(
  _ x: Values, _ w: Values, bias: Values?, _ attributes: [String: Attribute]
) -> Values {
  let spatial = Array(x.shape.dimensions.dropFirst(2))
  let ones = spatial.map { _ in 1 }
  let zeros = spatial.map { _ in 0 }
  let strides = attributes.integers("strides") ?? ones
  let dilations = attributes.integers("dilations") ?? ones
  let outputPadding = attributes.integers("output_padding") ?? zeros
  let pads = attributes.integers("pads") ?? zeros + zeros
  var before = Array(pads.prefix(spatial.count))
  var output: [Int] = []
  for axis in spatial.indices {
    let full =
      strides[axis] * (spatial[axis] - 1) + (w.shape[axis + 2] - 1) * dilations[axis] + 1
      + outputPadding[axis]
    var extent = full - before[axis] - pads[spatial.count + axis]
    let mode = attributes.string("auto_pad", default: "NOTSET")
    if let wanted = attributes.integers("output_shape") { extent = wanted[axis] }
    if mode.hasPrefix("SAME"), attributes.integers("output_shape") == nil {
      extent = spatial[axis] * strides[axis]
    }
    if mode.hasPrefix("SAME") || attributes.integers("output_shape") != nil {
      let cut = max(0, full - extent)
      before[axis] = mode == "SAME_UPPER" ? cut / 2 : (cut + 1) / 2
    }
    output.append(extent)
  }
  let groups = attributes.integer("group", default: 1)
  let (read, made) = (x.shape[1] / groups, w.shape[1])
  var result = Values([x.shape[0], made * groups] + output) { bias?[[$0[1]]] ?? 0 }
  for index in indices(x.shape.dimensions) {
    for tap in indices(Array(w.shape.dimensions.dropFirst(2))) {
      let position = tap.indices.map { index[$0 + 2] * strides[$0] + tap[$0] * dilations[$0] - before[$0] }
      guard isInside(position, output) else { continue }
      for channel in 0..<made {
        let place = result.position(of: [index[0], index[1] / read * made + channel] + position)
        result.elements[place] += x[index] * w[[index[1], channel] + tap]
      }
    }
  }
  return result
}
