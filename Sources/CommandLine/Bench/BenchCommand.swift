import ArgumentParser
import Explain
import Graphs
import Jobs
import Reports
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
        otoscope bench birdnet.onnx --profile
        otoscope bench net.onnx --method training --batch 16
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Argument(help: "An .npy in the model's own layout; an .npz with an array per input for several inputs.")
  var input: String?
  @Option(
    help: ArgumentHelp(
      """
      What to measure, comma-separated: forward, gradient (with respect to the input), training (a step: forward, backward, update), \
      \(AttributionMethod.allNames), or all (default: forward).
      """, valueName: "method,…"))
  var method: WorkList = WorkList(items: [.forward])
  @OptionGroup var shapes: ShapeOptions
  @Option(help: "The element that is explained.")
  var target: Int = 0
  @Option(help: "How often to measure, after two runs to warm up.")
  var runs: Int = 9
  @Flag(
    help: """
      Say where the time goes: a line for each kind of operation, and the slowest kernels, with their layouts and shares of \
      the peak.
      """)
  var profile = false
  @Flag(help: "Print one JSON object a line for each thing measured.")
  var json = false
  @OptionGroup var methods: MethodOptions
  @OptionGroup var options: NetworkOptions

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be from 1 to 10000") }
  }

  func run() throws {
    var request = BenchRequest(model: model, work: method.items.map(\.name))
    request.reading = options.reading
    request.input = input
    request.shapes = Dictionary(shapes.shapes.map { ($0.name, $0.shape.dimensions) }) { $1 }
    request.batch = shapes.batch
    request.skipsUnsupported = method.isAll
    request.target = target
    (request.runs, request.profiles) = (runs, profile)
    request.parameters = methods.parameters
    let progress = Progress("bench")
    try Jobs.run(request, in: options.workspace, control: progress.control) { event in
      switch event {
      case .measured(let record):
        for line in try json ? [RecordCoding.line(record)] : record.lines { try Terminal.result(line) }
      case .skipped(let what, let error): Terminal.note("\(what): \(words(for: error))")
      }
    }
    progress.finish()
  }
}

/// `forward,grad-cam`, or `all`.
struct WorkList: ExpressibleByArgument {
  let items: [Work]
  var isAll = false

  init(items: [Work]) { self.items = items }

  init?(argument: String) {
    if argument == "all" {
      (items, isAll) = (Work.all, true)
      return
    }
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    items = names.compactMap { try? Work(named: String($0)) }
    guard items.count == names.count else { return nil }
  }

  var defaultValueDescription: String { items.map(\.name).joined(separator: ",") }
}
