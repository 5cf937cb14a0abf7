import Graphs
import Tensors

/// The cases of `Golden/cases.npz`: small models of every operator, with what ONNX Runtime computes from them and the
/// gradients that central differences in double precision give. How they were made, and the format: `Golden/cases.py`.
struct OracleArchive: Sendable {
  let cases: [OracleCase]

  static let shared = Result { try OracleArchive("cases.npz") }
  /// Of opsets after 21, and of ONNX Runtime's own operators: `Golden/later.py`.
  static let later = Result { try OracleArchive("later.npz") }

  /// The operators of all cases, in order.
  static let operators = ((try? shared.get())?.cases.map(\.kind) ?? []).uniqued()
  static let laterOperators = ((try? later.get())?.cases.map(\.kind) ?? []).uniqued()

  static func cases(of kind: String) throws -> [OracleCase] {
    try shared.get().cases.filter { $0.kind == kind }
  }

  init(_ name: String) throws {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let arrays = try NumPy.readArchive(folder.joined(separator: "/") + "/Golden/" + name)
    func array(_ name: String) throws -> Tensor {
      guard let array = arrays[name] else { throw OracleError(reason: "no array '\(name)'") }
      return array
    }
    let index = String(decoding: try array("index").values.map { UInt8($0) }, as: UTF8.self)
    let models = try array("models").values.map { UInt8($0) }
    var numbers = NumberReader(planes: try array("numbers"))
    var place = 0
    cases = try index.split(separator: "\n").map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 7, let opset = Int(fields[1]), let length = Int(fields[2]),
        place + length <= models.count
      else { throw OracleError(reason: "line '\(line)'") }
      defer { place += length }
      return try OracleCase(fields, opset: opset, model: Array(models[place..<place + length]), &numbers)
    }
  }
}

/// A model, what is fed to it, and what is expected.
struct OracleCase: Sendable, CustomStringConvertible {
  let kind: String
  let opset: Int
  let model: [UInt8]
  /// Its nodes, attributes and operands, for messages.
  let words: String
  let inputs: [TensorName: Tensor]
  let outputs: [Output]
  let gradients: [Gradient]

  struct Output: Sendable {
    let name: TensorName
    let value: Tensor
    /// Whole numbers and truth values are expected exactly.
    let isWhole: Bool
    let seed: Tensor?
  }

  /// The gradient of `Σ seed · output` with respect to an input.
  struct Gradient: Sendable {
    let output: TensorName
    let input: TensorName
    let value: Tensor
  }

  /// The kinds of its nodes, as `words` has them.
  var nodes: [String] {
    words.split(separator: " ").filter { ($0.first?.isUppercase ?? false) && $0.contains("(") }
      .map { String($0.prefix { $0 != "(" }) }
  }

  var description: String { "\(kind), opset \(opset): \(words)" }

  fileprivate init(_ fields: [String], opset: Int, model: [UInt8], _ numbers: inout NumberReader) throws {
    kind = fields[0]
    self.opset = opset
    self.model = model
    words = fields[3]
    func entries(_ field: String) -> [[String]] {
      field.split(separator: " ").map {
        $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      }
    }
    var inputs: [TensorName: Tensor] = [:]
    for entry in entries(fields[4]) { inputs[entry[0]] = try numbers.next(entry) }
    self.inputs = inputs
    outputs = try entries(fields[5]).map { entry in
      let value = try numbers.next(entry)
      let isSeeded = entry.last == "seeded"
      return Output(
        name: entry[0], value: value, isWhole: entry[2] == "whole",
        seed: isSeeded ? try numbers.next(entry) : nil)
    }
    gradients = try entries(fields[6]).map { entry in
      let names = entry[0].split(separator: ">").map(String.init)
      guard names.count == 2 else { throw OracleError(reason: "gradient '\(entry[0])'") }
      return Gradient(output: names[0], input: names[1], value: try numbers.next(entry))
    }
  }
}

struct OracleError: Error { let reason: String }

/// Takes array after array from the numbers, whose four bytes are kept apart because they compress better so.
private struct NumberReader {
  let planes: [Float]
  let count: Int
  private var place = 0

  init(planes: Tensor) {
    self.planes = planes.values
    count = planes.count / 4
  }

  /// The next array, of the extents that `entry` says.
  mutating func next(_ entry: [String]) throws -> Tensor {
    guard entry.count > 1 else { throw OracleError(reason: "array '\(entry)'") }
    let shape = Shape(entry[1].split(separator: ",").compactMap { Int($0) })
    guard place + shape.count <= count else { throw OracleError(reason: "too few numbers") }
    defer { place += shape.count }
    return Tensor(
      shape,
      (place..<place + shape.count).map { index in
        Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(planes[$1 * count + index]) << UInt32(8 * $1) })
      })
  }
}

extension Array where Element: Hashable {
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
