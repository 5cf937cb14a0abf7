import COneDNN

/// What a pooling window is reduced to.
public enum PoolingKind: Hashable, Sendable {
  case maximum
  /// Mean over the window; padding counts as zeros or not at all.
  case average(countingPadding: Bool)

  var algorithm: dnnl_alg_kind_t {
    switch self {
    case .maximum: dnnl_pooling_max
    case .average(countingPadding: true): dnnl_pooling_avg_include_padding
    case .average(countingPadding: false): dnnl_pooling_avg_exclude_padding
    }
  }
}

extension Primitive {
  /// Pooling. With `remembering`, a maximum also writes where it found each maximum (`.workspace`).
  public static func pooling(
    _ kind: PoolingKind, source: Layout, destination: Layout, _ window: WindowGeometry, remembering: Bool,
    on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    try Primitive("dnnl_pooling_forward_primitive_desc_create") { plan, attributes in
      dnnl_pooling_forward_primitive_desc_create(
        plan, engine.handle, remembering ? dnnl_forward_training : dnnl_forward_inference, kind.algorithm,
        source.handle, destination.handle, window.strides64, window.kernel64, window.gaps, window.before64,
        window.after64, attributes)
    }
  }

  /// The gradient of a pooling with respect to its source. A maximum needs the workspace of `forward`.
  public static func poolingGradient(
    _ kind: PoolingKind, sourceGradient: Layout, destinationGradient: Layout, _ window: WindowGeometry,
    forward: Primitive, on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    try Primitive("dnnl_pooling_backward_primitive_desc_create") { plan, attributes in
      dnnl_pooling_backward_primitive_desc_create(
        plan, engine.handle, kind.algorithm, sourceGradient.handle, destinationGradient.handle,
        window.strides64,
        window.kernel64, window.gaps, window.before64, window.after64, forward.hint, attributes)
    }
  }
}
