package import Figures
import Files
import Graphs
package import Models
import Tensors

extension LayerList {
  /// The network drawn: its inputs, and a box for each node.
  package func figure(titled title: String) throws -> NetworkFigure {
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
          family: LayerFamily(of: node.kind).colours, inputs: sources, isOutput: isOutput))
    }
    guard boxes.count <= NetworkFigure.mostBoxes else {
      throw Misuse(
        "the network has \(boxes.count) nodes; more than \(NetworkFigure.mostBoxes) are not drawn")
    }
    return NetworkFigure(
      title: title,
      subtitle:
        "\(NumberText.grouped(parameters)) parameters, \(NumberText.grouped(multiplyAccumulates)) multiply-accumulates",
      boxes: boxes)
  }
}

extension LayerFamily {
  fileprivate var colours: NetworkFigure.Family {
    switch self {
    case .product: .product
    case .sequence: .sequence
    case .normalization: .normalization
    case .pooling: .pooling
    case .joining: .joining
    case .movement: .movement
    case .function: .function
    }
  }
}
