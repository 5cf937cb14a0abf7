import COneDNN

/// Where a window of a convolution or a pooling lies, for each spatial axis.
public struct WindowGeometry: Hashable, Sendable {
  public var kernel: [Int]
  public var strides: [Int]
  /// Distance between neighbouring taps; 1 is a dense window.
  public var dilations: [Int]
  public var padsBefore: [Int]
  public var padsAfter: [Int]

  public init(kernel: [Int], strides: [Int], dilations: [Int], padsBefore: [Int], padsAfter: [Int]) {
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.padsBefore = padsBefore
    self.padsAfter = padsAfter
  }

  /// oneDNN counts the gaps between taps, ONNX the distance.
  var gaps: [Int64] { dilations.map { Int64($0 - 1) } }
  var kernel64: [Int64] { kernel.map(Int64.init) }
  var strides64: [Int64] { strides.map(Int64.init) }
  var before64: [Int64] { padsBefore.map(Int64.init) }
  var after64: [Int64] { padsAfter.map(Int64.init) }
}

extension Primitive {
  /// `destination[n, o] = bias[o] + Σ weights[o, c] ⋆ source[n, c]`, the fused operations applied.
  public static func convolution(
    source: Layout, weights: Layout, bias: Layout?, destination: Layout, _ window: WindowGeometry,
    fusing fused: [FusedOperation] = [], on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    try Primitive("dnnl_convolution_forward_primitive_desc_create", fusing: fused) { plan, attributes in
      dnnl_convolution_forward_primitive_desc_create(
        plan, engine.handle, dnnl_forward_inference, dnnl_convolution_direct, source.handle, weights.handle,
        bias?.handle, destination.handle, window.strides64, window.gaps, window.before64, window.after64,
        attributes)
    }
  }

  /// The gradient of a convolution with respect to its source. All layouts may be "any".
  public static func convolutionSourceGradient(
    sourceGradient: Layout, weights: Layout, destinationGradient: Layout, _ window: WindowGeometry,
    on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    let forward = try convolution(
      source: sourceGradient, weights: weights, bias: nil, destination: destinationGradient, window,
      on: engine)
    return try Primitive("dnnl_convolution_backward_data_primitive_desc_create") { plan, attributes in
      dnnl_convolution_backward_data_primitive_desc_create(
        plan, engine.handle, dnnl_convolution_direct, sourceGradient.handle, weights.handle,
        destinationGradient.handle, window.strides64, window.gaps, window.before64, window.after64,
        forward.hint, attributes)
    }
  }

  /// The gradient of a convolution with respect to its weights, and to its bias if there is a layout for it. All
  /// layouts may be "any".
  public static func convolutionWeightsGradient(
    source: Layout, weightsGradient: Layout, biasGradient: Layout?, destinationGradient: Layout,
    _ window: WindowGeometry, on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    let forward = try convolution(
      source: source, weights: weightsGradient, bias: biasGradient, destination: destinationGradient, window,
      on: engine)
    return try Primitive("dnnl_convolution_backward_weights_primitive_desc_create") { plan, attributes in
      dnnl_convolution_backward_weights_primitive_desc_create(
        plan, engine.handle, dnnl_convolution_direct, source.handle, weightsGradient.handle,
        biasGradient?.handle, destinationGradient.handle, window.strides64, window.gaps, window.before64,
        window.after64, forward.hint, attributes)
    }
  }

  /// The transposed convolution: each place of `source` sends `weights[o, c]` times itself to the window of
  /// `destination` that a convolution would read for it; the bias is added and the fused operations applied.
  public static func transposedConvolution(
    source: Layout, weights: Layout, bias: Layout?, destination: Layout, _ window: WindowGeometry,
    fusing fused: [FusedOperation] = [], on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    try Primitive("dnnl_deconvolution_forward_primitive_desc_create", fusing: fused) { plan, attributes in
      dnnl_deconvolution_forward_primitive_desc_create(
        plan, engine.handle, dnnl_forward_inference, dnnl_deconvolution_direct, source.handle, weights.handle,
        bias?.handle, destination.handle, window.strides64, window.gaps, window.before64, window.after64,
        attributes)
    }
  }
}
