/// What a node does, roughly.
public enum LayerFamily: Sendable, CaseIterable {
  case product, sequence, normalization, pooling, joining, movement, function

  /// - Parameter kind: the operator's name in ONNX.
  public init(of kind: String) {
    self = Self.family(of: kind)
  }

  private static func family(of kind: String) -> LayerFamily {
    switch kind {
    case "Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum", "ConvInteger", "MatMulInteger", "QLinearConv",
      "QLinearMatMul":
      .product
    case "LSTM", "GRU", "RNN", "Attention", "Loop", "Scan", "STFT", "DFT": .sequence
    case "BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization", "LRN",
      "LpNormalization", "MeanVarianceNormalization":
      .normalization
    case "Add", "Sub", "Mul", "Div", "Concat", "Sum", "Max", "Min", "Mean", "Where", "Pow": .joining
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Slice", "Split", "Gather",
      "Pad", "Expand", "Tile", "Cast", "Shape", "Dropout", "Resize", "Upsample":
      .movement
    case _ where kind.contains("Pool") || kind.hasPrefix("Reduce") || kind.hasPrefix("Arg"): .pooling
    default: .function
    }
  }
}
