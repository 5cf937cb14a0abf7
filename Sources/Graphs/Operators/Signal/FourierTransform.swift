import Fourier
package import Tensors

/// The discrete Fourier transform along one axis, `y[k] = Σ x[n] · exp(∓2πi·kn/N)`, divided by `N` where `inverse`.
/// ONNX `DFT`.
///
/// The last axis holds the real part, or the real and the imaginary part. `x` is cut or filled up with zeros to `length`.
/// With `onesided`, a transform of real numbers gives the first `N/2 + 1` places, and an inverse takes those and gives
/// real numbers.
package struct FourierTransform: Operator {
  package let axis: Int
  /// N; nil: as long as the axis.
  package let length: Int?
  package let inverse: Bool
  package let onesided: Bool

  package var kind: String { "DFT" }
  package var spansRows: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    let spectrum = try spectrum(of: source)
    var shape = source
    shape[spectrum.axis] = spectrum.result.places
    shape[source.rank - 1] = spectrum.result.parts
    return [shape]
  }

  fileprivate func spectrum(of source: Shape) throws(ShapeMismatch) -> Spectrum {
    guard source.rank >= 2, axis >= -source.rank, axis < source.rank - 1, axis != -1,
      1...2 ~= source[source.rank - 1]
    else { throw ShapeMismatch("a transform along axis \(axis) of \(source)") }
    let place = axis < 0 ? axis + source.rank : axis
    let parts = source[source.rank - 1]
    let mirrors = onesided && inverse
    guard !onesided || parts == (inverse ? 2 : 1) else {
      throw ShapeMismatch("a one-sided \(inverse ? "inverse " : "")transform of \(source)")
    }
    let length = length ?? (mirrors ? 2 * (source[place] - 1) : source[place])
    guard 1...1 << 26 ~= length else { throw ShapeMismatch("a transform of length \(length)") }
    let inner = source.dimensions[(place + 1)...].dropLast().reduce(1, *)
    let half = length / 2 + 1
    let results = onesided && !inverse ? half : length
    return Spectrum(
      axis: place, length: length, mirrors: mirrors,
      lines: source.dimensions[..<place].reduce(inner, *),
      source: ComplexLines(
        inner: inner, places: source[place], used: min(source[place], mirrors ? half : length), parts: parts),
      result: ComplexLines(inner: inner, places: results, used: results, parts: mirrors ? 1 : 2))
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard var field = inputs[0], field.axes.count == outputShape.rank else {
      return ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
    }
    field.axes[axis < 0 ? axis + outputShape.rank : axis] = nil
    field.axes[outputShape.rank - 1] = nil
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(FourierTransformGradient(forward: self), [gradient, node.inputs[0]])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let spectrum = try spectrum(of: try lowering.shape(node.inputs[0]))
    let plan = ComplexFourierPlan.shared(spectrum.length)
    let scale = inverse ? 1 / Double(spectrum.length) : 1
    try lowering.emitNative(node, work: saturatingProduct(spectrum.lines, plan.work)) {
      [inverse] inputs, outputs, lanes in
      lanes.share(spectrum.lines) { lines in
        let buffers = ComplexFourierBuffers(spectrum.length)
        defer { withExtendedLifetime(buffers) {} }
        for line in lines {
          spectrum.source.read(line, from: inputs[0], into: buffers.input, spectrum.length)
          if spectrum.mirrors {
            // What is left out are the conjugates of what is there.
            for k in 1..<max(1, (spectrum.length + 1) / 2) {
              buffers.input[spectrum.length - k] = SIMD2(buffers.input[k].x, -buffers.input[k].y)
            }
          }
          plan.transform(buffers, inverse: inverse)
          spectrum.result.write(line, buffers.output, scale, to: outputs[0])
        }
      }
    }
  }
}

/// The gradient of a Fourier transform: the transform with its matrix transposed and conjugated. Operands: gradient of
/// y, x (only its shape).
package struct FourierTransformGradient: Operator {
  let forward: FourierTransform

  package var kind: String { "DFTGradient" }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }
  package func readsValue(ofInput index: Int) -> Bool { index == 0 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let spectrum = try forward.spectrum(of: try lowering.shape(node.inputs[1]))
    let plan = ComplexFourierPlan.shared(spectrum.length)
    let scale = forward.inverse ? 1 / Double(spectrum.length) : 1
    try lowering.emitNative(node, reading: [0], work: saturatingProduct(spectrum.lines, plan.work)) {
      [forward] inputs, outputs, lanes in
      lanes.share(spectrum.lines) { lines in
        let buffers = ComplexFourierBuffers(spectrum.length)
        defer { withExtendedLifetime(buffers) {} }
        for line in lines {
          spectrum.result.read(line, from: inputs[0], into: buffers.input, spectrum.length)
          plan.transform(buffers, inverse: !forward.inverse)
          if spectrum.mirrors {
            for k in 1..<max(1, (spectrum.length + 1) / 2) {
              let other = buffers.output[spectrum.length - k]
              buffers.output[k] += SIMD2(other.x, -other.y)
            }
          }
          spectrum.source.write(line, buffers.output, scale, to: outputs[0])
        }
      }
    }
  }
}

/// Which numbers a transform reads and writes, line by line.
private struct Spectrum {
  let axis: Int
  let length: Int
  /// Whether only the first half of a transform of real numbers is read.
  let mirrors: Bool
  let lines: Int
  let source: ComplexLines
  let result: ComplexLines
}

/// Lines of complex or real numbers along one axis of a tensor.
private struct ComplexLines {
  /// How many lines lie between neighbours of one line.
  let inner: Int
  let places: Int
  /// How many of them take part.
  let used: Int
  let parts: Int

  private func start(_ line: Int) -> Int { (line / inner * places * inner + line % inner) * parts }

  /// The numbers of a line, and zeros up to `count`.
  func read(
    _ line: Int, from tensor: UnsafePointer<Float>, into numbers: UnsafeMutablePointer<SIMD2<Double>>,
    _ count: Int
  ) {
    var place = tensor + start(line)
    for n in 0..<used {
      numbers[n] = SIMD2(Double(place[0]), parts == 2 ? Double(place[1]) : 0)
      place += inner * parts
    }
    (numbers + used).update(repeating: .zero, count: count - used)
  }

  /// `numbers · scale` to a line, and zeros where it is longer.
  func write(
    _ line: Int, _ numbers: UnsafePointer<SIMD2<Double>>, _ scale: Double,
    to tensor: UnsafeMutablePointer<Float>
  ) {
    var place = tensor + start(line)
    for n in 0..<places {
      let value = n < used ? numbers[n] * scale : .zero
      place[0] = Float(value.x)
      if parts == 2 { place[1] = Float(value.y) }
      place += inner * parts
    }
  }
}
