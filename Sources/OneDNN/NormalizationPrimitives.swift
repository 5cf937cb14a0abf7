import COneDNN

/// Where the mean and the variance of a normalization come from.
public enum Statistics: Sendable {
  /// Operands.
  case given
  /// Taken over the batch; then they are results.
  case taken
}

extension Primitive {
  /// `destination[n, c, …] = scale[c] · (source[n, c, …] − mean[c]) / √(variance[c] + epsilon) + shift[c]`, for 2 to 5
  /// axes, in any layout.
  public static func channelNormalization(
    source: Layout, statistics: Statistics = .given, epsilon: Float = 0, fusing fused: [FusedOperation] = [],
    on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    try Primitive("dnnl_batch_normalization_forward_primitive_desc_create", fusing: fused) {
      plan, attributes in
      dnnl_batch_normalization_forward_primitive_desc_create(
        plan, engine.handle, statistics == .given ? dnnl_forward_inference : dnnl_forward_training,
        source.handle, source.handle, epsilon, statistics.flags, attributes)
    }
  }

  /// The gradients of a channel normalization with respect to its source, its scale and its shift; through the
  /// statistics as well where they were taken.
  public static func channelNormalizationGradient(
    source: Layout, statistics: Statistics, epsilon: Float, on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    let forward = try Primitive("dnnl_batch_normalization_forward_primitive_desc_create") {
      plan, attributes in
      dnnl_batch_normalization_forward_primitive_desc_create(
        plan, engine.handle, dnnl_forward_training, source.handle, source.handle, epsilon, statistics.flags,
        attributes)
    }
    return try Primitive("dnnl_batch_normalization_backward_primitive_desc_create") { plan, attributes in
      dnnl_batch_normalization_backward_primitive_desc_create(
        plan, engine.handle, dnnl_backward, source.handle, source.handle, source.handle, epsilon,
        statistics.flags, forward.hint, attributes)
    }
  }
}

extension Statistics {
  fileprivate var flags: UInt32 {
    let own = dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
    return self == .given ? own | dnnl_use_global_stats.rawValue : own
  }
}
