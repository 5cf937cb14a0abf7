public import ArgumentParser
import Explain
import Files
import Jobs
public import Models
import Reports

/// `measure`: how good maps are that came from anywhere, on arrays.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract:
      "Measure how good maps of arrays are, whichever tool they come from: the criteria of 'evaluate'.",
    discussion: """
      Each row is judged by itself. The JSON object has an array for each criterion, a \
      value a row:
        deletion, insertion    area under the probability while the most relevant
                               bins are removed or put in first; the points are
                               deletion_curve and insertion_curve
        average_drop, increase, average_gain
                               in %, where only what the map shows is kept
        infidelity             Captum's, in squared units of the score;
                               infidelity_normalized is its normalize=True
        sparseness, complexity Gini index and entropy in nats of the magnitude
        pointing_game, relevance_mass, relevance_rank
                               with --region
        max_sensitivity        with --method: how far its map moves when the
                               input is disturbed
        parameter_randomisation
                               with --method: rank correlation with its map after
                               the weights of the last layers, up to all, are
                               shuffled; the mean magnitude of the stages

      Removed bins become --baseline: zero if nothing else is said. Maps of a layer are \
      brought to the size of the input; otherwise a --method's maps are judged as \
      'attribute' saves them.

      EXAMPLES:
        otoscope measure yamnet x.npy --attribution maps.npy --target 69
        otoscope measure yamnet x.npy --method saliency --target 69 -o out.json
        otoscope measure net.onnx x.npy --attribution a.npz --region r.npy --target 3
      """)

  @OptionGroup var arrays: ArrayOptions
  @Option(
    help: ArgumentHelp(
      "The maps to judge: an .npy shaped as the input, or an .npz with such an array 'attribution'; one channel may "
        + "stand for all.", valueName: "maps"))
  var attribution: String?
  @Option(
    help: """
      A method to ask how steady its maps are, and, without --attribution, for the maps to judge. One of: \
      \(AttributionMethod.allNames).
      """)
  var method: AttributionMethod?
  @Option(help: "The element that the maps explain, counted over all axes but the first.")
  var target: Int
  @Option(
    help: ArgumentHelp(
      "Where the answer is known to lie, 1 inside: an .npy shaped as the input, as one row, or as one channel of it.",
      valueName: "npy"))
  var region: String?
  @Option(help: "Steps of deletion and insertion.")
  var curveSteps: Int = 10
  @Option(
    help: ArgumentHelp(
      """
      What is taken off the input for infidelity and max-sensitivity: an .npy of [samples] + one input row (default: 10 \
      drawn for each row, normal with a tenth of its deviation; for max-sensitivity from a cube of 0.02).
      """, valueName: "npy"))
  var disturbances: String?
  @Option(help: "How many times weights are shuffled, from those of the last layer alone to all.")
  var stages: Int = 3
  @Option(
    help:
      "How the explained element becomes a probability where the graph does not say: softmax, sigmoid or none."
  )
  var activation: ModelDescription.Activation = .softmax
  @OptionGroup var methods: MethodOptions
  @Option(name: .shortAndLong, help: "Where to save the JSON object (default: it is printed).")
  var output: String?
  @Flag(help: "Print the JSON object although it is saved.")
  var json = false

  func validate() throws {
    guard attribution != nil || method != nil else {
      throw ValidationError("give maps to judge with --attribution, or a --method to make them")
    }
    guard (1...100_000).contains(curveSteps) else {
      throw ValidationError("--curve-steps must be from 1 to 100000")
    }
    guard (1...1000).contains(stages) else { throw ValidationError("--stages must be from 1 to 1000") }
  }

  func run() throws {
    var request = MeasureRequest(arrays: arrays.request(methods), target: target)
    request.attribution = attribution
    request.method = method?.name
    request.region = region
    request.disturbances = disturbances
    request.curveSteps = curveSteps
    request.stages = stages
    request.activation = activation
    let progress = Progress("measure")
    let record = try Jobs.run(request, in: arrays.network.workspace, control: progress.control)
    progress.finish()
    if let output { try WholeFile.write(RecordCoding.file(record), to: output) }
    if json || output == nil { try Terminal.result(RecordCoding.line(record)) }
  }
}

extension ModelDescription.Activation: ExpressibleByArgument {}
