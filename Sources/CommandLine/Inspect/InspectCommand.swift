import ArgumentParser
import Figures
import Files
import Graphs
import Models
import Reports
import Tensors

/// `inspect`: what a network is made of.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List or draw a network's layers: shapes, parameters, work, memory, receptive fields.",
    discussion: """
      Receptive fields are in places of the first input (frames x bands for a model that listens) and, where the front \
      end is known, in seconds x hertz in the middle of the picture. Memory is that of each result; the peak is what \
      computing the outputs takes at once, as results that are no longer needed give their place to others.

      EXAMPLES:
        otoscope inspect yamnet
        otoscope inspect yamnet --svg yamnet.svg
        otoscope inspect net.onnx --shape audio=1,16000 --json
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Flag(help: "Print one JSON object.")
  var json = false
  @Option(help: ArgumentHelp("Draw the network into this file, too.", valueName: "file"))
  var svg: String?
  @OptionGroup var shapes: ShapeOptions

  func run() throws {
    let path = try BundledData.modelPath(model)
    let file = try ONNXModel(contentsOf: path)
    let listener = try listener(file, path)
    let inputShapes = try shapes.inputShapes.of(
      file.graph, rows: Network(file.graph, threads: 1).rows, known: listener?.patchInputShape ?? [:])
    let list = try LayerList(file.graph, at: inputShapes, listener: listener, threads: ComputeThreads.count)
    if let svg {
      try WholeFile.write(
        try list.figure(titled: Folder.name(of: model)).svg(), to: svg)
    }
    if json {
      try Terminal.result(RecordCoding.line(NetworkRecord(list, of: file, named: model)))
    } else {
      try printTable(list, file)
    }
  }

  /// The model with its front end; nil if it has none, or one that does not fit.
  private func listener(_ file: ONNXModel, _ path: String) throws -> AudioModel? {
    let description = try ModelDescription(of: file, at: path)
    guard description.frontEnd != nil else { return nil }
    do {
      return try AudioModel(Network(file.graph, threads: 1), description, name: model, path: path).onFile
    } catch {
      Terminal.note("no seconds and hertz: \(words(for: error))")
      return nil
    }
  }

  private func printTable(_ list: LayerList, _ file: ONNXModel) throws {
    let by = file.producer.isEmpty ? "" : ", by \(file.producer)"
    try Terminal.result("\(model): ONNX opset \(file.opset)\(by)")
    for input in file.graph.inputs { try Terminal.result("input   \(input.name) \(input.shownShape)") }
    for output in file.graph.outputs { try Terminal.result("output  \(output)") }
    try Terminal.result("")
    var rows = [["tensor", "operator", "shape", "memory", "parameters", "MACs", "receptive field"]]
    rows += list.layers.map { layer in
      [
        layer.tensor, layer.kind, layer.shape.description, NumberText.memory(layer.bytes),
        layer.parameters == 0 ? "" : NumberText.grouped(layer.parameters),
        layer.multiplyAccumulates == 0 ? "" : NumberText.grouped(layer.multiplyAccumulates),
        layer.field.shown,
      ]
    }
    for line in TextTable.lines(rows, left: [0, 1, 2, 6]) { try Terminal.result(line) }
    try Terminal.result("")
    let inputs = list.graph.inputs.compactMap { input in
      list.inputShapes[input.name].map { "\(input.name) \($0)" }
    }
    try Terminal.result("for \(inputs.joined(separator: ", ")):")
    try Terminal.result(
      "\(NumberText.grouped(list.parameters)) parameters, \(NumberText.grouped(list.multiplyAccumulates)) multiply-accumulates"
    )
    let peak = list.arenaBytes.map { ", at most \(NumberText.memory($0)) at a time" } ?? ""
    try Terminal.result("\(NumberText.memory(list.activationBytes)) of intermediate results\(peak)")
  }
}
