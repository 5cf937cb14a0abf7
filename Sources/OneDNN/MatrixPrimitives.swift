import COneDNN

/// How a reduction combines the elements along the axes that shrink to 1.
public enum ReductionKind: Hashable, Sendable {
  case sum
  case mean
  case maximum
  case minimum

  var algorithm: dnnl_alg_kind_t {
    switch self {
    case .sum: dnnl_reduction_sum
    case .mean: dnnl_reduction_mean
    case .maximum: dnnl_reduction_max
    case .minimum: dnnl_reduction_min
    }
  }
}

extension Primitive {
  /// `destination = source · weights + bias`, the leading axes being batches.
  public static func matrixProduct(
    source: Layout, weights: Layout, bias: Layout?, destination: Layout, fusing fused: [FusedOperation] = [],
    on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    try Primitive("dnnl_matmul_primitive_desc_create", fusing: fused) { plan, attributes in
      dnnl_matmul_primitive_desc_create(
        plan, engine.handle, source.handle, weights.handle, bias?.handle, destination.handle, attributes)
    }
  }

  /// Reduces `source` along the axes in which `destination` has extent 1.
  public static func reduction(_ kind: ReductionKind, source: Layout, destination: Layout, on engine: Engine)
    throws(OneDNNError) -> Primitive
  {
    try Primitive("dnnl_reduction_primitive_desc_create") { plan, attributes in
      dnnl_reduction_primitive_desc_create(
        plan, engine.handle, kind.algorithm, source.handle, destination.handle, 0, 0, attributes)
    }
  }

  /// `exp(x) / Σ exp(x)` along `axis`, or its logarithm.
  public static func softmax(logarithm: Bool, layout: Layout, axis: Int, on engine: Engine)
    throws(OneDNNError) -> Primitive
  {
    try Primitive("dnnl_softmax_forward_primitive_desc_create") { plan, attributes in
      dnnl_softmax_forward_primitive_desc_create(
        plan, engine.handle, dnnl_forward_inference,
        logarithm ? dnnl_softmax_log : dnnl_softmax_accurate, layout.handle, layout.handle, Int32(axis),
        attributes)
    }
  }

  /// The gradient of a softmax with respect to its argument, from its result.
  public static func softmaxGradient(logarithm: Bool, layout: Layout, axis: Int, on engine: Engine)
    throws(OneDNNError) -> Primitive
  {
    let algorithm = logarithm ? dnnl_softmax_log : dnnl_softmax_accurate
    let forward = try Primitive("dnnl_softmax_forward_primitive_desc_create") { plan, attributes in
      dnnl_softmax_forward_primitive_desc_create(
        plan, engine.handle, dnnl_forward_training, algorithm, layout.handle, layout.handle, Int32(axis),
        attributes)
    }
    return try Primitive("dnnl_softmax_backward_primitive_desc_create") { plan, attributes in
      dnnl_softmax_backward_primitive_desc_create(
        plan, engine.handle, algorithm, layout.handle, layout.handle, layout.handle, Int32(axis),
        forward.hint,
        attributes)
    }
  }
}
