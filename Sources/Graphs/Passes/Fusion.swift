package import OneDNN
package import Tensors

/// One element-wise operation that rides on the kernel before it.
package enum TailStep: Sendable {
  case function(Function)
  /// `running ∘ operand`
  case binary(BinaryFunction, TensorName)
  /// `running[n, c, …] ∘ values[c]`
  case perChannel(BinaryFunction, Tensor)
  /// `running · f′`, of the tensor that `f`'s derivative is written in.
  case slope(Function, TensorName)

  /// For listings.
  var name: String {
    switch self {
    case .function(let function): "\(function)".prefix { $0 != "(" }.description
    case .binary(let function, _), .perChannel(let function, _): "\(function)"
    case .slope(let function, _): "\(function)".prefix { $0 != "(" } + " slope"
    }
  }

  var isSlope: Bool { if case .slope = self { true } else { false } }
}

/// A node and the chain of element-wise nodes fused behind it; computed in one kernel.
struct FusedNode {
  var node: Node
  var tail: [TailStep] = []
  /// The operands that the tail reads.
  var tailInputs: [TensorName] = []
  /// What the whole chain makes.
  var result: TensorName

  /// Every tensor whose value is read.
  var readValues: [TensorName] {
    node.inputs.indices.filter { node.operation.readsValue(ofInput: $0) }.map { node.inputs[$0] } + tailInputs
  }
}

/// Groups the nodes needed for `wanted` into kernels, in an order in which they can run.
///
/// A chain starts at an operation that can host a tail and goes on as long as the running tensor has one reader, is not
/// itself wanted, and the reader is element-wise and of the same shape. The group stands where its last member stood,
/// so that the operands of all its members are there.
func fused(_ graph: Graph, wanted: [TensorName], shapes: [TensorName: Shape]) -> [FusedNode] {
  let wanted = Set(wanted)
  let nodes = neededNodes(graph, for: wanted)
  var readers: [TensorName: [Int]] = [:]
  for (index, node) in nodes.enumerated() {
    for (place, input) in node.inputs.enumerated() where node.operation.readsValue(ofInput: place) {
      readers[input, default: []].append(index)
    }
  }

  var groups: [(position: Int, group: FusedNode)] = []
  var taken = Set<Int>()
  for (index, node) in nodes.enumerated() where !taken.contains(index) {
    var group = FusedNode(node: node, result: node.outputs.first ?? "")
    var position = index
    while node.operation.hostsTail, !wanted.contains(group.result), let next = readers[group.result],
      next.count == 1, let reader = next.first, !taken.contains(reader),
      let steps = nodes[reader].operation.tail(of: nodes[reader], behind: group.result),
      shapes[nodes[reader].outputs[0]] == shapes[group.result]
    {
      group.tail += steps
      group.tailInputs += nodes[reader].inputs.enumerated().filter { place, input in
        input != group.result && !input.isEmpty && nodes[reader].operation.readsValue(ofInput: place)
      }.map(\.element)
      group.result = nodes[reader].outputs[0]
      taken.insert(reader)
      position = reader
    }
    groups.append((position, group))
  }
  return groups.sorted { $0.position < $1.position }.map(\.group)
}

/// The nodes whose values are needed for `wanted`. A node of which only the shape is asked is not run.
func neededNodes(_ graph: Graph, for wanted: Set<TensorName>) -> [Node] {
  var needed = wanted
  var nodes: [Node] = []
  for node in graph.nodes.reversed() where node.outputs.contains(where: needed.contains) {
    for (place, input) in node.inputs.enumerated()
    where !input.isEmpty && node.operation.readsValue(ofInput: place) {
      needed.insert(input)
    }
    nodes.append(node)
  }
  return nodes.reversed()
}
