import SwiftProtobuf
import Tensors

/// Lists of tensors and tensors that may be missing, which exporters put around plain graphs: they are taken apart while
/// the file is read, and nothing of them is left.
extension Reading {
  static let sequenceOperators = [
    "ConcatFromSequence", "Optional", "OptionalGetElement", "OptionalHasElement", "SequenceAt",
    "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength",
    "SplitToSequence",
  ]

  mutating func addSequence(_ node: ONNXNode) throws {
    guard let name = node.outputs.first, !name.isEmpty else { throw node.unsupported("it makes nothing") }
    switch node.kind {
    case "SequenceEmpty": known.sequences[name] = []
    case "SequenceConstruct": known.sequences[name] = node.inputs
    case "Identity": known.sequences[name] = try list(node)
    case "SequenceInsert":
      var list = try list(node)
      let place = try place(node, operand: 2, in: list.count, atEnd: true) ?? list.count
      list.insert(try node.operands(2)[1], at: place)
      known.sequences[name] = list
    case "SequenceErase":
      var list = try list(node)
      guard let place = try place(node, operand: 1, in: list.count) ?? list.indices.last else {
        throw node.unsupported("its list is empty")
      }
      list.remove(at: place)
      known.sequences[name] = list
    case "SequenceAt":
      let list = try list(node)
      guard let place = try place(node, operand: 1, in: list.count) else {
        throw node.unsupported("it names no place")
      }
      try alias(name, of: list[place], for: node)
    case "SequenceLength": try add(constant: .init([try list(node).count], []), named: name)
    case "ConcatFromSequence":
      let list = try list(node)
      guard !list.isEmpty, let axis = node.optionalInteger("axis") else {
        throw node.unsupported("it has an empty list, or no axis")
      }
      if node.integer("new_axis", default: 0) != 0 {
        try collect(list, as: name, of: .init(), axis: axis, for: node)
      } else {
        try add("Concat", list, name, ["axis": .with { $0.i = Int64(axis) }])
      }
    case "SplitToSequence": try split(node, into: name)
    case "OptionalHasElement":
      // An operand that is left out is a missing one.
      try add(constant: .init([node.hasOperand(0) ? 1 : 0], []), named: name)
    default:
      guard node.hasOperand(0) else { throw node.unsupported("a tensor that is missing") }
      try alias(name, of: node.inputs[0], for: node)
    }
  }

  /// The list that is the first operand.
  private func list(_ node: ONNXNode) throws(ONNXError) -> [TensorName] {
    let name = try node.operands(1)[0]
    guard let list = known.sequences[name] else {
      guard isFinal else { throw node.notConstant("the list '\(name)'") }
      throw node.unsupported("operand '\(name)' is no list that the file itself makes")
    }
    return list
  }

  /// The constant place that an operand names in a list of `count`; nil if the operand is left out.
  private func place(_ node: ONNXNode, operand: Int, in count: Int, atEnd: Bool = false) throws(ONNXError)
    -> Int?
  {
    guard let given = try node.integers(operand)?.first else { return nil }
    let place = given < 0 ? given + count : given
    guard place >= 0, place < count || atEnd && place == count else {
      throw node.unsupported("place \(given) of a list of \(count)")
    }
    return place
  }

  /// Parts of one axis: of given sizes, of one size, or of 1, then without the axis if the node says so.
  private mutating func split(_ node: ONNXNode, into name: TensorName) throws {
    let source = try node.operands(1)[0]
    let shape = try node.knownShape(0)
    let axis = try node.placing { try shape.place(ofAxis: node.integer("axis", default: 0)) }
    let extent = shape[axis]
    var sizes = [Int](repeating: 1, count: min(extent, Self.longestList + 1))
    if let given = try node.integers(1) {
      if try node.knownShape(1).rank == 0, let size = given.first, size > 0 {
        sizes = stride(from: 0, to: extent, by: size).prefix(Self.longestList + 1).map {
          min(size, extent - $0)
        }
      } else {
        sizes = given
      }
    }
    guard sizes.count <= Self.longestList else {
      throw node.unsupported("a list of more than \(Self.longestList) tensors")
    }
    let parts = sizes.indices.map { "\(name)/\($0)" }
    if !parts.isEmpty {
      var proto = Onnx_NodeProto()
      proto.opType = "Split"
      (proto.input, proto.output) = ([source], parts)
      proto.attribute = [
        .with { ($0.name, $0.ints) = ("split", sizes.map(Int64.init)) },
        .with { ($0.name, $0.i) = ("axis", Int64(axis)) },
      ]
      try add(proto, at: 0, Scope())
    }
    let keepsAxis = node.integer("keepdims", default: 1) != 0 || node.hasOperand(1)
    known.sequences[name] = try parts.map { part in
      guard !keepsAxis else { return part }
      try add("Squeeze", [part], "\(part) squeezed", ["axes": .with { $0.ints = [Int64(axis)] }])
      return "\(part) squeezed"
    }
  }

  private static var longestList: Int { 1 << 12 }
}
