import COneDNN

extension Primitive {
  /// `destination = function(source)`, in place if the caller binds both to one address.
  public static func elementwise(
    _ function: Function, source: Layout, fusing fused: [FusedOperation] = [], on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    let (alpha, beta) = function.parameters
    return try Primitive("dnnl_eltwise_forward_primitive_desc_create", fusing: fused) { plan, attributes in
      dnnl_eltwise_forward_primitive_desc_create(
        plan, engine.handle, dnnl_forward_inference, function.algorithm, source.handle, source.handle, alpha,
        beta,
        attributes)
    }
  }

  /// `sourceGradient = destinationGradient · function′`, the derivative taken from the function's result (bound as
  /// `.destination`) or from its argument (bound as `.source`). `data` is the layout of that result or argument.
  public static func elementwiseGradient(
    _ function: Function, fromResult: Bool, data: Layout, gradient: Layout, on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    let algorithm = fromResult ? function.algorithmFromResult ?? function.algorithm : function.algorithm
    let (alpha, beta) = function.parameters
    let forward = try Primitive("dnnl_eltwise_forward_primitive_desc_create") { plan, attributes in
      dnnl_eltwise_forward_primitive_desc_create(
        plan, engine.handle, dnnl_forward_training, algorithm, data.handle, data.handle, alpha, beta,
        attributes)
    }
    return try Primitive("dnnl_eltwise_backward_primitive_desc_create") { plan, attributes in
      dnnl_eltwise_backward_primitive_desc_create(
        plan, engine.handle, algorithm, gradient.handle, gradient.handle, data.handle, alpha, beta,
        forward.hint,
        attributes)
    }
  }

  /// `destination = source ∘ source1`; axes of `source1` with extent 1 are broadcast.
  ///
  /// - Throws: "not implemented" also where oneDNN has a kernel that computes wrong values (`isMisread`).
  public static func binary(
    _ function: BinaryFunction, source: Layout, source1: Layout, destination: Layout,
    fusing fused: [FusedOperation] = [], on engine: Engine
  ) throws(OneDNNError) -> Primitive {
    let shape = destination.structure?.dimensions ?? []
    guard !fused.contains(where: { $0.isMisread(behindBinaryOf: shape) }) else {
      throw OneDNNError(
        operation: "dnnl_binary_primitive_desc_create", status: dnnl_unimplemented.rawValue)
    }
    return try Primitive("dnnl_binary_primitive_desc_create", fusing: fused) { plan, attributes in
      dnnl_binary_primitive_desc_create(
        plan, engine.handle, function.algorithm, source.handle, source1.handle, destination.handle, attributes
      )
    }
  }

  /// Copies `source` into another layout.
  public static func reorder(from source: Layout, to destination: Layout, on engine: Engine)
    throws(OneDNNError) -> Primitive
  {
    try Primitive("dnnl_reorder_primitive_desc_create") { plan, attributes in
      dnnl_reorder_primitive_desc_create(
        plan, source.handle, engine.handle, destination.handle, engine.handle, attributes)
    }
  }
}

extension FusedOperation {
  /// Whether oneDNN computes wrong values with this fused behind a binary operation on tensors of `shape`.
  ///
  /// Its kernel takes one number of a fused operand `[1, channels, 1, …]` for a whole vector of results, which would be
  /// right if a channel had many places. With one place a channel and more than one row, neighbours are of different
  /// channels. Measured with oneDNN 3.2 over rows 1...9, channels 1...20 and places 1...5, under SSE4.1, AVX, AVX2 and
  /// AVX-512 alike: all 608 pairs of this kind are wrong, by as much as the operands differ, and no others are. The
  /// other primitives read such operands correctly.
  fileprivate func isMisread(behindBinaryOf shape: [Int]) -> Bool {
    guard case .binary(_, let operand) = self, shape.count > 2, shape[0] > 1, shape[1] > 1,
      shape[2...].allSatisfy({ $0 == 1 })
    else { return false }
    return operand.structure.map { $0.dimensions[0] == 1 && $0.dimensions[1] > 1 } ?? true
  }
}
