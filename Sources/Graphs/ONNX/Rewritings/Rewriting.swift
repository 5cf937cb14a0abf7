import SwiftProtobuf
import Tensors

import struct FoundationEssentials.Data

/// Writes one node of a file as several, in ONNX's own words.
typealias Rewriter = @Sendable (ONNXNode, inout Rewriting) throws -> Void

/// Every operator that is written in others, by name. Operators of ONNX Runtime have its domain in front.
let rewriters: [String: Rewriter] = [
  quantizedRewritings, attentionRewritings, samplingRewritings, regionRewritings, arithmeticRewritings,
  runtimeRewritings, runtimeAttentionRewritings, runtimeQuantizedRewritings,
].reduce(into: [:]) { all, table in all.merge(table) { first, _ in first } }

/// The nodes that stand for one.
///
/// `add` makes inner tensors of the expansion, `finish` and `give` the results of the expanded node.
struct Rewriting {
  /// The value of an attribute.
  enum Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
  {
    case integer(Int)
    case float(Float)
    case string(String)
    case integers([Int])

    init(integerLiteral value: Int) { self = .integer(value) }
    init(floatLiteral value: Float) { self = .float(value) }
    init(stringLiteral value: String) { self = .string(value) }
    init(arrayLiteral elements: Int...) { self = .integers(elements) }
  }

  private let proto: Onnx_NodeProto
  private let name: String
  /// In front of the names of inner tensors: a result of the node, as names of nodes may not be unique.
  private let prefix: TensorName
  private(set) var nodes: [Onnx_NodeProto] = []
  private var constants: [String: TensorName] = [:]

  init(_ proto: Onnx_NodeProto, name: String) {
    self.proto = proto
    self.name = name
    prefix = proto.output.first { !$0.isEmpty } ?? name
  }

  /// Whether anybody may read result `place` of the expanded node.
  func wants(_ place: Int) -> Bool { place < proto.output.count && !proto.output[place].isEmpty }

  /// Adds a node whose result is an inner tensor, and returns its name.
  mutating func add(
    _ kind: String, _ inputs: [TensorName], _ attributes: [String: Value] = [:], keeping: [String] = []
  ) -> TensorName {
    add(kind, inputs, attributes, keeping: keeping, results: 1)[0]
  }

  /// Adds a node of several results, all inner tensors.
  mutating func add(
    _ kind: String, _ inputs: [TensorName], _ attributes: [String: Value] = [:], keeping: [String] = [],
    results: Int
  ) -> [TensorName] {
    let own = "\(nodes.count) (\(kind))"
    let outputs = (0..<results).map { "\(prefix)/\(own)\(results == 1 ? "" : " \($0)")" }
    append(kind, inputs, outputs, named: "\(name)/\(own)", attributes, keeping)
    return outputs
  }

  /// Adds the node that makes all that the expanded node makes.
  mutating func finish(
    _ kind: String, _ inputs: [TensorName], _ attributes: [String: Value] = [:], keeping: [String] = []
  ) {
    append(kind, inputs, proto.output, named: name, attributes, keeping)
  }

  /// Adds the node that makes result `place` of the expanded node, if anybody reads it.
  mutating func give(
    _ place: Int, _ kind: String, _ inputs: [TensorName], _ attributes: [String: Value] = [:],
    keeping: [String] = []
  ) {
    guard wants(place) else { return }
    append(
      kind, inputs, [proto.output[place]], named: place == 0 ? name : "\(name)/\(place)", attributes, keeping)
  }

  /// Attributes of the expanded node, for `keeping`: all of them, or all but some.
  func allAttributes(but left: Set<String> = []) -> [String] {
    proto.attribute.map(\.name).filter { !left.contains($0) }
  }

  // MARK: Constants

  /// A list of whole numbers: a shape, axes, places.
  mutating func integers(_ values: [Int]) -> TensorName {
    constant("\(values)") { attribute in
      attribute.name = "value_ints"
      attribute.ints = values.map(Int64.init)
    }
  }

  /// One whole number without axes.
  mutating func integer(_ value: Int) -> TensorName {
    constant("\(value)") { attribute in
      attribute.name = "value_int"
      attribute.i = Int64(value)
    }
  }

  /// One number without axes.
  mutating func number(_ value: Float) -> TensorName {
    constant("float \(value)") { attribute in
      attribute.name = "value_float"
      attribute.f = value
    }
  }

  private mutating func constant(_ words: String, _ set: (inout Onnx_AttributeProto) -> Void) -> TensorName {
    if let known = constants[words] { return known }
    let result = "\(prefix)/\(words)"
    nodes.append(
      .with {
        $0.opType = "Constant"
        $0.name = result
        $0.output = [result]
        $0.attribute = [.with(set)]
      })
    constants[words] = result
    return result
  }

  // MARK: What most expansions need

  mutating func sum(_ a: TensorName, _ b: TensorName) -> TensorName { add("Add", [a, b]) }
  mutating func difference(_ a: TensorName, _ b: TensorName) -> TensorName { add("Sub", [a, b]) }
  mutating func product(_ a: TensorName, _ b: TensorName) -> TensorName { add("Mul", [a, b]) }

  mutating func scaled(_ x: TensorName, by factor: Float) -> TensorName {
    factor == 1 ? x : product(x, number(factor))
  }

  mutating func raised(_ x: TensorName, by term: Float) -> TensorName {
    term == 0 ? x : sum(x, number(term))
  }

  mutating func reshaped(_ x: TensorName, to extents: [Int]) -> TensorName {
    add("Reshape", [x, integers(extents)])
  }

  mutating func transposed(_ x: TensorName, _ axes: [Int]) -> TensorName {
    add("Transpose", [x], ["perm": .integers(axes)])
  }

  mutating func cut(_ x: TensorName, axis: Int, from start: Int, to end: Int, step: Int = 1) -> TensorName {
    add("Slice", [x, integers([start]), integers([end]), integers([axis]), integers([step])])
  }

  mutating func joined(_ parts: [TensorName], axis: Int) -> TensorName {
    add("Concat", parts, ["axis": .integer(axis)])
  }

  /// `0, 1, 2, …` of this count.
  mutating func places(_ count: Int) -> TensorName {
    add("Range", [integer(0), integer(count), integer(1)])
  }

  private mutating func append(
    _ kind: String, _ inputs: [TensorName], _ outputs: [TensorName], named name: String,
    _ attributes: [String: Value], _ keeping: [String]
  ) {
    nodes.append(
      .with { node in
        node.opType = kind
        if kind.hasPrefix(Reading.runtimeDomain) {
          node.domain = Reading.runtimeDomain
          node.opType = String(kind.dropFirst(Reading.runtimeDomain.count + 1))
        }
        node.name = name
        node.input = inputs
        node.output = outputs
        node.attribute = proto.attribute.filter { keeping.contains($0.name) && attributes[$0.name] == nil }
        for (name, value) in attributes {
          node.attribute.append(
            .with {
              $0.name = name
              switch value {
              case .integer(let value): $0.i = Int64(value)
              case .float(let value): $0.f = value
              case .string(let value): $0.s = Data(value.utf8)
              case .integers(let values): $0.ints = values.map(Int64.init)
              }
            })
        }
      })
  }
}
