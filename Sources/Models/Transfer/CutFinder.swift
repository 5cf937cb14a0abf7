import Audio
import Graphs
import Tensors

/// Finds where a network is cut for a new head, and how the tensor there becomes features.
struct CutFinder {
  let file: ONNXFile
  let graph: Graph
  let description: ModelDescription
  private let producers: [TensorName: Node]

  /// - Parameter frontEnd: what the user says; nil for what the file does.
  init(_ file: ONNXFile, frontEnd: FrontEnd? = nil) throws {
    let model = try file.model()
    self.file = file
    graph = model.graph
    var description =
      try file.path.isEmpty
      ? ModelDescription(metadataOf: model, at: "the network") : ModelDescription(of: model, at: file.path)
    if let frontEnd { description.frontEnd = frontEnd }
    self.description = description
    producers = Dictionary(
      graph.nodes.flatMap { node in node.outputs.filter { !$0.isEmpty }.map { ($0, node) } }
    ) { first, _ in first }
  }

  // MARK: - Where

  /// What the last dense layer before the classes reads, past a flattening and a dropout.
  func cut() throws -> TensorName {
    let classes = try classTensor()
    guard let dense = lastDense(before: classes) else {
      throw ONNXFileError.cut(
        classes, reason: "no dense layer of fixed weights makes it; name the tensor that the new head follows"
      )
    }
    let names = file.tensorNames
    var tensor = dense
    while let node = producers[tensor], Self.shaping.contains(node.kind) || !names.contains(tensor) {
      guard let source = source(of: node) else { break }
      tensor = source
    }
    return tensor
  }

  /// What changes no value but in training.
  private static let shaping: Set<String> = [
    "Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze",
  ]

  private func classTensor() throws -> TensorName {
    if let named = description.output?.tensor { return try graph.tensor(named: named) }
    let states = description.state ?? [:]
    let outputs = graph.outputs.filter { states[$0] == nil }
    guard outputs.count != 1 else { return outputs[0] }
    let network = try description.network(graph, threads: 1, path: file.path)
    if description.frontEnd != nil {
      return try AudioModel(givenAsIs: network, description, name: "network", path: file.path).output.tensor
    }
    // The only one that the network itself makes probabilities.
    let shapes = try network.fileShapes(at: inputShapes())
    let revealed = try outputs.compactMap { try graph.revealing($0, at: shapes) }
    let scores = Set(revealed.compactMap(\.logits))
    let ends = revealed.map(\.output).filter { !scores.contains($0) }
    guard ends.count == 1 else {
      throw ONNXFileError.cut(
        outputs.joined(separator: "', '"),
        reason:
          "nothing tells which of these outputs holds the classes; name the tensor that the new head follows")
    }
    return ends[0]
  }

  /// The tensor that the nearest layer of weights without places reads, on the way back from `tensor`.
  private func lastDense(before tensor: TensorName) -> TensorName? {
    var waiting = [tensor]
    var seen: Set<TensorName> = []
    var next = 0
    while next < waiting.count {
      let tensor = waiting[next]
      next += 1
      guard seen.insert(tensor).inserted, let node = producers[tensor] else { continue }
      if let read = denseSource(of: node) { return read }
      waiting += node.inputs.filter { !$0.isEmpty && graph.constants[$0] == nil }
    }
    return nil
  }

  /// What a dense layer reads; nil for other nodes. A convolution of one place counts, as fully convolutional networks
  /// end in one.
  private func denseSource(of node: Node) -> TensorName? {
    switch node.kind {
    case "MatMul", "Gemm":
      guard node.inputs.count > 1 else { return nil }
      if isWeight(node.inputs[1], rank: 2) { return node.inputs[0] }
      return isWeight(node.inputs[0], rank: 2) ? node.inputs[1] : nil
    case "Conv":
      guard node.inputs.count > 1, let weights = graph.constants[node.inputs[1]],
        weights.shape.dimensions.dropFirst(2).allSatisfy({ $0 == 1 })
      else { return nil }
      return node.inputs[0]
    default: return nil
    }
  }

  private func isWeight(_ name: TensorName, rank: Int) -> Bool { graph.constants[name]?.shape.rank == rank }

  /// The first operand that is computed.
  private func source(of node: Node) -> TensorName? {
    node.inputs.first { !$0.isEmpty && graph.constants[$0] == nil }
  }

  // MARK: - What is there

  /// The extents of a row of `tensor`, whose rows must run along its first axis.
  func rowExtents(of tensor: TensorName) throws -> [Int] {
    let network = try description.network(graph, threads: 1, path: file.path)
    let survey = try network.survey(at: inputShapes())
    guard survey.axis(of: tensor) == 0, let row = survey.row(of: tensor) else {
      throw ONNXFileError.cut(
        tensor, reason: "its first axis does not run along the sounds of a batch; choose another tensor")
    }
    return row
  }

  /// Shapes of the inputs for one row. What the file leaves open is as long as a patch of the front end; where there is none,
  /// as long as the network takes.
  func inputShapes() throws -> [TensorName: Shape] {
    let network = try description.network(graph, threads: 1, path: file.path)
    do throws(GraphError) {
      var shapes: [TensorName: Shape] = [:]
      for input in network.graph.inputs { shapes[input.name] = try input.shape(batch: 1) }
      return shapes
    } catch {
      if description.frontEnd != nil,
        let model = try? AudioModel(givenAsIs: network, description, name: "network", path: file.path),
        model.inputName == network.graph.inputs.first?.name
      {
        return model.patchInputShape
      }
      for extent in Self.openExtents {
        let shapes = Dictionary(
          uniqueKeysWithValues: network.graph.inputs.map { input in
            (input.name, Self.shape(of: input, open: extent, rows: network.rows.axes[input.name] ?? nil))
          })
        if (try? network.survey(at: shapes)) != nil { return shapes }
      }
      throw error
    }
  }

  /// From a second of frames to a second of samples.
  private static let openExtents = [128, 256, 512, 1024, 16000, 48000]

  private static func shape(of input: GraphInput, open extent: Int, rows: Int?) -> Shape {
    Shape(
      (input.dimensions ?? []).enumerated().map { axis, dimension in
        if case .fixed(let fixed) = dimension { fixed } else { axis == rows ? 1 : extent }
      })
  }

  /// The axis of a row that runs along the features, as the layers tell that lead to `tensor`: the first behind
  /// convolutions and poolings, the last behind products.
  func featureAxis(of tensor: TensorName, rank: Int) -> Int {
    // Axes of the tensor in hand, as axes of the one that is asked for.
    var axes = Array(0..<rank + 1)
    var name = tensor
    for _ in graph.nodes {
      guard let node = producers[name] else { break }
      switch node.kind {
      case "Conv", "ConvTranspose", "BatchNormalization", "MaxPool", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "InstanceNormalization", "PRelu":
        return max(0, (axes.firstIndex(of: 1) ?? 1) - 1)
      case "MatMul", "Gemm", "LayerNormalization", "GRU", "LSTM", "RNN", "Gather":
        return max(0, (axes.firstIndex(of: rank) ?? rank) - 1)
      case "Transpose":
        let order = (node.operation as? Transposition)?.axes ?? axes.indices.reversed()
        guard order.count == axes.count else { return rank - 1 }
        axes = axes.map { order[$0] }
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return rank - 1
      default: break
      }
      guard let source = source(of: node) else { break }
      name = source
    }
    return 0
  }
}
