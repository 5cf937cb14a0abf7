import Graphs
import Tensors

/// A small network in ONNX's own words: written to bytes for the reader, and read by the naive oracle as it stands.
struct ToyNetwork: Sendable {
  struct Input: Sendable {
    var name: TensorName
    /// nil is a symbolic extent, called `symbol`.
    var dimensions: [Int?]
    var symbol = "N"
    /// Takes int64 rather than float32.
    var isInteger = false
  }

  struct Operation: Sendable {
    var kind: String
    var inputs: [TensorName]
    var output: TensorName
    var attributes: [String: Attribute]
    /// How many results before `output` are left out.
    var skippedResults = 0
    /// Results behind the first, which the oracles do not know.
    var furtherOutputs: [TensorName] = []
    /// Empty for ONNX's own operators.
    var domain = ""
  }

  var opset = 17
  var inputs: [Input] = []
  var operations: [Operation] = []
  var weights: [TensorName: Tensor] = [:]
  var integers: [TensorName: [Int]] = [:]
  /// Those of `integers` that have no axes.
  var scalars: Set<TensorName> = []
  /// Weights beyond `weights`, as bytes of their own.
  var extraTensors: [[UInt8]] = []
  /// nil: what the last operation makes.
  var outputs: [TensorName]?

  /// A network with one input `x`, its first axis symbolic.
  init(_ dimensions: [Int], opset: Int = 17) {
    self.opset = opset
    addInput("x", dimensions)
  }

  mutating func addInput(_ name: TensorName, _ dimensions: [Int]) {
    inputs.append(Input(name: name, dimensions: [nil] + dimensions.dropFirst().map(Optional.some)))
  }

  mutating func weight(_ name: TensorName, _ value: Tensor) -> TensorName {
    weights[name] = value
    return name
  }

  mutating func constant(_ name: TensorName, _ values: [Int]) -> TensorName {
    integers[name] = values
    return name
  }

  @discardableResult
  mutating func add(
    _ kind: String, _ inputs: [TensorName], _ output: TensorName = "y",
    _ attributes: [String: Attribute] = [:]
  ) -> TensorName {
    operations.append(Operation(kind: kind, inputs: inputs, output: output, attributes: attributes))
    return output
  }

  var result: TensorName { outputs?.first ?? operations.last?.output ?? "x" }

  func graph() throws -> Graph { try ONNXModel(bytes(), from: "toy.onnx").graph }

  /// In the shapes of the file.
  func network(threads: Int = 1) throws -> Evaluator { Evaluator(try graph(), threads: threads) }

  /// As rows.
  func rowNetwork(threads: Int = 1, rowsPerRun: Int = 16, rows: RowLayout? = nil) throws -> Network {
    Network(try graph(), threads: threads, rowsPerRun: rowsPerRun, rows: rows)
  }
}

extension Evaluator {
  /// The shape of `tensor` for inputs of these shapes.
  func shape(of tensor: TensorName, at inputs: [TensorName: Shape]) throws -> Shape {
    try shapes(at: inputs)[tensor] ?? []
  }
}

/// The body of a control flow node, which takes `inputs` and gives `outputs`.
func body(_ inputs: [TensorName], _ outputs: [TensorName], _ fill: (inout ToyNetwork) -> Void) -> ToyNetwork {
  var body = ToyNetwork([1])
  body.inputs = inputs.map { .init(name: $0, dimensions: []) }
  body.outputs = outputs
  fill(&body)
  return body
}

/// The value of an ONNX attribute.
enum Attribute: Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral
{
  case integer(Int)
  case float(Float)
  case string(String)
  case integers([Int])
  case strings([String])
  /// The body of a node.
  case graph(ToyNetwork)

  init(integerLiteral value: Int) { self = .integer(value) }
  init(floatLiteral value: Float) { self = .float(value) }
  init(stringLiteral value: String) { self = .string(value) }
  init(arrayLiteral elements: Int...) { self = .integers(elements) }
}

extension [String: Attribute] {
  func integer(_ name: String, default value: Int) -> Int {
    if case .integer(let value)? = self[name] { value } else { value }
  }

  func float(_ name: String, default value: Double) -> Double {
    if case .float(let value)? = self[name] { Double(value) } else { value }
  }

  func string(_ name: String, default value: String) -> String {
    if case .string(let value)? = self[name] { value } else { value }
  }

  func integers(_ name: String) -> [Int]? {
    if case .integers(let values)? = self[name] { values } else { nil }
  }

  func strings(_ name: String) -> [String]? {
    if case .strings(let values)? = self[name] { values } else { nil }
  }
}

extension ToyNetwork {
  /// The network as an ONNX file; field numbers from onnx.proto.
  func bytes() -> [UInt8] {
    var file = ProtobufWriter()
    file.integer(1, 8)  // ir_version
    file.message(7) { write(to: &$0) }
    file.message(8) { $0.integer(2, opset) }
    return file.bytes
  }

  /// The graph alone.
  func write(to graph: inout ProtobufWriter) {
    for operation in operations { graph.message(1) { operation.write(to: &$0) } }
    graph.string(2, "toy")
    for name in weights.keys.sorted() {
      graph.message(5) { tensor in
        let weight = weights[name] ?? Tensor([])
        tensor.packed(1, weight.shape.dimensions)
        tensor.integer(2, 1)
        tensor.packed(4, weight.values)
        tensor.string(8, name)
      }
    }
    for name in integers.keys.sorted() {
      graph.message(5) { tensor in
        let values = integers[name] ?? []
        if !scalars.contains(name) { tensor.packed(1, [values.count]) }
        tensor.integer(2, 7)
        tensor.packed(7, values)
        tensor.string(8, name)
      }
    }
    for tensor in extraTensors { graph.data(5, tensor) }
    for input in inputs { graph.message(11) { input.write(to: &$0) } }
    for output in outputs ?? [result] { graph.message(12) { $0.string(1, output) } }
  }
}

extension ToyNetwork.Operation {
  fileprivate func write(to node: inout ProtobufWriter) {
    for input in inputs { node.string(1, input) }
    for _ in 0..<skippedResults { node.string(2, "") }
    for name in [output] + furtherOutputs { node.string(2, name) }
    node.string(3, "node \(output)")
    node.string(4, kind)
    if !domain.isEmpty { node.string(7, domain) }
    for name in attributes.keys.sorted() {
      node.message(5) { attribute in
        attribute.string(1, name)
        switch attributes[name] {
        case .float(let value): attribute.float(2, value)
        case .integer(let value): attribute.integer(3, value)
        case .string(let value): attribute.string(4, value)
        case .integers(let values): attribute.packed(8, values)
        case .strings(let values): for value in values { attribute.string(9, value) }
        case .graph(let body): attribute.message(6) { body.write(to: &$0) }
        case nil: break
        }
      }
    }
  }
}

extension ToyNetwork.Input {
  fileprivate func write(to value: inout ProtobufWriter) {
    value.string(1, name)
    value.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, isInteger ? 7 : 1)
        tensor.message(2) { shape in
          for extent in dimensions {
            shape.message(1) { dimension in
              if let extent { dimension.integer(1, extent) } else { dimension.string(2, symbol) }
            }
          }
        }
      }
    }
  }
}
