import Models
import Files
import ArgumentParser
import Graphs
import Tensors

/// For which shapes of its inputs a network is meant, where there is no array that tells.
struct ShapeOptions: ParsableArguments {
  @Option(help: "Rows to compute at once (default: 1, or all rows of the input).")
  var batch: Int?
  @Option(
    name: .customLong("shape"),
    help: ArgumentHelp(
      "The shape of an input, where the file leaves it open: x=1,1,96,64; may be repeated.",
      valueName: "name=extents"))
  var shapes: [NamedShape] = []

  func validate() throws {
    if let batch, !(1...4096).contains(batch) { throw ValidationError("--batch must be from 1 to 4096") }
  }

  /// The shapes of all inputs of `graph`: those given, those `known` otherwise, those that the file declares.
  ///
  /// - Throws: `Misuse` that says which shape to give.
  func shapes(of graph: Graph, known: [TensorName: Shape] = [:]) throws -> [TensorName: Shape] {
    for given in shapes where !given.name.isEmpty && !graph.inputs.contains(where: { $0.name == given.name })
    {
      let names = graph.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
      throw Misuse("--shape \(given.name)=…: the inputs are called \(names)")
    }
    var result: [TensorName: Shape] = [:]
    for input in graph.inputs {
      if let given = shapes.last(where: { $0.name == input.name || $0.name.isEmpty }) {
        result[input.name] = given.shape
      } else {
        result[input.name] = try shape(of: input, known[input.name])
      }
    }
    return result
  }

  private func shape(of input: GraphInput, _ known: Shape?) throws -> Shape {
    if let known { return Shape([batch ?? known[0]] + known.dimensions.dropFirst()) }
    guard let dimensions = input.dimensions else {
      throw Misuse(
        "the file does not say which shape input '\(input.name)' has; say it, for example "
          + "--shape \(input.name)=1,1,96,64")
    }
    var extents: [Int] = []
    var isKnown = true
    for (axis, dimension) in dimensions.enumerated() {
      switch dimension {
      case .fixed(let extent): extents.append(axis == 0 ? batch ?? extent : extent)
      case .symbolic:
        isKnown = isKnown && axis == 0
        extents.append(axis == 0 ? batch ?? 1 : 100)
      }
    }
    guard isKnown else {
      throw Misuse(
        "input '\(input.name)' is \(input.shownShape), and the file does not say how large; say it, for example "
          + "--shape \(input.name)=\(extents.map(String.init).joined(separator: ","))")
    }
    return Shape(extents)
  }
}

/// `x=1,1,96,64`; without a name, the shape of every input.
struct NamedShape: ExpressibleByArgument {
  let name: TensorName
  let shape: Shape

  init?(argument: String) {
    // A tensor's name may hold an equals sign.
    let equals = argument.lastIndex(of: "=")
    name = equals.map { String(argument[..<$0]) } ?? ""
    let list = equals.map { argument[argument.index(after: $0)...] } ?? argument[...]
    let extents = list.split(separator: ",", omittingEmptySubsequences: false).map { part in
      Int(part.filter { $0 != " " })
    }
    guard !extents.isEmpty, extents.count <= 12, extents.allSatisfy({ ($0 ?? 0) > 0 && ($0 ?? 0) < 1 << 31 })
    else { return nil }
    shape = Shape(extents.compactMap { $0 })
  }
}
