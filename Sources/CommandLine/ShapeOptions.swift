import ArgumentParser
import Graphs
import Models
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

  var inputShapes: InputShapes {
    InputShapes(Dictionary(shapes.map { ($0.name, $0.shape) }) { $1 }, batch: batch)
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
