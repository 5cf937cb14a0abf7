import OneDNN
package import Tensors

/// Each place of the result is a weighted mean of the operand's places around it, axis by axis. ONNX `Resize` and
/// `Upsample` with `mode = linear` or `cubic`.
package struct WeightedResampling: Operator {
  package enum Interpolation: Sendable {
    case linear
    /// Keys' cubic convolution (1981), over four places; `sharpness` is −0.75 in PyTorch, −0.5 in TensorFlow.
    case cubic(sharpness: Float)
  }

  package let kind: String
  package let axes: ResampledAxes
  package let interpolation: Interpolation
  /// Whether places beyond the operand have no weight; else the nearest one stands for them.
  package let excludesOutside: Bool
  /// Whether an axis that becomes shorter is mixed over as many more places, so that none is passed over. ONNX's
  /// `antialias`, as in Pillow.
  package let widensWhenShrinking: Bool
  package let extrapolation: Float

  package init(
    kind: String, axes: ResampledAxes, interpolation: Interpolation, excludesOutside: Bool,
    widensWhenShrinking: Bool = false, extrapolation: Float
  ) {
    (self.kind, self.axes, self.interpolation) = (kind, axes, interpolation)
    (self.excludesOutside, self.widensWhenShrinking) = (excludesOutside, widensWhenShrinking)
    self.extrapolation = extrapolation
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try axes.outputShape(try inputs.operand(0))]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    axes.field(inputs[0], source: inputShapes[0], result: outputShape) { axis in
      // Between the outermost of the places that are mixed.
      let places = 2 * Double(halfWidth(axis.scale))
      return widensWhenShrinking && axis.scale < 1 ? places : places - 1
    }
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    return [builder.add(WeightedResamplingGradient(forward: self), [gradient, node.inputs[0]])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let mixes = try mixes(source)
    guard !mixes.isEmpty else { return try lowering.reshape(node.inputs[0], to: node.outputs[0]) }
    let outside = try outside(source)
    try lowering.mix(
      node.inputs[0], mixes, as: node.outputs[0], showing: outside, fill: extrapolation)
  }

  /// The weights of every axis that changes, the last axis first: there are fewest rows then.
  fileprivate func mixes(_ source: Shape) throws(ShapeMismatch) -> [(axis: Int, AxisMix)] {
    try axes.resolved(source).filter { $0.extent != $0.result || $0.scale != 1 }
      .sorted { $0.place > $1.place }.map { axis in
        (
          axis.place,
          AxisMix(from: axis.extent, (0..<axis.result).map { terms(at: axes.coordinate($0, on: axis), axis) })
        )
      }
  }

  /// Which places of the result lie within the operand; nil if the others, of which nothing is mixed, may stay zero.
  fileprivate func outside(_ source: Shape) throws(ShapeMismatch) -> [AxisSelection]? {
    guard axes.transformation == .crop, extrapolation != 0 else { return nil }
    var selections = try axes.outputShape(source).dimensions.map(AxisSelection.all)
    for axis in try axes.resolved(source) {
      selections[axis.place] = AxisSelection(
        (0..<axis.result).map {
          axes.isOutside(axes.coordinate($0, on: axis), axis) ? AxisSelection.outside : $0
        }, of: axis.result)
    }
    return selections.allSatisfy(\.isAll) ? nil : selections
  }

  /// The places that are mixed at a coordinate, and their weights.
  private func terms(at coordinate: Float, _ axis: ResampledAxes.Axis) -> [(place: Int, weight: Float)] {
    guard !axes.isOutside(coordinate, axis) else { return [] }
    guard !widensWhenShrinking else { return widenedTerms(at: coordinate, axis) }
    let last = axis.extent - 1
    switch interpolation {
    case .linear:
      let x = min(max(coordinate, 0), Float(last))
      let first = min(Int(x), last)
      let weight = x - Float(first)
      return [(first, 1 - weight), (Swift.min(first + 1, last), weight)].filter { $0.1 != 0 }
    case .cubic:
      // Far outside, all four places are the nearest one.
      let x = min(max(coordinate, -4), Float(last) + 4)
      let first = x.rounded(.down)
      let t = x - first
      let weights = [t + 1, t, 1 - t, 2 - t].map { interpolation.weight(at: $0) }
      var terms = weights.indices.map { (place: Int(first) + $0 - 1, weight: weights[$0]) }
      if excludesOutside {
        terms.removeAll { !(0...last).contains($0.place) }
        let sum = terms.reduce(Float(0)) { $0 + $1.weight }
        return terms.map { ($0.place, $0.weight / sum) }
      }
      return terms.map { (min(max($0.place, 0), last), $0.weight) }
    }
  }

  /// How far from a coordinate the places are that are mixed there.
  private func halfWidth(_ scale: Float) -> Float {
    interpolation.halfWidth * (widensWhenShrinking ? max(1, 1 / scale) : 1)
  }

  /// The same with the interpolation stretched as far as the axis shrinks. The weights, which a stretched curve does not
  /// give a sum of one, are divided by their sum (as in ONNX Runtime).
  private func widenedTerms(at coordinate: Float, _ axis: ResampledAxes.Axis) -> [(place: Int, weight: Float)]
  {
    let (reach, last) = (halfWidth(axis.scale), Float(axis.extent - 1))
    // Farther outside than the curve is wide, all places are the nearest one.
    let x = min(max(coordinate, -reach - 1), last + reach + 1)
    let centre = x + 0.5
    var (first, end) = ((centre - reach + 0.5).rounded(.down), (centre + reach + 0.5).rounded(.down))
    if excludesOutside { (first, end) = (max(first, 0), min(end, last + 1)) }
    var weights: [Int: Float] = [:]
    var sum: Float = 0
    for place in stride(from: first, to: end, by: 1) {
      let weight = interpolation.weight(at: abs(place - centre + 0.5) * min(1, axis.scale))
      weights[Int(min(max(place, 0), last)), default: 0] += weight
      sum += weight
    }
    return weights.filter { $0.value != 0 }.sorted { $0.key < $1.key }
      .map { ($0.key, sum == 0 ? $0.value : $0.value / sum) }
  }
}

extension WeightedResampling.Interpolation {
  /// Where the curve ends.
  fileprivate var halfWidth: Float {
    switch self {
    case .linear: 1
    case .cubic: 2
    }
  }

  /// The weight of a place at distance `d ≥ 0`.
  fileprivate func weight(at d: Float) -> Float {
    switch self {
    case .linear: max(0, 1 - d)
    case .cubic(let a) where d <= 1: ((a + 2) * d - (a + 3)) * d * d + 1
    case .cubic(let a) where d <= 2: ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    case .cubic: 0
    }
  }
}

/// The gradient of a weighted resampling: each place gathers from where it was mixed in. Operands: gradient of y, x
/// (only its shape).
struct WeightedResamplingGradient: Operator {
  let forward: WeightedResampling

  var kind: String { "\(forward.kind)Gradient" }

  var operandCounts: ClosedRange<Int> { 2...2 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }
  func readsValue(ofInput index: Int) -> Bool { index == 0 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[1])
    let mixes = try forward.mixes(source).reversed().map { ($0.axis, $0.1.transposed()) }
    guard !mixes.isEmpty else { return try lowering.reshape(node.inputs[0], to: node.outputs[0]) }
    try lowering.mix(node.inputs[0], mixes, as: node.outputs[0])
  }
}
