import Tensors

/// What moves, chooses and repeats elements, index by index.

func naiveConcatenation(_ parts: [Values], _ attributes: [String: Attribute]) -> Values {
  let rank = parts[0].shape.rank
  let axis = attributes.integer("axis", default: 0)
  let place = axis < 0 ? axis + rank : axis
  var extents = parts[0].shape.dimensions
  extents[place] = parts.reduce(0) { $0 + $1.shape[place] }
  return Values(extents) { index in
    var index = index
    var part = 0
    while index[place] >= parts[part].shape[place] {
      index[place] -= parts[part].shape[place]
      part += 1
    }
    return parts[part][index]
  }
}

/// Python's `x[start:end:step]` along each axis named.
func naiveSlice(_ x: Values, starts: [Int], ends: [Int], axes: [Int], steps: [Int]) -> Values {
  var places = x.shape.dimensions.map { Array(0..<$0) }
  for (index, axis) in axes.enumerated() {
    let place = axis < 0 ? axis + x.shape.rank : axis
    let (extent, step) = (x.shape[place], steps[index])
    func bound(_ value: Int) -> Int { value < 0 ? value + extent : value }
    let (start, end) = (bound(starts[index]), bound(ends[index]))
    places[place] =
      step > 0
      ? Array(stride(from: max(start, 0), to: min(end, extent), by: step))
      : Array(stride(from: min(max(start, 0), extent - 1), to: max(end, -1), by: step))
  }
  return Values(places.map(\.count)) { index in x[zip(places, index).map { $0[$1] }] }
}

func naivePadding(_ x: Values, pads: [Int], mode: String, value: Double) -> Values {
  let rank = x.shape.rank
  let extents = (0..<rank).map { x.shape[$0] + pads[$0] + pads[rank + $0] }
  return Values(extents) { index in
    var source: [Int] = []
    for axis in 0..<rank {
      let extent = x.shape[axis]
      var place = index[axis] - pads[axis]
      if !(0..<extent).contains(place) {
        switch mode {
        case "edge": place = place < 0 ? 0 : extent - 1
        case "reflect": place = place < 0 ? -place : 2 * (extent - 1) - place
        case "wrap": place = (place % extent + extent) % extent
        default: return value
        }
      }
      source.append(place)
    }
    return x[source]
  }
}

/// The indices may be counted from behind.
func naiveGathering(_ x: Values, _ indices: Values, axis: Int) -> Values {
  let place = axis < 0 ? axis + x.shape.rank : axis
  let extents = x.shape.dimensions
  let result = extents[..<place] + indices.shape.dimensions + extents[(place + 1)...]
  return Values(Array(result)) { index in
    let chosen = Int(indices[Array(index[place..<place + indices.shape.rank])])
    return x[
      index[..<place] + [chosen < 0 ? chosen + extents[place] : chosen]
        + index[(place + indices.shape.rank)...]
    ]
  }
}

func naiveGatheringElements(_ x: Values, _ indices: Values, axis: Int) -> Values {
  let place = axis < 0 ? axis + x.shape.rank : axis
  return Values(indices.shape.dimensions) { index in
    var source = index
    let chosen = Int(indices[index])
    source[place] = chosen < 0 ? chosen + x.shape[place] : chosen
    return x[source]
  }
}
