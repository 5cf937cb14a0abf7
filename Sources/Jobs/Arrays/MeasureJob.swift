package import Explain
package import Graphs
import Models
package import Reports
import Tensors

extension Workspace {
  /// A question about arrays.
  ///
  /// - Parameter tensor: what is explained; nil for the first output, or what its softmax or sigmoid reads.
  package func question(_ request: ArrayRequest, of tensor: TensorName? = nil, _ asked: ScoreOf) throws
    -> ArrayQuestion
  {
    let question = try ArrayQuestion(
      network(request.model, request.reading), request.input, explained: request.explained, of: tensor,
      asked: asked)
    for layer in request.layers { try question.network.graph.tensor(named: layer) }
    return question
  }
}

/// Measures how good maps of arrays are, whichever tool made them.
///
/// - Throws: `Cancelled`; `InputError`, `MeasureError`, `ExplainError`, `GraphError`.
package func run(
  _ request: MeasureRequest, in workspace: Workspace, control: RunControl = RunControl()
) throws -> MeasureRecord {
  let question = try workspace.question(request.arrays, .element(request.target))
  let parameters = request.arrays.parameters
  var settings = try parameters.settings(for: question.x)
  settings.layers = request.arrays.layers
  let given = try request.disturbances.map { try readRows($0, "disturbances", for: question.x) }
  let region = try request.region.map { try readRegion($0, for: question.x) }
  let brought = try request.attribution.map { try readMaps($0, for: question) }
  let method = try request.method.map { try AttributionMethod(named: $0) }

  let own = try method.map {
    try Steadiness(
      of: $0, question, settings, disturbances: given, stages: request.stages, seed: parameters.seed,
      control: control.part(from: 0, to: 0.5))
  }
  guard let maps = brought ?? own?.maps else { throw MeasureError.noMaps }
  guard
    let reported = try ReportedScores(
      of: question.network.stepGraph, at: question.network.fileShapes(at: question.shapes),
      otherwise: request.activation)
  else { throw MeasureError.noActivation(question.tensor) }
  let nothing = try (settings.baseline ?? .constant(0)).rows(like: question.x)
  let rest = control.part(from: own == nil ? 0 : 0.5, to: 1)
  let judged = try (0..<question.rows).map { row in
    try rest.report(row, of: question.rows, "row \(row + 1)")
    let x = question.x.rows(row..<row + 1)
    let trial = try Trial(
      question.score(beside: row), at: x, nothing: nothing.rows(row..<row + 1), reported: reported)
    return try MapMeasurements(
      maps.rows(row..<row + 1), trial, steps: request.curveSteps,
      disturbances: try trial.disturbed(by: given ?? Trial.disturbances(of: x, seed: parameters.seed)),
      region: region?.rows(row..<row + 1))
  }
  let header = MeasureRecord.Header(
    model: request.arrays.model, target: request.target, maps: request.attribution ?? method?.name ?? "",
    method: method?.name, baseline: "\(settings.baseline ?? .constant(0))", seed: parameters.seed)
  return MeasureRecord(
    header, judged: judged, steadiness: own, probabilities: reported, score: question.tensor)
}
