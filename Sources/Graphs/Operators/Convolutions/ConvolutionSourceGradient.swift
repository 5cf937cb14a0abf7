import OneDNN
package import Tensors

/// The gradient of a convolution with respect to its source: a transposed convolution of the gradient with the same
/// weights. Operands: gradient of y, w, x (only its shape).
///
/// With stride 1 that is a convolution again, with mirrored kernels and the channels exchanged. It is run as one: those
/// kernels are faster and keep the layout of the forward pass.
package struct ConvolutionSourceGradient: Operator {
  let forward: Convolution

  package var kind: String { "ConvSourceGradient" }

  package var operandCounts: ClosedRange<Int> { 3...3 }
  package var hostsTail: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(2)] }
  package func readsValue(ofInput index: Int) -> Bool { index < 2 }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard let gradient = inputs[0], let weights = inputs[1] else { return 0 }
    return saturatingProduct(gradient.count, weights.count / weights[0])
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[2])
    let (window, _) = try forward.window.geometry(over: source)
    if let mirrored = window.mirrored,
      try lowering.emitMirroredConvolution(
        node, mirrored, weights: node.inputs[1], groups: forward.groups, bias: nil)
    {
      return
    }
    if forward.groups == 1,
      let overlap = OverlapAdd(window, from: try lowering.shape(node.inputs[0]), to: source)
    {
      return try lowering.emit(overlap, node)
    }
    let weights = forward.groupedWeights(try lowering.shape(node.inputs[1]))
    let primitive = try backward(
      source: lowering.layout(of: node.inputs[2]), gradient: lowering.layout(of: node.inputs[0]),
      weights: weights,
      sourceShape: source, gradientShape: try lowering.shape(node.inputs[0]), window, on: lowering.engine)
    let gradient = try lowering.use(node.inputs[0], as: primitive.layout(.destinationGradient))
    let packed = try lowering.use(node.inputs[1], viewedAs: weights, as: primitive.layout(.weights))
    let result = lowering.define(
      lowering.resultOfGroup ?? node.outputs[0], try primitive.layout(.sourceGradient))
    try lowering.emit(
      primitive, [(.destinationGradient, gradient), (.weights, packed), (.sourceGradient, result)])
    try lowering.emitTailAlone(on: result, source)
  }

  /// A kernel that works in the layouts at hand, if there is a fast one; else one in the layouts it likes best.
  private func backward(
    source: Layout, gradient: Layout, weights: Shape, sourceShape: Shape, gradientShape: Shape,
    _ window: WindowGeometry, on engine: Engine
  ) throws -> Primitive {
    if let primitive = try? Primitive.convolutionSourceGradient(
      sourceGradient: source, weights: .any(weights.dimensions), destinationGradient: gradient, window,
      on: engine),
      primitive.implementation.hasPrefix("jit") || primitive.implementation.hasPrefix("brg")
    {
      return primitive
    }
    return try .convolutionSourceGradient(
      sourceGradient: .any(sourceShape.dimensions), weights: .any(weights.dimensions),
      destinationGradient: .any(gradientShape.dimensions), window, on: engine)
  }
}

extension WindowGeometry {
  /// The window with which a convolution goes back through this one; nil where it steps or pads further than it
  /// reaches.
  var mirrored: WindowGeometry? {
    let reach = kernel.indices.map { (kernel[$0] - 1) * dilations[$0] }
    let before = zip(reach, padsBefore).map { $0 - $1 }
    let after = zip(reach, padsAfter).map { $0 - $1 }
    guard strides.allSatisfy({ $0 == 1 }), (before + after).allSatisfy({ $0 >= 0 }) else { return nil }
    return WindowGeometry(
      kernel: kernel, strides: strides, dilations: dilations, padsBefore: before, padsAfter: after)
  }
}

extension Lowering {
  /// Emits a transposed convolution of stride 1 as the convolution that it is; false where the weights are no constant,
  /// and turning them at each run would cost more than it gains.
  func emitMirroredConvolution(
    _ node: Node, _ window: WindowGeometry, weights name: TensorName, groups: Int, bias: TensorName?
  ) throws -> Bool {
    let (source, result) = (try shape(node.inputs[0]), try shape(node.outputs[0]))
    if groups == 1, let fast = WinogradConvolution(window, from: source, to: result, lanes: threads) {
      try emit(fast, node, weights: name, mirrored: true, bias: bias)
      return true
    }
    guard let weights = constant(name) else { return false }
    let turned = exchanged(weights, groups: groups, mirroring: true)
    let view = Shape(groups == 1 ? turned.shape.dimensions : turned.grouped(groups))
    try emitConvolution(node, window, weights: view, bias: bias) { layout in
      try use(turned, viewedAs: view, as: layout)
    }
    return true
  }

  /// Convolution weights `[O, C / groups, k…]` as `[C, O / groups, k…]`, each kernel read backwards if `mirroring`;
  /// made once.
  func exchanged(_ weights: Tensor, groups: Int, mirroring: Bool) -> Tensor {
    derived(from: weights, "exchanged in \(groups)\(mirroring ? ", mirrored" : "")") {
      weights.exchanged(groups: groups, mirroring: mirroring)
    }
  }
}

extension Tensor {
  fileprivate func grouped(_ groups: Int) -> [Int] {
    [groups, shape[0] / groups] + shape.dimensions.dropFirst()
  }

  fileprivate func exchanged(groups: Int, mirroring: Bool) -> Tensor {
    let (outputs, inputs) = (shape[0] / groups, shape[1])
    let kernel = shape.dimensions.dropFirst(2).reduce(1, *)
    return Tensor(unsafeUninitialized: Shape([groups * inputs, outputs] + shape.dimensions.dropFirst(2))) {
      result in
      withUnsafeValues { values in
        for group in 0..<groups {
          for input in 0..<inputs {
            for output in 0..<outputs {
              let from = ((group * outputs + output) * inputs + input) * kernel
              let to = ((group * inputs + input) * outputs + output) * kernel
              for place in 0..<kernel {
                result[to + place] = values[from + (mirroring ? kernel - 1 - place : place)]
              }
            }
          }
        }
      }
    }
  }
}
