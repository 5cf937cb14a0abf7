import Fourier
package import Tensors

/// The Fourier transform of each frame of a signal: `y[b, t, k] = Σ w[n] · x[b, t·step + n] · exp(−2πi·kn/N)`, frames
/// that reach beyond the end left out. ONNX `STFT`.
///
/// Operands: x `[batch, samples, 1]` (or 2: real and imaginary part), and the window w `[N]`, all ones if it is left out.
/// Result: `[batch, frames, bins, 2]`, with `N/2 + 1` bins if `onesided`, else `N`. The gradient is that of x.
package struct ShortTimeFourierTransform: Operator {
  package let step: Int
  /// N; nil: as long as the window, or as the signal.
  package let length: Int?
  package let onesided: Bool

  package var kind: String { "STFT" }

  fileprivate struct Frames {
    let batch: Int
    let samples: Int
    let parts: Int
    let length: Int
    let step: Int
    let count: Int
    let bins: Int
  }

  fileprivate func frames(_ signal: Shape, _ window: Shape?) throws(ShapeMismatch) -> Frames {
    guard signal.rank == 3, 1...2 ~= signal[2] else {
      throw ShapeMismatch("a signal of shape \(signal) where [batch, samples, 1 or 2] is expected")
    }
    let length = length ?? window?.dimensions.first ?? signal[1]
    guard length > 0, length <= signal[1] else {
      throw ShapeMismatch("frames of \(length) from \(signal[1]) samples")
    }
    if let window, window.dimensions != [length] {
      throw ShapeMismatch("a window of shape \(window) for frames of \(length)")
    }
    guard !onesided || signal[2] == 1 else {
      throw ShapeMismatch("a one-sided transform of a complex signal")
    }
    return Frames(
      batch: signal[0], samples: signal[1], parts: signal[2], length: length, step: step,
      count: (signal[1] - length) / step + 1, bins: onesided ? length / 2 + 1 : length)
  }

  package var operandCounts: ClosedRange<Int> { 1...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let frames = try frames(try inputs.operand(0), inputs.count > 1 ? inputs[1] : nil)
    return [[frames.batch, frames.count, frames.bins, 2]]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var axes = [ReceptiveField.Axis?](repeating: nil, count: outputShape.rank)
    if let field = inputs[0], field.axes.count == 3, let shape = inputShapes[0],
      let frames = try? frames(shape, inputShapes.count > 1 ? inputShapes[1] : nil)
    {
      axes[0] = field.axes[0]
      if var time = field.axes[1] {
        time.size += Double(frames.length - 1) * time.jump
        time.jump *= Double(step)
        axes[1] = time
      }
    }
    return ReceptiveField(axes: axes)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    guard node.inputs.count < 2 || !builder.wants(node.inputs[1]) else {
      throw .notDifferentiable(node: node.name, kind: "the window of \(kind)")
    }
    return [
      builder.add(
        ShortTimeFourierTransformGradient(forward: self),
        [gradient, node.inputs[0]] + node.inputs.dropFirst()),
      nil,
    ]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let hasWindow = node.inputs.count > 1 && !node.inputs[1].isEmpty
    let frames = try frames(
      try lowering.shape(node.inputs[0]), hasWindow ? try lowering.shape(node.inputs[1]) : nil)
    let (count, bins) = (frames.batch * frames.count, frames.bins)
    if onesided { return try lowerReal(node, frames, hasWindow: hasWindow, in: lowering) }
    let plan = ComplexFourierPlan.shared(frames.length)
    try lowering.emitNative(node, work: saturatingProduct(count, plan.work)) { inputs, outputs, lanes in
      let window = hasWindow ? inputs[1] : nil
      lanes.share(count) { range in
        let buffers = ComplexFourierBuffers(frames.length)
        defer { withExtendedLifetime(buffers) {} }
        for frame in range {
          let (item, time) = frame.quotientAndRemainder(dividingBy: frames.count)
          let x = inputs[0] + (item * frames.samples + time * frames.step) * frames.parts
          for n in 0..<frames.length {
            let value =
              frames.parts == 2 ? SIMD2(Double(x[2 * n]), Double(x[2 * n + 1])) : SIMD2(Double(x[n]), 0)
            buffers.input[n] = window.map { value * Double($0[n]) } ?? value
          }
          plan.transform(buffers, inverse: false)
          let y = outputs[0] + frame * bins * 2
          for k in 0..<bins {
            (y[2 * k], y[2 * k + 1]) = (Float(buffers.output[k].x), Float(buffers.output[k].y))
          }
        }
      }
    }
  }
}

extension ShortTimeFourierTransform {
  /// Of real signals, by FFTW.
  private func lowerReal(_ node: Node, _ frames: Frames, hasWindow: Bool, in lowering: Lowering) throws {
    let plan = RealFourierPlan.shared(frames.length)
    let count = frames.batch * frames.count
    let work = saturatingProduct(count, saturatingProduct(frames.length, 16))
    try lowering.emitNative(node, work: work) { inputs, outputs, lanes in
      let window = hasWindow ? inputs[1] : nil
      lanes.share(count) { range in
        let buffers = RealFourierBuffers(frames.length)
        defer { withExtendedLifetime(buffers) {} }
        for frame in range {
          let (item, time) = frame.quotientAndRemainder(dividingBy: frames.count)
          let x = inputs[0] + item * frames.samples + time * frames.step
          if let window {
            for n in 0..<frames.length { buffers.samples[n] = Double(x[n]) * Double(window[n]) }
          } else {
            for n in 0..<frames.length { buffers.samples[n] = Double(x[n]) }
          }
          plan.transform(buffers)
          let y = outputs[0] + frame * frames.bins * 2
          for part in 0..<2 * frames.bins { y[part] = Float(buffers.parts[part]) }
        }
      }
    }
  }
}

/// The gradient of a short-time Fourier transform with respect to the signal: each frame's, windowed and added where it
/// was taken from. Operands: gradient of y, x (only its shape), the window if there is one.
package struct ShortTimeFourierTransformGradient: Operator {
  let forward: ShortTimeFourierTransform

  package var kind: String { "STFTGradient" }

  package var operandCounts: ClosedRange<Int> { 2...3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }
  package func readsValue(ofInput index: Int) -> Bool { index != 1 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let hasWindow = node.inputs.count > 2 && !node.inputs[2].isEmpty
    let frames = try forward.frames(
      try lowering.shape(node.inputs[1]), hasWindow ? try lowering.shape(node.inputs[2]) : nil)
    if forward.onesided { return try lowerReal(node, frames, hasWindow: hasWindow, in: lowering) }
    let plan = ComplexFourierPlan.shared(frames.length)
    let work = saturatingProduct(frames.batch * frames.count, plan.work)
    try lowering.emitNative(node, reading: [0, 2].filter { $0 < node.inputs.count }, work: work) {
      inputs, outputs, lanes in
      let window = hasWindow ? inputs[1] : nil
      // Frames overlap: an item's are added by one lane.
      lanes.share(frames.batch) { items in
        let buffers = ComplexFourierBuffers(frames.length)
        defer { withExtendedLifetime(buffers) {} }
        for item in items {
          let x = outputs[0] + item * frames.samples * frames.parts
          x.update(repeating: 0, count: frames.samples * frames.parts)
          for time in 0..<frames.count {
            let y = inputs[0] + (item * frames.count + time) * frames.bins * 2
            for k in 0..<frames.bins { buffers.input[k] = SIMD2(Double(y[2 * k]), Double(y[2 * k + 1])) }
            (buffers.input + frames.bins).update(repeating: .zero, count: frames.length - frames.bins)
            plan.transform(buffers, inverse: true)
            let frame = x + time * frames.step * frames.parts
            for n in 0..<frames.length {
              let value = window.map { buffers.output[n] * Double($0[n]) } ?? buffers.output[n]
              frame[n * frames.parts] += Float(value.x)
              if frames.parts == 2 { frame[2 * n + 1] += Float(value.y) }
            }
          }
        }
      }
    }
  }
}

extension ShortTimeFourierTransformGradient {
  /// Of real signals, by FFTW: the inverse transform counts all bins but the first and the middle one twice, for their
  /// mirror images, which the one-sided transform leaves out.
  private func lowerReal(
    _ node: Node, _ frames: ShortTimeFourierTransform.Frames, hasWindow: Bool, in lowering: Lowering
  ) throws {
    let plan = RealFourierPlan.shared(frames.length)
    let work = saturatingProduct(frames.batch * frames.count, saturatingProduct(frames.length, 16))
    try lowering.emitNative(node, reading: [0, 2].filter { $0 < node.inputs.count }, work: work) {
      inputs, outputs, lanes in
      let window = hasWindow ? inputs[1] : nil
      // Frames overlap: an item's are added by one lane.
      lanes.share(frames.batch) { items in
        let buffers = RealFourierBuffers(frames.length)
        defer { withExtendedLifetime(buffers) {} }
        for item in items {
          let x = outputs[0] + item * frames.samples
          x.update(repeating: 0, count: frames.samples)
          for time in 0..<frames.count {
            let y = inputs[0] + (item * frames.count + time) * frames.bins * 2
            for k in 0..<frames.bins {
              let share = k == 0 || 2 * k == frames.length ? 1 : 0.5
              buffers.parts[2 * k] = share * Double(y[2 * k])
              buffers.parts[2 * k + 1] = share * Double(y[2 * k + 1])
            }
            plan.transformBack(buffers)
            let frame = x + time * frames.step
            for n in 0..<frames.length {
              frame[n] += Float(window.map { buffers.samples[n] * Double($0[n]) } ?? buffers.samples[n])
            }
          }
        }
      }
    }
  }
}
