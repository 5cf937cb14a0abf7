import ArgumentParser
import Audio
import Graphs
import Models
import Tensors

/// `inspect`: what a network is made of.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List a network's layers: shapes, parameters, multiplications, receptive fields.",
    discussion: """
      Receptive fields are in places of the input (frames x bands for a model that listens) and, where the front end is
      known, in seconds x hertz in the middle of the picture.

      EXAMPLES:
        otoscope inspect yamnet
        otoscope inspect net.onnx --json
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let path = try BundledData.modelPath(model)
    let file = try ONNXModel(contentsOf: path)
    let network = Network(file.graph, threads: 1)
    let description = try ModelDescription(of: file, at: path)
    let listener =
      description.frontEnd == nil ? nil : try AudioModel(network, description, name: model, path: path)
    let layers = try Layer.all(of: file.graph, listener: listener)
    if json {
      try Terminal.result(
        JSON.object([
          ("model", .string(model)), ("opset", .number(Double(file.opset))),
          ("producer", .string(file.producer)),
          ("inputs", .array(file.graph.inputs.map { .string("\($0.name) \(Self.shown($0))") })),
          ("outputs", .array(file.graph.outputs.map { .string($0) })),
          ("parameters", .number(Double(layers.reduce(0) { $0 + $1.parameters }))),
          ("multiply_accumulates", .number(Double(layers.reduce(0) { $0 + $1.multiplyAccumulates }))),
          ("layers", .array(layers.map(\.json))),
        ]).text)
    } else {
      try printTable(layers, file)
    }
  }

  private static func shown(_ input: GraphInput) -> String {
    "[" + (input.dimensions ?? []).map(\.description).joined(separator: ", ") + "]"
  }

  private func printTable(_ layers: [Layer], _ file: ONNXModel) throws {
    let by = file.producer.isEmpty ? "" : ", by \(file.producer)"
    try Terminal.result("\(model): ONNX opset \(file.opset)\(by)")
    for input in file.graph.inputs { try Terminal.result("input   \(input.name) \(Self.shown(input))") }
    for output in file.graph.outputs { try Terminal.result("output  \(output)") }
    try Terminal.result("")
    var rows = [["tensor", "operator", "shape of one row", "parameters", "MACs", "receptive field"]]
    rows += layers.map { layer in
      [
        layer.tensor, layer.kind, layer.shape, layer.parameters == 0 ? "" : Self.grouped(layer.parameters),
        layer.multiplyAccumulates == 0 ? "" : Self.grouped(layer.multiplyAccumulates), layer.field,
      ]
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 3 || column == 4 ? padding + cell.0 : cell.0 + padding
      }
      let line = cells.joined(separator: "  ")
      try Terminal.result(String(line.reversed().drop { $0 == " " }.reversed()))
    }
    try Terminal.result("")
    let parameters = layers.reduce(0) { $0 + $1.parameters }
    let work = layers.reduce(0) { $0 + $1.multiplyAccumulates }
    try Terminal.result(
      "\(Self.grouped(parameters)) parameters, \(Self.grouped(work)) multiply-accumulates a row")
  }

  /// `1234567` as `1 234 567`.
  private static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(" ", at: place) }
    return String(digits)
  }
}

/// A node of a network, as `inspect` tells it.
private struct Layer {
  let tensor: TensorName
  let kind: String
  let shape: String
  let parameters: Int
  let multiplyAccumulates: Int
  /// For people.
  let field: String
  /// Extents in places of the input, for each axis that has one.
  let extents: [Int]
  let seconds: Double?
  let hertz: Double?

  static func all(of graph: Graph, listener: AudioModel?) throws -> [Layer] {
    var inputShapes = listener?.patchInputShape ?? [:]
    for input in graph.inputs where inputShapes[input.name] == nil {
      inputShapes[input.name] = try input.shape(batch: 1)
    }
    let shapes = try graph.shapes(for: inputShapes)
    let input = graph.inputs[0].name
    let fields = graph.receptiveFields(of: input, shapes: shapes)
    return graph.nodes.map { node in
      let output = node.outputs[0]
      let shape = shapes[output] ?? []
      var seconds: Double?
      var hertz: Double?
      var extents: [Int] = []
      if let field = fields[output] {
        extents = field.axes.compactMap { $0 }.filter { $0.inputAxis > 0 }.map { Int($0.size) }
        if let listener { (seconds, hertz) = physical(field, listener) }
      }
      return Layer(
        tensor: output, kind: node.kind,
        shape: "[" + shape.dimensions.dropFirst().map(String.init).joined(separator: ", ") + "]",
        parameters: node.parameterCount(in: graph),
        multiplyAccumulates: node.multiplyAccumulates(shapes), field: shown(extents, seconds, hertz),
        extents: extents, seconds: seconds, hertz: hertz)
    }
  }

  /// A receptive field in the middle of the picture, in seconds and hertz; as wide as the picture where nothing bounds
  /// it.
  private static func physical(_ field: ReceptiveField, _ model: AudioModel) -> (Double, Double) {
    let frontEnd = model.frontEnd
    let (frames, bands) = (frontEnd.patch.frames, frontEnd.mel.bands)
    let size = { (axis: Int, all: Int) -> Int in
      guard let place = field.axis(along: axis), let size = field.axes[place]?.size else { return all }
      return min(all, Int(size))
    }
    let inTime = size(model.pictureAxes.frames, frames)
    let inFrequency = size(model.pictureAxes.bands, bands)
    let first = (bands - inFrequency) / 2
    let seconds = Double((inTime - 1) * frontEnd.hop + frontEnd.window) / Double(frontEnd.sampleRate)
    return (seconds, frontEnd.bandEdges[first + inFrequency + 1] - frontEnd.bandEdges[first])
  }

  private static func shown(_ extents: [Int], _ seconds: Double?, _ hertz: Double?) -> String {
    let places = extents.map(String.init).joined(separator: " x ")
    guard let seconds, let hertz else { return places }
    let physical = "\(JSON.rounded(seconds, digits: 3)) s x \(Int(hertz.rounded())) Hz"
    return places.isEmpty ? "whole patch, \(physical)" : "\(places), \(physical)"
  }

  var json: JSON {
    .object([
      ("tensor", .string(tensor)), ("operator", .string(kind)), ("shape", .string(shape)),
      ("parameters", .number(Double(parameters))),
      ("multiply_accumulates", .number(Double(multiplyAccumulates))),
      ("receptive_field", .array(extents.map { .number(Double($0)) })),
      ("receptive_field_s", seconds.map { .number($0) } ?? .null),
      ("receptive_field_hz", hertz.map { .number($0) } ?? .null),
    ])
  }
}
