import COneDNN

/// The part a memory plays in a primitive.
public enum Argument: Hashable, Sendable {
  case source
  /// The second operand of an element-wise operation.
  case source1
  case weights
  case bias
  /// The statistics, factors and offsets of a normalization, a number a channel.
  case mean
  case variance
  case scale
  case shift
  case destination
  /// What a forward primitive remembers for its backward one.
  case workspace
  case scratchpad
  case sourceGradient
  case weightsGradient
  case biasGradient
  case scaleGradient
  case shiftGradient
  case destinationGradient
  /// The operand of the element-wise operation fused at this position.
  case fusedOperand(Int)

  var index: Int32 {
    switch self {
    case .source: DNNL_ARG_SRC_0
    case .source1: DNNL_ARG_SRC_1
    case .weights: DNNL_ARG_WEIGHTS_0
    case .bias: DNNL_ARG_BIAS
    case .mean: DNNL_ARG_MEAN
    case .variance: DNNL_ARG_VARIANCE
    case .scale: DNNL_ARG_SCALE
    case .shift: DNNL_ARG_SHIFT
    case .destination: DNNL_ARG_DST_0
    case .workspace: DNNL_ARG_WORKSPACE
    case .scratchpad: DNNL_ARG_SCRATCHPAD
    case .sourceGradient: DNNL_ARG_DIFF_SRC_0
    case .weightsGradient: DNNL_ARG_DIFF_WEIGHTS_0
    case .biasGradient: DNNL_ARG_DIFF_BIAS
    case .scaleGradient: DNNL_ARG_DIFF_SCALE
    case .shiftGradient: DNNL_ARG_DIFF_SHIFT
    case .destinationGradient: DNNL_ARG_DIFF_DST_0
    case .fusedOperand(let position):
      // DNNL_ARG_ATTR_MULTIPLE_POST_OP(position), a macro that Swift does not import.
      DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * Int32(position + 1) | DNNL_ARG_SRC_1
    }
  }
}
