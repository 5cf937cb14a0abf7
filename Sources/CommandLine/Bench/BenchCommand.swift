import Reports
import Files
import ArgumentParser
import Explain
import Graphs
import Tensors

/// `bench`: how long a network takes.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how long evaluating or explaining a network takes, and in how much memory.",
    discussion: """
      Without an input, the network gets numbers from a fixed generator. The share of the peak is that of a large matrix \
      product (2048 x 2048 x 2048), measured in the same process with as many threads.

      EXAMPLES:
        otoscope bench yamnet --batch 16 --threads 2
        otoscope bench yamnet --method saliency --batch 16 --json
        otoscope bench net.onnx --shape audio=1,16000 --method all
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Argument(help: "An .npy in the model's own layout; an .npz with an array per input for several inputs.")
  var input: String?
  @Option(
    help: ArgumentHelp(
      """
      What to measure, comma-separated: forward, gradient (with respect to the input), \
      \(AttributionMethod.allNames), or all (default: forward).
      """, valueName: "method,…"))
  var method: WorkList = WorkList(items: [.forward])
  @OptionGroup var shapes: ShapeOptions
  @Option(help: "The element that is explained.")
  var target: Int = 0
  @Option(help: "How often to measure, after two runs to warm up.")
  var runs: Int = 9
  @Flag(help: "Print one JSON object a line for each thing measured.")
  var json = false
  @OptionGroup var methods: MethodOptions
  @OptionGroup var options: NetworkOptions

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be from 1 to 10000") }
  }

  func run() throws {
    let graph = try options.network(model).graph
    let inputs = try self.inputs(of: graph)
    let rows = graph.inputs.first.flatMap { inputs[$0.name]?.shape.dimensions.first } ?? 1
    // After the first piece of work, so that its matrices do not count in the memory of that.
    var peak: Double?
    for what in method.items {
      do {
        let measured = try measure(what, of: graph, at: inputs)
        let known = try peak ?? MachinePeak.multiplyAccumulatesPerSecond(threads: options.threadCount)
        peak = known
        if json {
          try Terminal.result(json(measured, what, rows: rows, peak: known).text)
        } else {
          for line in lines(measured, what, rows: rows, peak: known) { try Terminal.result(line) }
        }
      } catch let error as ExplainError where method.isAll {
        Terminal.note("\(what.name): \(error)")
      } catch let error as GraphError where method.isAll {
        Terminal.note("\(what.name): \(error)")
      }
    }
  }

  /// Runs `what` again and again on a network that has done nothing else.
  private func measure(_ what: Work, of graph: Graph, at inputs: [TensorName: Tensor]) throws -> Measurement {
    let network = options.network(graph)
    let work = try work(what, of: network, at: inputs)
    for _ in 0..<2 { try work() }
    let before = network.multiplyAccumulates
    let progress = Progress("bench \(what.name)")
    var seconds: [Double] = []
    for run in 0..<runs {
      let start = Terminal.now()
      try work()
      seconds.append(Terminal.now() - start)
      progress.update(Double(run + 1) / Double(runs))
    }
    progress.finish()
    return Measurement(
      seconds: seconds, multiplyAccumulates: (network.multiplyAccumulates - before) / runs,
      arenaBytes: network.arenaBytes, residentBytes: Measurement.peakResidentBytes())
  }

  private func work(_ what: Work, of network: Network, at inputs: [TensorName: Tensor]) throws -> () throws ->
    Void
  {
    let graph = network.graph
    let score: () throws -> (NetworkScore, Tensor) = {
      let of = try graph.logits(of: graph.outputs[0])
      guard let x = inputs[graph.inputs[0].name] else { throw GraphError.missingInput(graph.inputs[0].name) }
      return (try NetworkScore(network, tensor: of, element: target), x)
    }
    switch what {
    case .forward: return { _ = try network.values(of: [graph.outputs[0]], at: inputs) }
    case .gradient:
      let (score, x) = try score()
      return { _ = try score.gradient(at: x) }
    case .method(let method):
      let (score, x) = try score()
      var settings = try methods.settings(for: x)
      settings.layers = (try? [score.defaultLayer(at: x.shape)]) ?? []
      return { [settings] in _ = try method.attribute(score, at: x, settings) }
    }
  }

  private func json(_ measured: Measurement, _ what: Work, rows: Int, peak: Double) -> JSON {
    .object([
      ("what", .string(what.name)), ("model", .string(model)), ("batch", .number(Double(rows))),
      ("threads", .number(Double(options.threadCount))), ("median_s", .number(measured.median)),
      ("lower_quartile_s", .number(measured.quartiles.lower)),
      ("upper_quartile_s", .number(measured.quartiles.upper)),
      ("runs_s", .array(measured.seconds.map { .number($0) })),
      ("multiply_accumulates", .number(Double(measured.multiplyAccumulates))),
      ("gflops", .number(measured.rate * 2e-9)), ("peak_gflops", .number(peak * 2e-9)),
      ("share_of_peak", .number(measured.rate / peak)), ("arena_bytes", .number(Double(measured.arenaBytes))),
      ("peak_resident_bytes", .number(Double(measured.residentBytes))),
    ])
  }

  private func lines(_ measured: Measurement, _ what: Work, rows: Int, peak: Double) -> [String] {
    let milliseconds = { (seconds: Double) in NumberText.rounded(seconds * 1000, digits: 4) }
    let (lower, upper) = measured.quartiles
    let count = measured.seconds.count
    let threads = options.threadCount
    return [
      "\(what.name), batch \(rows), \(threads) \(threads == 1 ? "thread" : "threads"): "
        + "median \(milliseconds(measured.median)) ms (quartiles \(milliseconds(lower)) and \(milliseconds(upper)), "
        + "\(count) \(count == 1 ? "run" : "runs"))",
      "  \(NumberText.grouped(measured.multiplyAccumulates)) multiply-accumulates: "
        + "\(NumberText.rounded(measured.rate * 2e-9, digits: 3)) GFLOP/s, "
        + "\(Int((100 * measured.rate / peak).rounded())) % of this machine's "
        + "\(NumberText.rounded(peak * 2e-9, digits: 3))",
      "  \(NumberText.memory(measured.arenaBytes)) of intermediate results, "
        + "\(NumberText.memory(measured.residentBytes)) resident at most",
    ]
  }

  private func inputs(of graph: Graph) throws -> [TensorName: Tensor] {
    if let input {
      return try readInputs(input, for: graph).mapValues { tensor in
        guard let batch = shapes.batch, tensor.shape.rank > 0 else { return tensor }
        guard tensor.shape[0] >= batch else {
          throw Misuse("--batch \(batch): \(input) has only \(tensor.shape[0]) rows")
        }
        return tensor.rows(0..<batch)
      }
    }
    // A low-discrepancy sequence: bounded, spread out, the same everywhere.
    return try shapes.shapes(of: graph).mapValues { shape in
      guard shape.count < 1 << 32 else {
        throw Misuse("an input of shape \(shape) would not fit into memory")
      }
      return Tensor(unsafeUninitialized: shape) { values in
        for place in values.indices { values[place] = Float(place &* 0x9E37_79B9 & 0xFFFF) / 32768 - 1 }
      }
    }
  }
}

/// Something that takes time.
enum Work: Equatable {
  case forward
  case gradient
  case method(AttributionMethod)

  var name: String {
    switch self {
    case .forward: "forward"
    case .gradient: "gradient"
    case .method(let method): method.name
    }
  }
}

/// `forward,grad-cam`, or `all`.
struct WorkList: ExpressibleByArgument {
  let items: [Work]
  var isAll = false

  private static let all = [Work.forward, .gradient] + AttributionMethod.all.map(Work.method)

  init(items: [Work]) { self.items = items }

  init?(argument: String) {
    if argument == "all" {
      (items, isAll) = (Self.all, true)
      return
    }
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    items = names.compactMap { name in
      Self.all.first { $0.name == name } ?? (try? AttributionMethod(named: String(name))).map(Work.method)
    }
    guard items.count == names.count else { return nil }
  }

  var defaultValueDescription: String { items.map(\.name).joined(separator: ",") }
}
