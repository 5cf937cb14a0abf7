import Tensors

/// Collects the nodes and constants that one node of a file is made of.
struct Composer {
  let node: ONNXNode
  /// How many elements its constants may have: a file of a few bytes must not fill the memory.
  let room: Int
  private(set) var nodes: [Node] = []
  private(set) var constants: [(name: TensorName, tensor: Tensor, isInteger: Bool)] = []

  init(node: ONNXNode, room: Int) {
    self.node = node
    self.room = room
  }

  /// Adds an operation; without `name`, its result is an inner tensor of the composition. The last one takes
  /// `node.outputs[0]`.
  @discardableResult
  mutating func add(_ operation: any Operator, _ inputs: [TensorName], as name: TensorName? = nil)
    -> TensorName
  {
    let output = name ?? "\(node.name)/\(nodes.count) (\(operation.kind))"
    nodes.append(
      Node(name: name == nil ? output : node.name, operation: operation, inputs: inputs, outputs: [output]))
    return output
  }

  /// Makes a constant the result of the node.
  mutating func give(_ tensor: Tensor, isInteger: Bool = false) {
    constants.append((node.outputs[0], tensor, isInteger))
  }

  /// Adds a constant.
  mutating func add(constant tensor: Tensor, isInteger: Bool = false) -> TensorName {
    let name = "\(node.name)/constant \(constants.count)"
    constants.append((name, tensor, isInteger))
    return name
  }

  /// The shape of these extents, if there is room for such a constant. Asked before it is made.
  func affordable(_ extents: [Int]) throws -> Shape {
    guard let shape = try? Shape(checking: extents), shape.count <= room else {
      throw node.unsupported(
        "it makes a constant of shape \(extents), more than a file of this size may; have the exporter store it "
          + "(constant folding), or make it smaller")
    }
    return shape
  }
}
