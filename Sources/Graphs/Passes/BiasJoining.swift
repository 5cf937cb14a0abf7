import OneDNN
import Tensors

extension Graph {
  /// With every addition of a constant that only shifts the channels of the layer before it made that layer's bias:
  /// `Add(MatMul(x, w), b)` becomes `MatMul(x, w) + b` in one node. Tensors in `kept` stay.
  ///
  /// For rules that treat a layer and its bias as one.
  func joiningBiases(keeping kept: Set<TensorName>) throws(GraphError) -> Graph {
    var readers: [TensorName: Int] = [:]
    for node in nodes { for input in node.inputs { readers[input, default: 0] += 1 } }
    var producers: [TensorName: Int] = [:]
    var joined: [Node?] = []
    var constants = constants
    for node in nodes {
      if let (source, bias) = node.shift(constants), let place = producers[source], let layer = joined[place],
        readers[source] == 1, !kept.contains(source),
        let (operation, own) = layer.taking(bias, constants)
      {
        let name = "bias in \(node.outputs[0])"
        constants[name] = own
        joined[place] = nil
        joined.append(
          Node(
            name: layer.name, operation: operation, inputs: layer.inputs.prefix(2) + [name],
            outputs: node.outputs))
      } else {
        joined.append(node)
      }
      for output in node.outputs { producers[output] = joined.count - 1 }
    }
    return try Graph(
      name: name, inputs: inputs, nodes: joined.compactMap(\.self), constants: constants, outputs: outputs)
  }
}

extension Node {
  /// What the node adds a constant to, and the constant.
  fileprivate func shift(_ constants: [TensorName: Tensor]) -> (source: TensorName, bias: Tensor)? {
    guard (operation as? Binary)?.function == .add else { return nil }
    for (source, other) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])] {
      if let bias = constants[other], constants[source] == nil { return (source, bias) }
    }
    return nil
  }

  /// This layer, which has no bias yet, with `bias`: its operation and the bias as it takes it; nil where the constant is
  /// more than one number a channel.
  fileprivate func taking(_ bias: Tensor, _ constants: [TensorName: Tensor]) -> (any Operator, Tensor)? {
    guard operand(2) == nil, inputs.count > 1, let weights = constants[inputs[1]] else { return nil }
    let extents = bias.shape.dimensions
    switch operation {
    case var product as MatrixProduct:
      guard weights.shape.rank == 2 else { return nil }
      let channels = product.transposesB ? weights.shape[0] : weights.shape[1]
      guard bias.count == channels, extents.last == channels else { return nil }
      product.beta = 1
      return (product, bias.reshaped(to: [channels]))
    case is Convolution, is TransposedConvolution:
      // Broadcast from the last axis, channels are the axis before the places.
      let groups = (operation as? TransposedConvolution)?.forward.groups
      let channels = groups.map { $0 * weights.shape[1] } ?? weights.shape[0]
      let places = weights.shape.rank - 2
      guard bias.count == channels, extents.count > places, extents[extents.count - places - 1] == channels
      else {
        return nil
      }
      return (operation, bias.reshaped(to: [channels]))
    default: return nil
    }
  }
}
