import ArgumentParser
import Graphs
import Jobs
import Tensors

/// What a verb may use of the machine.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?
  @Option(
    help: """
      The most memory for the intermediate results of a run, as 512MB or 1.5GB: large batches are cut into smaller runs \
      (default: no bound).
      """)
  var memory: MemorySize?

  @Option(
    help: ArgumentHelp(
      """
      A result that becomes an input of the next step, as stateN=state; may be repeated. The arrays of the other inputs are \
      then sequences: [steps, ...] or [rows, steps, ...], with the axes of one row of one step behind.
      """, valueName: "result=input"))
  var state: [StateName] = []
  @Option(
    help: ArgumentHelp(
      """
      The axis along which rows run in an input or a result, where the file does not say it: state=1, waveform=none; may \
      be repeated.
      """, valueName: "tensor=axis"))
  var rows: [RowAxis] = []

  /// How the file is read where it does not say everything itself.
  var reading: NetworkReading {
    var reading = NetworkReading()
    reading.state = Dictionary(state.map { ($0.result, $0.input) }) { _, last in last }
    reading.rows = Dictionary(rows.map { ($0.tensor, $0.axis) }) { _, last in last }
    return reading
  }

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  var workspace: Workspace { Workspace(threads: threads ?? ComputeThreads.count, memory: memory?.bytes) }
}

/// `state=1`, `waveform=none`
struct RowAxis: ExpressibleByArgument {
  let tensor: TensorName
  /// nil where the tensor is one row.
  let axis: Int?

  init?(argument: String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else { return nil }
    tensor = String(argument[..<equals])
    let text = argument[argument.index(after: equals)...]
    axis = Int(text)
    guard axis.map({ (0..<12).contains($0) }) ?? (text == "none") else { return nil }
  }
}

/// `stateN=state`
struct StateName: ExpressibleByArgument {
  let result: TensorName
  let input: TensorName

  init?(argument: String) {
    // A tensor's name may hold an equals sign.
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex,
      argument.index(after: equals) != argument.endIndex
    else { return nil }
    result = String(argument[..<equals])
    input = String(argument[argument.index(after: equals)...])
  }
}
