import COneDNN

/// An element-wise operation that a primitive applies to its result before it leaves the registers.
public enum FusedOperation {
  case function(Function)
  /// `result ∘ operand`, the operand of the same shape or broadcast along axes of extent 1.
  case binary(BinaryFunction, operand: Layout)
}

/// Functions of one number, with oneDNN's parameters.
public enum Function: Hashable, Sendable {
  /// `x > 0 ? x : slope · x`
  case relu(slope: Float)
  case clip(lowest: Float, highest: Float)
  case logistic
  case tanh
  case elu(scale: Float)
  /// `scale · x + shift`
  case linear(scale: Float, shift: Float)
  case exp
  case log
  case sqrt
  case abs
  case square
  /// `log(1 + exp(x))`
  case softplus
  /// `min(max(slope · x + shift, 0), 1)`
  case hardSigmoid(slope: Float, shift: Float)
  /// `x · hardSigmoid(x)`
  case hardSwish(slope: Float, shift: Float)
  /// `x · logistic(scale · x)`
  case swish(scale: Float)
  /// `x · tanh(softplus(x))`
  case mish
  /// `x · Φ(x)`, Φ the normal distribution.
  case gelu
  /// The same with `Φ(x) ≈ (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2`.
  case tanhGelu

  var algorithm: dnnl_alg_kind_t {
    switch self {
    case .relu: dnnl_eltwise_relu
    case .clip: dnnl_eltwise_clip_v2
    case .logistic: dnnl_eltwise_logistic
    case .tanh: dnnl_eltwise_tanh
    case .elu: dnnl_eltwise_elu
    case .linear: dnnl_eltwise_linear
    case .exp: dnnl_eltwise_exp
    case .log: dnnl_eltwise_log
    case .sqrt: dnnl_eltwise_sqrt
    case .abs: dnnl_eltwise_abs
    case .square: dnnl_eltwise_square
    case .softplus: dnnl_eltwise_soft_relu
    case .hardSigmoid: dnnl_eltwise_hardsigmoid
    case .hardSwish: dnnl_eltwise_hardswish
    case .swish: dnnl_eltwise_swish
    case .mish: dnnl_eltwise_mish
    case .gelu: dnnl_eltwise_gelu_erf
    case .tanhGelu: dnnl_eltwise_gelu_tanh
    }
  }

  /// The algorithm whose derivative is written in terms of the function's own result, where there is one.
  var algorithmFromResult: dnnl_alg_kind_t? {
    switch self {
    case .relu: dnnl_eltwise_relu_use_dst_for_bwd
    case .clip: dnnl_eltwise_clip_v2_use_dst_for_bwd
    case .logistic: dnnl_eltwise_logistic_use_dst_for_bwd
    case .tanh: dnnl_eltwise_tanh_use_dst_for_bwd
    case .elu: dnnl_eltwise_elu_use_dst_for_bwd
    case .exp: dnnl_eltwise_exp_use_dst_for_bwd
    case .sqrt: dnnl_eltwise_sqrt_use_dst_for_bwd
    case .linear, .log, .abs, .square, .softplus, .hardSigmoid, .hardSwish, .swish, .mish, .gelu, .tanhGelu:
      nil
    }
  }

  var parameters: (alpha: Float, beta: Float) {
    switch self {
    case .relu(let slope): (slope, 0)
    case .clip(let lowest, let highest): (lowest, highest)
    case .elu(let scale): (scale, 0)
    case .linear(let scale, let shift): (scale, shift)
    case .hardSigmoid(let slope, let shift), .hardSwish(let slope, let shift): (slope, shift)
    case .swish(let scale): (scale, 0)
    case .softplus: (1, 0)
    case .logistic, .tanh, .exp, .log, .sqrt, .abs, .square, .mish, .gelu, .tanhGelu: (0, 0)
    }
  }
}

/// Functions of two numbers.
public enum BinaryFunction: Hashable, Sendable {
  case add
  case subtract
  case multiply
  case divide
  case maximum
  case minimum

  var algorithm: dnnl_alg_kind_t {
    switch self {
    case .add: dnnl_binary_add
    case .subtract: dnnl_binary_sub
    case .multiply: dnnl_binary_mul
    case .divide: dnnl_binary_div
    case .maximum: dnnl_binary_max
    case .minimum: dnnl_binary_min
    }
  }
}

/// `dnnl_primitive_attr_t`: user-owned scratch memory and the fused operations.
final class Attributes {
  let handle: OpaquePointer

  init(_ fused: [FusedOperation]) throws(OneDNNError) {
    handle = try made("dnnl_primitive_attr_create") { dnnl_primitive_attr_create($0) }
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(handle, dnnl_scratchpad_mode_user),
      "dnnl_primitive_attr_set_scratchpad_mode")
    guard !fused.isEmpty else { return }
    let operations = try made("dnnl_post_ops_create") { dnnl_post_ops_create($0) }
    defer { dnnl_post_ops_destroy(operations) }
    for operation in fused {
      switch operation {
      case .function(let function):
        let (alpha, beta) = function.parameters
        try check(
          dnnl_post_ops_append_eltwise(operations, function.algorithm, alpha, beta),
          "dnnl_post_ops_append_eltwise")
      case .binary(let function, let operand):
        try check(
          dnnl_post_ops_append_binary(operations, function.algorithm, operand.handle),
          "dnnl_post_ops_append_binary")
      }
    }
    try check(dnnl_primitive_attr_set_post_ops(handle, operations), "dnnl_primitive_attr_set_post_ops")
  }

  deinit { dnnl_primitive_attr_destroy(handle) }
}
