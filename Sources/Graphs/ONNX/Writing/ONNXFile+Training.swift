import SwiftProtobuf
import Tensors

/// Which weights of a file can be learnt.
public struct TrainableWeights: Sendable, Hashable {
  /// Stored in the file: what is learnt of them can be written back.
  public var trainable: [TensorName]
  /// Computed while the file is read, from others or inside an operator, or of an element type that is not written:
  /// they stay as they are.
  public var frozen: [TensorName]

  public init(trainable: [TensorName], frozen: [TensorName]) {
    (self.trainable, self.frozen) = (trainable, frozen)
  }
}

extension ONNXFile {
  /// Which of the weights that the layers of `graph` read can be learnt.
  ///
  /// - Parameter graph: `model().graph`, resolved or not.
  public func trainable(in graph: Graph) -> TrainableWeights {
    let stored = Set(proto.graph.initializer.filter { Self.isWritable($0.dataType) }.map(\.name))
    let weights = graph.defaultParameters
    return TrainableWeights(
      trainable: weights.filter(stored.contains), frozen: weights.filter { !stored.contains($0) })
  }

  /// Stores weights that the file computes (a `Constant`, an `Identity` or a `Transpose` of a weight, a dequantization):
  /// the node that makes such a tensor becomes a weight of the tensor's name and value, so that it can be learnt.
  ///
  /// Weights that two layers share through such nodes are learnt apart from then on. What operators compute inside
  /// themselves, and what functions of the file compute, stays as it is.
  ///
  /// - Parameter graph: `model().graph`, resolved or not.
  /// - Returns: the names of the weights that are stored now.
  /// - Throws: `ONNXFileError.weightRange`.
  @discardableResult
  public mutating func storeComputedWeights(of graph: Graph) throws(ONNXFileError) -> [TensorName] {
    var places: [TensorName: Int] = [:]
    for (place, node) in proto.graph.node.enumerated()
    where node.output.count(where: { !$0.isEmpty }) == 1 {
      for name in node.output { places[name] = place }
    }
    var gone: Set<Int> = []
    var stored: [Onnx_TensorProto] = []
    for name in trainable(in: graph).frozen {
      guard let place = places[name], isMadeOfWeights(name, by: places), let value = graph.constants[name],
        let type = elementType(of: name), Self.isWritable(type)
      else { continue }
      stored.append(try Onnx_TensorProto(name, value, elementType: type))
      gone.insert(place)
    }
    guard !stored.isEmpty else { return [] }
    proto.graph.node = proto.graph.node.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
    proto.graph.initializer += stored
    allowStoredWeights()
    dropUnreadWeights()
    return stored.map(\.name)
  }

  /// Whether `name` follows from what the file stores alone, and not from the shape of an input.
  private func isMadeOfWeights(_ name: TensorName, by places: [TensorName: Int]) -> Bool {
    let inputs = Set(proto.graph.input.map(\.name))
    let stored = Set(proto.graph.initializer.map(\.name))
    var waiting = [name]
    var seen: Set<TensorName> = []
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted, !stored.contains(next) else { continue }
      guard let place = places[next], !inputs.contains(next) else { return false }
      waiting += proto.graph.node[place].operands
    }
    return true
  }

  /// Before version 4 of the format every weight was an input, too.
  mutating func allowStoredWeights() { proto.irVersion = max(proto.irVersion, 4) }

  /// Drops nodes that compute what nobody reads, and weights that nobody reads.
  private mutating func dropUnreadWeights() {
    var needed = Set(proto.graph.output.map(\.name))
    let kept = proto.graph.node.reversed().filter { node in
      guard node.output.contains(where: needed.contains) else { return false }
      needed.formUnion(node.operands)
      return true
    }
    proto.graph.node = kept.reversed()
    let left = proto.graph.initializer.filter { needed.contains($0.name) }
    let dropped = Set(proto.graph.initializer.map(\.name)).subtracting(left.map(\.name))
    proto.graph.initializer = left
    proto.graph.input.removeAll { dropped.contains($0.name) }
  }

  /// ONNX's number of the element type of a tensor, as far as the nodes that lead to it tell; nil where they do not.
  func elementType(of tensor: TensorName) -> Int32? {
    var name = tensor
    // A file may be no graph at all: no more steps than it has nodes.
    for _ in 0...proto.graph.node.count {
      if let weight = proto.graph.initializer.first(where: { $0.name == name }) { return weight.dataType }
      if let input = proto.graph.input.first(where: { $0.name == name }) {
        return input.type.tensorType.elemType
      }
      guard let node = proto.graph.node.first(where: { $0.output.contains(name) }) else { return nil }
      func attribute(_ name: String) -> Onnx_AttributeProto? { node.attribute.first { $0.name == name } }
      switch node.opType {
      case "Constant":
        if let value = attribute("value") { return value.t.dataType }
        return attribute("value_float") != nil || attribute("value_floats") != nil ? 1 : 7
      case "ConstantOfShape": return attribute("value")?.t.dataType ?? 1
      case "Cast": return attribute("to").map { Int32(truncatingIfNeeded: $0.i) }
      case "Shape", "Size", "ArgMax", "ArgMin", "NonZero": return 7
      case "Where", "DequantizeLinear", "CastLike":
        guard node.input.count > 1 else { return nil }
        name = node.input[1]
      default:
        guard let first = node.input.first, !first.isEmpty else { return nil }
        name = first
      }
    }
    return nil
  }

  /// Whether a tensor holds float32, as far as the nodes that lead to it tell.
  package func isFloat32(_ tensor: TensorName) -> Bool { (elementType(of: tensor) ?? 1) == 1 }

  private static func isWritable(_ elementType: Int32) -> Bool { [1, 10, 11, 16].contains(elementType) }
}
