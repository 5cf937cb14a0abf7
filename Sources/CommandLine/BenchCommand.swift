import ArgumentParser
import Explain
import Graphs
import Tensors

/// `bench`: how long a network takes.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how long evaluating or explaining a network takes.",
    discussion: """
      Without an input, the network gets numbers from a fixed generator.

      EXAMPLES:
        otoscope bench yamnet --batch 16 --threads 2
        otoscope bench yamnet --method saliency --batch 16 --json
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Argument(help: "An .npy in the model's own layout.")
  var input: String?
  @Option(help: "Measure this method instead of the evaluation: \(AttributionMethod.allNames).")
  var method: AttributionMethod?
  @Option(help: "Rows to compute at once (default: 1, or all rows of the input).")
  var batch: Int?
  @Option(help: "The element that is explained.")
  var target: Int = 0
  @Option(help: "How often to measure, after two runs to warm up.")
  var runs: Int = 9
  @Flag(help: "Print one JSON object.")
  var json = false
  @OptionGroup var methods: MethodOptions
  @OptionGroup var options: NetworkOptions

  func validate() throws {
    if let batch, !(1...4096).contains(batch) { throw ValidationError("--batch must be from 1 to 4096") }
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be from 1 to 10000") }
  }

  func run() throws {
    let network = try options.network(model)
    let inputs = try self.inputs(of: network.graph)
    let rows = inputs.values.first?.shape.dimensions.first ?? 1
    let work: () throws -> Void
    if let method {
      let of = try network.graph.logits(of: network.graph.outputs[0])
      let score = try NetworkScore(network, tensor: of, element: target)
      guard let x = inputs[network.graph.inputs[0].name] else { return }
      let chosen = methods.settings
      work = { _ = try method.attribute(score, at: x, chosen) }
    } else {
      let outputs = [network.graph.outputs[0]]
      work = { _ = try network.values(of: outputs, at: inputs) }
    }
    for _ in 0..<2 { try work() }
    let progress = Progress("bench")
    var seconds: [Double] = []
    for run in 0..<runs {
      let start = Terminal.now()
      try work()
      seconds.append(Terminal.now() - start)
      progress.update(Double(run + 1) / Double(runs))
    }
    progress.finish()
    try report(seconds, rows: rows)
  }

  private func report(_ seconds: [Double], rows: Int) throws {
    let sorted = seconds.sorted()
    let median = sorted[sorted.count / 2]
    let what = method?.rawValue ?? "forward"
    if json {
      try Terminal.result(
        JSON.object([
          ("what", .string(what)), ("model", .string(model)), ("batch", .number(Double(rows))),
          ("threads", .number(Double(options.threadCount))), ("median_s", .number(median)),
          ("runs_s", .array(seconds.map { .number($0) })),
        ]).text)
    } else {
      let spread = "\(milliseconds(sorted[0])) to \(milliseconds(sorted[sorted.count - 1]))"
      try Terminal.result(
        "\(what), batch \(rows), \(options.threadCount) threads: median \(milliseconds(median)) ms"
          + " (\(spread) in \(seconds.count) \(seconds.count == 1 ? "run" : "runs"))")
    }
  }

  private func milliseconds(_ seconds: Double) -> String { JSON.rounded(seconds * 1000, digits: 4) }

  private func inputs(of graph: Graph) throws -> [TensorName: Tensor] {
    if let input {
      return try readInputs(input, for: graph).mapValues { tensor in
        guard let batch, tensor.shape.rank > 0 else { return tensor }
        guard tensor.shape[0] >= batch else {
          throw Misuse("--batch \(batch): \(input) has only \(tensor.shape[0]) rows")
        }
        return tensor.rows(0..<batch)
      }
    }
    var inputs: [TensorName: Tensor] = [:]
    for input in graph.inputs {
      let shape = try input.shape(batch: batch ?? 1)
      // A low-discrepancy sequence: bounded, spread out, the same everywhere.
      inputs[input.name] = Tensor(
        shape, (0..<shape.count).map { Float(($0 &* 0x9E37_79B9 & 0xFFFF)) / 32768 - 1 })
    }
    return inputs
  }
}
