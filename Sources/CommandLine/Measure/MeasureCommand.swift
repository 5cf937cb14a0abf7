import Reports
public import ArgumentParser
import Explain
import Files
import Graphs
public import Models
import Tensors

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
    let question = try arrays.question(.element(target))
    var settings = try methods.settings(for: question.x)
    settings.layers = arrays.layer
    let given = try disturbances.map { try readRows($0, "disturbances", for: question.x) }
    let region = try region.map { try readRegion($0, for: question.x) }
    let brought = try attribution.map { try readMaps($0, for: question.x) }

    let progress = Progress("measure")
    let own = try method.map { [settings] in
      try Steadiness(
        of: $0, question, settings, disturbances: given, stages: stages, seed: methods.seed
      ) { progress.update(0, $0) }
    }
    // One of the two there is: `validate`.
    let maps = brought ?? own?.maps ?? Tensor(question.x.shape)
    let reported = try AudioModel.Scores(of: question.network.graph, otherwise: activation)
    let nothing = try (settings.baseline ?? .constant(0)).rows(like: question.x)
    let judged = try (0..<question.rows).map { row in
      progress.update(Double(row) / Double(question.rows), "row \(row + 1)")
      let x = question.x.rows(row..<row + 1)
      let trial = try Trial(
        question.score(beside: row), at: x, nothing: nothing.rows(row..<row + 1), reported: reported)
      return try MapMeasurements(
        maps.rows(row..<row + 1), trial, steps: curveSteps,
        disturbances: try trial.disturbed(by: given ?? Trial.disturbances(of: x, seed: methods.seed)),
        region: region?.rows(row..<row + 1))
    }
    progress.finish()

    let record = MeasureRecord(
      judged: judged, steadiness: own, probabilities: reported, score: question.tensor,
      header: [
        ("model", .string(arrays.model)), ("target", .number(Double(target))),
        ("maps", .string(attribution ?? method?.name ?? "")),
        ("method", method.map { .string($0.name) } ?? .null),
        ("baseline", .string("\(settings.baseline ?? .constant(0))")),
        ("seed", .number(Double(methods.seed))),
      ])
    if let output { try WholeFile.write(Array((record.json.text + "\n").utf8), to: output) }
    if json || output == nil { try Terminal.result(record.json.text) }
  }
}

extension ModelDescription.Activation: ExpressibleByArgument {}
