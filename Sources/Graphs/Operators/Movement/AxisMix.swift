import OneDNN
import Tensors

/// One axis mixed: `y[i] = Σ weights[k] · x[places[k]]` over the terms `k` of place `i`.
struct AxisMix: Sendable {
  /// Where the terms of each place begin, and where the last ones end.
  private let starts: [Int]
  private let places: [Int]
  private let weights: [Float]
  private let sourceExtent: Int

  var resultExtent: Int { starts.count - 1 }

  init(from extent: Int, _ terms: [[(place: Int, weight: Float)]]) {
    sourceExtent = extent
    var starts = [0]
    for part in terms { starts.append(starts[starts.count - 1] + part.count) }
    self.starts = starts
    places = terms.flatMap { $0.map(\.place) }
    weights = terms.flatMap { $0.map(\.weight) }
  }

  /// The mix that is the gradient of this one.
  func transposed() -> AxisMix {
    var terms = [[(place: Int, weight: Float)]](repeating: [], count: sourceExtent)
    for result in 0..<resultExtent {
      for term in starts[result]..<starts[result + 1] { terms[places[term]].append((result, weights[term])) }
    }
    return AxisMix(from: resultExtent, terms)
  }

  /// Mixes the axis that lies between `outer` and `inner` others.
  func run(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, outer: Int, inner: Int, _ lanes: Lanes
  ) {
    let (from, to) = (sourceExtent, resultExtent)
    lanes.share(outer * to) { range in
      for row in range {
        let (source, target) = (x + row / to * from * inner, y + row * inner)
        let terms = starts[row % to]..<starts[row % to + 1]
        if inner == 1 {
          var sum: Float = 0
          for term in terms { sum += weights[term] * source[places[term]] }
          target.pointee = sum
        } else if terms.count == 2 {
          let (a, b) = (
            source + places[terms.lowerBound] * inner, source + places[terms.lowerBound + 1] * inner
          )
          let (v, w) = (weights[terms.lowerBound], weights[terms.lowerBound + 1])
          for place in 0..<inner { target[place] = v * a[place] + w * b[place] }
        } else {
          target.update(repeating: 0, count: inner)
          for term in terms {
            let (part, weight) = (source + places[term] * inner, weights[term])
            for place in 0..<inner { target[place] += weight * part[place] }
          }
        }
      }
    }
  }
}

extension Lowering {
  /// Emits the mixing of several axes, one after another, in the order of memory in which `source` lies. Of the result
  /// only the places `shown` are kept; the others become `fill`.
  func mix(
    _ source: TensorName, _ mixes: [(axis: Int, mix: AxisMix)], as result: TensorName,
    showing shown: [AxisSelection]? = nil, fill: Float = 0
  ) throws {
    var extents = try shape(source).dimensions
    var order = try order(of: source)
    // Blocks of channels cannot be mixed among each other.
    if case .blockedChannels = order, mixes.contains(where: { $0.axis == 1 }) { order = .channelsLast }
    let places = order.arranged(Array(extents.indices), blocks: { axis, _ in axis }, within: { _ in -1 })
    var operand = try use(source, as: .ordered(order, extents))
    for (index, (axis, mix)) in mixes.enumerated() {
      let (outer, inner) = Shape(order.extents(extents)).around(places.firstIndex(of: axis) ?? 0)
      extents[axis] = mix.resultExtent
      let layout = try Layout.ordered(order, extents)
      let isLast = index == mixes.count - 1 && shown == nil
      let mixed = isLast ? define(result, layout) : scratch(layout)
      emit(
        NativeKernel(work: 4 * outer * inner * mix.resultExtent) { inputs, outputs, lanes in
          mix.run(inputs[0], outputs[0], outer: outer, inner: inner, lanes)
        }, inputs: [operand], outputs: [mixed])
      operand = mixed
    }
    guard let shown else { return }
    let plan = SelectionPlan(order.arranged(shown), of: order.extents(extents))
    emit(
      NativeKernel(work: plan.work) { inputs, outputs, lanes in
        plan.run(inputs[0], outputs[0], fill: fill, lanes)
      }, inputs: [operand], outputs: [define(result, operand.layout)])
  }
}
