import Tensors

/// A map read at places between its own, for `GridSample` and deformable convolutions.
///
/// Each place is a mix of its neighbours (taps): their positions are computed, the values gathered, weighted and added. So
/// the gradients are those of gathering and of arithmetic, with respect to the map and to the places.
struct Sampling {
  enum Interpolation {
    case nearest, linear, cubic

    init?(_ name: String) {
      switch name {
      case "nearest": self = .nearest
      case "linear", "bilinear": self = .linear
      case "cubic", "bicubic": self = .cubic
      default: return nil
      }
    }
  }

  /// What lies beyond the map.
  enum Surroundings: String {
    case zeros, border, reflection
  }

  let interpolation: Interpolation
  let surroundings: Surroundings
  /// Whether the outermost places are those of the first and last element, and not half a place farther out.
  let alignsCorners: Bool
  /// Of the map.
  let extents: [Int]

  /// The lowest and the highest position that belong to an axis.
  fileprivate func bounds(_ axis: Int) -> (lowest: Float, highest: Float) {
    let last = Float(extents[axis] - 1)
    return alignsCorners ? (0, last) : (-0.5, last + 0.5)
  }
}

extension Rewriting {
  /// `[batch, places, channels]`: a map `[batch, elements, channels]` at `positions`, one `[batch, places]` an axis.
  mutating func sampled(_ map: TensorName, at positions: [TensorName], _ sampling: Sampling) -> TensorName {
    // Of each axis, the taps: where they are, and how much they weigh.
    var taps: [(place: TensorName, weight: TensorName?)] = [(number(0), nil)]
    for (axis, position) in positions.enumerated() {
      let own = axisTaps(position, axis, sampling)
      let extent = number(Float(sampling.extents[axis]))
      taps = taps.flatMap { tap in
        let start = product(tap.place, extent)
        return own.map { other in
          let weight = tap.weight.map { a in other.weight.map { product(a, $0) } ?? a } ?? other.weight
          return (sum(start, other.place), weight)
        }
      }
    }
    var total: TensorName?
    for (place, weight) in taps {
      var part = add("GatherND", [map, add("Unsqueeze", [place, integers([-1])])], ["batch_dims": 1])
      if let weight { part = product(part, add("Unsqueeze", [weight, integers([-1])])) }
      total = total.map { sum($0, part) } ?? part
    }
    return total ?? map
  }

  private mutating func axisTaps(_ position: TensorName, _ axis: Int, _ sampling: Sampling)
    -> [(place: TensorName, weight: TensorName?)]
  {
    // For cubic interpolation, as in PyTorch and ONNX Runtime, each tap is brought inside by itself.
    let isBrought = sampling.surroundings != .zeros && sampling.interpolation != .cubic
    let position = isBrought ? inside(position, axis, sampling) : position
    guard sampling.interpolation != .nearest else {
      return [tap(add("Round", [position]), nil, axis, sampling)]
    }
    let first = add("Floor", [position])
    let fraction = difference(position, first)
    let weights =
      sampling.interpolation == .linear
      ? [difference(number(1), fraction), fraction] : cubicWeights(fraction)
    let before = sampling.interpolation == .linear ? 0 : 1
    return weights.enumerated().map { index, weight in
      tap(raised(first, by: Float(index - before)), weight, axis, sampling)
    }
  }

  /// One tap: its place brought onto the axis, its weight 0 where nothing is there.
  private mutating func tap(_ place: TensorName, _ weight: TensorName?, _ axis: Int, _ sampling: Sampling)
    -> (place: TensorName, weight: TensorName?)
  {
    let last = number(Float(sampling.extents[axis] - 1))
    guard sampling.surroundings == .zeros else {
      return (add("Clip", [add("Round", [inside(place, axis, sampling)]), number(0), last]), weight)
    }
    let isThere = add(
      "And", [add("GreaterOrEqual", [place, number(0)]), add("LessOrEqual", [place, last])])
    let clipped = add("Clip", [place, number(0), last])
    return (clipped, add("Where", [isThere, weight ?? number(1), number(0)]))
  }

  /// A position beyond the axis brought back to its border, or mirrored as often as it takes.
  private mutating func inside(_ position: TensorName, _ axis: Int, _ sampling: Sampling) -> TensorName {
    let last = Float(sampling.extents[axis] - 1)
    guard sampling.surroundings == .reflection else {
      return add("Clip", [position, number(0), number(last)])
    }
    let (lowest, highest) = sampling.bounds(axis)
    let range = highest - lowest
    guard range > 0 else { return product(position, number(0)) }
    // lowest + range − |t − range|, with t what is left of the position after whole ways to and fro.
    let start = raised(position, by: -lowest)
    let ways = add("Floor", [scaled(start, by: 1 / (2 * range))])
    let left = difference(start, scaled(ways, by: 2 * range))
    let mirrored = difference(number(highest), add("Abs", [raised(left, by: -range)]))
    return mirrored
  }

  /// The four weights of cubic convolution (Keys, 1981) with a = −0.75, at fraction `t`.
  private mutating func cubicWeights(_ t: TensorName) -> [TensorName] {
    let a: Float = -0.75
    func near(_ x: TensorName) -> TensorName {
      // ((a + 2) x − (a + 3)) x² + 1
      raised(product(raised(scaled(x, by: a + 2), by: -(a + 3)), product(x, x)), by: 1)
    }
    func far(_ x: TensorName) -> TensorName {
      // ((a x − 5a) x + 8a) x − 4a
      let inner = raised(scaled(x, by: a), by: -5 * a)
      return raised(product(raised(product(inner, x), by: 8 * a), x), by: -4 * a)
    }
    let rest = difference(number(1), t)
    return [far(raised(t, by: 1)), near(t), near(rest), far(raised(rest, by: 1))]
  }
}
