import Figures
import Graphs
import Tensors

extension LayerList {
  /// The network drawn: its inputs, and a box for each node.
  func figure(titled title: String) throws -> NetworkFigure {
    var boxes: [NetworkFigure.Box] = []
    var makers: [TensorName: Int] = [:]
    for input in graph.inputs {
      makers[input.name] = boxes.count
      boxes.append(
        .init(
          kind: "Input", name: input.name, shape: inputShapes[input.name]?.description ?? "", family: .end,
          inputs: []))
    }
    for (node, layer) in zip(graph.nodes, layers) {
      var sources: [Int] = []
      for input in node.inputs {
        if let maker = makers[input], !sources.contains(maker) { sources.append(maker) }
      }
      for output in node.outputs where !output.isEmpty { makers[output] = boxes.count }
      let isOutput = node.outputs.contains { graph.outputs.contains($0) }
      boxes.append(
        .init(
          kind: node.kind, name: layer.tensor, shape: layer.shape.description,
          family: Self.family(of: node.kind), inputs: sources, isOutput: isOutput))
    }
    guard boxes.count <= NetworkFigure.mostBoxes else {
      throw Misuse(
        "--svg: the network has \(boxes.count) nodes; more than \(NetworkFigure.mostBoxes) are not drawn")
    }
    return NetworkFigure(
      title: title,
      subtitle: "\(grouped(parameters)) parameters, \(grouped(multiplyAccumulates)) multiply-accumulates",
      boxes: boxes)
  }

  private static func family(of kind: String) -> NetworkFigure.Family {
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
