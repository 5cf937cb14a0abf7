import SwiftProtobuf
public import Tensors

extension ONNXFile {
  /// Lets a network that was exported for one sound at a time take any number of them, as training wants.
  ///
  /// Inputs `[1, …]` become `[N, …]`, and `Reshape`s to `[1, …]` keep the number of rows. The change stays only if two rows
  /// of noise then give what each gives alone.
  ///
  /// - Parameter shapes: of the inputs, for one row.
  /// - Returns: whether the network takes any number of rows; where not, the file is as it was.
  @discardableResult
  public mutating func openBatch(at shapes: [TensorName: Shape]) -> Bool {
    let inputs = proto.graph.input.indices.filter { shapes[proto.graph.input[$0].name] != nil }
    let fixed = inputs.filter { proto.graph.input[$0].isOfOneRow }
    guard !fixed.isEmpty else { return true }
    guard fixed.count == inputs.count else { return false }
    var other = self
    for place in fixed { other.proto.graph.input[place].openFirstAxis() }
    for place in other.proto.graph.output.indices { other.proto.graph.output[place].openFirstAxis() }
    // What is noted of inner tensors speaks of one row.
    other.proto.graph.unknownFields = notes(keeping: []).unknownFields
    other.openReshapes()
    guard (try? other.givesTwoRows(of: self, at: shapes)) ?? false else { return false }
    self = other
    return true
  }

  /// `Reshape`s to `[1, …]` of what is no weight take the number of rows from what they read.
  private mutating func openReshapes() {
    let weights = Dictionary(proto.graph.initializer.map { ($0.name, $0) }) { first, _ in first }
    var constants = weights
    for node in proto.graph.node where node.opType == "Constant" {
      guard let name = node.output.first, let value = node.attribute.first(where: { $0.name == "value" })
      else {
        continue
      }
      constants[name] = value.t
    }
    for place in proto.graph.node.indices {
      let node = proto.graph.node[place]
      guard node.opType == "Reshape", node.input.count > 1, constants[node.input[0]] == nil,
        let shape = constants[node.input[1]], let output = node.output.first,
        var extents = (try? ConstantTable.Value(shape, named: shape.name, folder: nil))?.integers,
        extents.first == 1
      else { continue }
      extents[0] = 0
      let name = "\(output).shape"
      guard !tensorNames.contains(name) else { continue }
      proto.graph.initializer.append(.init(name, integers: extents, [extents.count]))
      proto.graph.node[place].input[1] = name
    }
    allowStoredWeights()
  }

  /// Whether two rows give what `single` gives for each.
  private func givesTwoRows(of single: ONNXFile, at shapes: [TensorName: Shape]) throws -> Bool {
    let rows = (UInt64(1)...2).map { seed in
      shapes.mapValues { shape in
        Tensor(unsafeUninitialized: shape) { values in
          var generator = GaussianGenerator(seed: seed)
          generator.fill(values)
        }
      }
    }
    let outputs = outputs
    let alone = Evaluator(try single.model().graph, threads: 1)
    let each = try rows.map { try alone.values(of: outputs, at: $0) }
    let both = try Evaluator(try model().graph, threads: 1).values(
      of: outputs,
      at: rows[0].reduce(into: [:]) { joined, entry in
        joined[entry.key] = Tensor(joining: [entry.value] + (rows[1][entry.key].map { [$0] } ?? []))
      })
    return outputs.indices.allSatisfy { place in
      let expected = each[0][place].values + each[1][place].values
      guard both[place].shape.dimensions.first == 2, both[place].count == expected.count else { return false }
      let largest = expected.reduce(0) { max($0, abs($1)) }
      // Rounding of sums in another order.
      return zip(both[place].values, expected).allSatisfy { abs($0 - $1) <= 1e-4 * largest }
    }
  }
}

extension Onnx_ValueInfoProto {
  fileprivate var isOfOneRow: Bool {
    let axes = type.tensorType.shape.dim
    return axes.count > 1 && axes[0].dimValue == 1
  }

  fileprivate mutating func openFirstAxis() {
    guard isOfOneRow else { return }
    type.tensorType.shape.dim[0].dimParam = "N"
  }
}
