import OneDNN
package import Tensors

/// Which scale belongs to which number of a tensor: one for all; one for each place along an axis; or one for each
/// block of places along it, and for each place along the others.
package struct ScaleAssignment: Sendable, Hashable {
  package let axis: Int
  /// 0: no blocks.
  package let block: Int

  /// Runs of numbers whose scales lie `stride` apart.
  struct Runs: Sendable {
    let count: Int
    let length: Int
    /// Runs of one place along the axis.
    let places: Int
    let block: Int
    let blocks: Int
    let stride: Int

    /// The scale of the first number of run `run`.
    func scale(_ run: Int) -> Int {
      guard places > 1 || blocks > 1 else { return stride == 0 ? 0 : run * length }
      let (outer, place) = run.quotientAndRemainder(dividingBy: places)
      return stride == 0 ? place : (outer * blocks + place / block) * length
    }
  }

  func runs(_ x: Shape, scale: Shape) throws(ShapeMismatch) -> Runs {
    if scale.count == 1 {
      let length = x.dimensions.last ?? 1
      return Runs(count: x.count / max(1, length), length: length, places: 1, block: 1, blocks: 1, stride: 0)
    }
    let mismatch = ShapeMismatch("scales of shape \(scale) for a tensor of shape \(x) along axis \(axis)")
    guard x.rank == 1 || (axis >= -x.rank && axis < x.rank), x.rank > 0 else { throw mismatch }
    let place = x.rank == 1 ? 0 : axis < 0 ? axis + x.rank : axis
    let length = x.dimensions[(place + 1)...].reduce(1, *)
    let runs = x.dimensions[...place].reduce(1, *)
    if scale.rank == 1, scale[0] == x[place], block == 0 {
      return Runs(count: runs, length: length, places: x[place], block: 1, blocks: 1, stride: 0)
    }
    guard scale.rank == x.rank, block > 0,
      x.dimensions.indices.allSatisfy({
        scale[$0] == ($0 == place ? x[$0] / block + (x[$0] % block == 0 ? 0 : 1) : x[$0])
      })
    else { throw mismatch }
    return Runs(
      count: runs, length: length, places: x[place], block: block, blocks: scale[place], stride: 1)
  }

  /// The shapes of x, the scales and the zero points fit together.
  func check(_ inputs: [Shape?]) throws(ShapeMismatch) -> Shape {
    let (x, scale) = (try inputs.operand(0), try inputs.operand(1))
    _ = try runs(x, scale: scale)
    if inputs.count > 2, let zero = inputs[2], zero.count != scale.count {
      throw ShapeMismatch("zero points of shape \(zero) for scales of shape \(scale)")
    }
    return x
  }
}

/// `y = round(x / scale) + zero`, kept within the range of a small integer type; halves are rounded to even. ONNX
/// `QuantizeLinear`.
///
/// The gradient passes straight through the rounding (Bengio et al., 2013) where nothing was cut off, as in PyTorch's
/// `fake_quantize`; scales and zero points are taken as given.
package struct Quantization: Operator {
  package let scales: ScaleAssignment
  package let range: ClosedRange<Float>
  /// Where the result is no whole number: the format that `x / scale` is rounded to.
  var format: SmallFloat?
  var rounding = SmallFloat.Rounding()

  package var kind: String { "QuantizeLinear" }

  package var operandCounts: ClosedRange<Int> { 2...3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try scales.check(inputs)]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    return [builder.add(QuantizationGradient(forward: self), [gradient] + node.inputs)]
      + node.inputs.dropFirst().map { _ in nil }
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let runs = try scales.runs(shape, scale: try lowering.shape(node.inputs[1]))
    try lowering.emitNative(node, work: saturatingProduct(4, shape.count)) {
      [range, format, rounding] inputs, outputs, lanes in
      let (x, scale, y) = (inputs[0], inputs[1], outputs[0])
      let zero = inputs.count > 2 ? inputs[2] : nil
      lanes.share(runs.count) { part in
        for run in part {
          let (first, from) = (runs.scale(run), run * runs.length)
          for j in 0..<runs.length {
            let place = first + j * runs.stride
            let quotient = x[from + j] / scale[place]
            y[from + j] =
              format?.rounded(quotient, rounding) ?? range.quantized(quotient, zero?[place] ?? 0)
          }
        }
      }
    }
  }
}

extension ClosedRange<Float> {
  /// `round(x) + zero`, within this range.
  @inline(__always)
  fileprivate func quantized(_ x: Float, _ zero: Float) -> Float {
    // Within ±2²² adding and taking away 1.5 · 2²³ rounds to the nearest whole number, halves to even.
    let near = Swift.max(lowerBound - zero - 1, Swift.min(upperBound - zero + 1, x))
    let whole = (near + 12_582_912) - 12_582_912
    return Swift.max(lowerBound, Swift.min(upperBound, whole + zero))
  }
}

/// `gradient / scale` where the quantization cut nothing off, else 0. Operands: gradient of y, then those of the
/// quantization.
package struct QuantizationGradient: Operator {
  let forward: Quantization

  package var kind: String { "QuantizeLinearGradient" }

  package var operandCounts: ClosedRange<Int> { 3...4 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[1])
    let runs = try forward.scales.runs(shape, scale: try lowering.shape(node.inputs[2]))
    let (range, isWhole) = (forward.range, forward.format == nil)
    try lowering.emitNative(node, work: saturatingProduct(4, shape.count)) { inputs, outputs, lanes in
      let (gradient, x, scale, result) = (inputs[0], inputs[1], inputs[2], outputs[0])
      let zero = inputs.count > 3 ? inputs[3] : nil
      lanes.share(runs.count) { part in
        for run in part {
          let (first, from) = (runs.scale(run), run * runs.length)
          for j in 0..<runs.length {
            let place = first + j * runs.stride
            let quotient = x[from + j] / scale[place]
            let y =
              isWhole ? quotient.rounded(.toNearestOrEven) + (zero?[place] ?? 0) : quotient
            result[from + j] = range.contains(y) ? gradient[from + j] / scale[place] : 0
          }
        }
      }
    }
  }
}

/// `y = (x − zero) · scale`. ONNX `DequantizeLinear`; of constant weights, it is done while reading.
package struct Dequantization: Operator {
  package let scales: ScaleAssignment

  package var kind: String { "DequantizeLinear" }

  package var operandCounts: ClosedRange<Int> { 2...3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try scales.check(inputs)]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    return [builder.add(self, [gradient, node.inputs[1]])] + node.inputs.dropFirst().map { _ in nil }
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let runs = try scales.runs(shape, scale: try lowering.shape(node.inputs[1]))
    try lowering.emitNative(node, work: saturatingProduct(2, shape.count)) { inputs, outputs, lanes in
      lanes.share(runs.count) { part in
        runs.dequantize(part, inputs[0], inputs[1], inputs.count > 2 ? inputs[2] : nil, into: outputs[0])
      }
    }
  }

  /// The same at once, in place.
  func apply(to x: inout Tensor, scale: Tensor, zero: Tensor?) throws(ShapeMismatch) {
    _ = try scales.check([x.shape, scale.shape, zero?.shape])
    let runs = try scales.runs(x.shape, scale: scale.shape)
    x.withUnsafeMutableValues { x in
      scale.withUnsafeValues { scale in
        func run(_ zero: UnsafePointer<Float>?) {
          guard let x = x.baseAddress, let scale = scale.baseAddress else { return }
          runs.dequantize(0..<runs.count, x, scale, zero, into: x)
        }
        if let zero { zero.withUnsafeValues { run($0.baseAddress) } } else { run(nil) }
      }
    }
  }
}

extension ScaleAssignment.Runs {
  /// `y = (x − zero) · scale` for some of the runs; `y` may be `x`.
  fileprivate func dequantize(
    _ part: Range<Int>, _ x: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
    _ zero: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>
  ) {
    for run in part {
      let (first, from) = (self.scale(run), run * length)
      for j in 0..<length {
        let place = first + j * stride
        y[from + j] = (x[from + j] - (zero?[place] ?? 0)) * scale[place]
      }
    }
  }
}
