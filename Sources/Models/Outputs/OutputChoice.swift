import Graphs
import Tensors

/// Finds out which of a network's results are its classes, and what they mean.
///
/// What the description says goes first. Else it is the only output; the only one whose last nodes make probabilities,
/// together with the logits they are made of; or the only one with as many classes as there are labels. Where none of
/// this tells, it is asked for: the values of an embedding are never taken for classes.
struct OutputChoice {
  let network: Network
  let description: ModelDescription
  /// For one row, of one step where the network walks.
  let inputShapes: [TensorName: Shape]
  /// The network's input and its axes of frames and bands, the rows' first.
  let picture: (input: TensorName, frames: Int, bands: Int?)
  /// For messages.
  let path: String

  /// - Returns: the output, and the network that has `explained` among its tensors.
  func output() throws -> (output: ModelOutput, network: Network) {
    let name = try tensor()
    let revealed = try revealedOutput(of: name)
    let tensor = revealed?.output ?? name
    let logits = revealed.map { $0.output == name ? $0.logits : name } ?? nil

    let row = try row(of: tensor)
    let fields = try fields(of: tensor)
    let roles = try AxisFinder(
      row: row, tensor: tensor, labels: description.labels?.count ?? 0,
      softmaxAxis: revealed?.classAxis.flatMap { try? rowAxis($0, of: tensor) }, frames: fields.frames,
      bands: fields.bands, path: path
    ).roles(declared: description.output?.axes)
    let layout = OutputLayout(
      row: row, time: roles.firstIndex(of: .time), classes: roles.firstIndex(of: .class))
    let meaning = try meaning(revealed, layout)
    let quantity: ModelOutput.Quantity =
      if logits != nil || meaning?.source == .description && meaning?.isProbability == true {
        .logit
      } else if meaning?.isProbability == true, revealed?.isLogarithm != true { .probability } else { .score }
    let output = ModelOutput(
      tensor: tensor, explained: logits ?? tensor, quantity: quantity, meaning: meaning, layout: layout,
      axes: roles, isLogarithm: revealed?.isLogarithm ?? false, field: fields.axis)
    guard let revealed, let logits, (try? network.graph.tensor(named: logits)) == nil else {
      return (output, network)
    }
    return (output, try network.replacing(stepGraph: revealed.graph))
  }

  private var graph: Graph { network.stepGraph }

  /// What makes the values of `output` probabilities.
  private func revealing(_ output: TensorName) throws -> RevealedOutput? {
    try graph.revealing(output, at: network.fileShapes(at: inputShapes))
  }

  /// The extents of a row's axes.
  private func row(of tensor: TensorName) throws -> [Int] {
    let shape = try network.shape(of: tensor, at: inputShapes)
    return Array(shape.dimensions.dropFirst(network.isWalking ? 2 : 1))
  }

  /// Where an axis of the file's tensor lies in a row; nil for that of the rows.
  private func rowAxis(_ axis: Int, of tensor: TensorName) throws -> Int? {
    guard let rows = try network.survey(at: inputShapes).axis(of: tensor) else { return axis }
    return axis == rows ? nil : axis < rows ? axis : axis - 1
  }

  // MARK: - Which tensor

  private func tensor() throws -> TensorName {
    if let named = description.output?.tensor { return try graph.tensor(named: named) }
    var outputs: [TensorName] = []
    let states = description.state ?? [:]
    for output in graph.outputs where !outputs.contains(output) && states[output] == nil {
      outputs.append(output)
    }
    guard !outputs.isEmpty else {
      throw ModelError.badDescription(
        where: path, reason: "every result is a state; none is left for the classes")
    }
    guard outputs.count > 1 else { return outputs[0] }
    let rows = try outputs.map(row(of:))
    if let labels = description.labels?.count, labels > 0 {
      let fitting = zip(outputs, rows).filter { $1.contains(labels) || labels == 1 && $1.reduce(1, *) == 1 }
      if !fitting.isEmpty { outputs = fitting.map(\.0) }
    }
    let revealed = try outputs.compactMap(revealing)
    // Logits and what is made of them are one.
    let made = Set(revealed.compactMap { $0.logits })
    let ends = revealed.map(\.output).filter { !made.contains($0) }
    if ends.count == 1 { return ends[0] }
    if ends.isEmpty, outputs.count == 1 { return outputs[0] }
    let all = graph.outputs.filter { states[$0] == nil }
    throw ModelError.severalOutputs(
      path: path, outputs: try all.map { ($0, try network.shape(of: $0, at: inputShapes).description) })
  }

  /// What makes `name` probabilities, or the output that is made of it.
  private func revealedOutput(of name: TensorName) throws -> RevealedOutput? {
    if let revealed = try revealing(name) { return revealed }
    for other in graph.outputs where other != name {
      if let revealed = try revealing(other), revealed.logits == name { return revealed }
    }
    return nil
  }

  // MARK: - What it means

  private func meaning(_ revealed: RevealedOutput?, _ layout: OutputLayout) throws -> ScoreMeaning? {
    let described = description.activation
    if let revealed {
      let found: ModelDescription.Activation = revealed.activation == .softmax ? .softmax : .sigmoid
      guard let other = described, other != found else { return ScoreMeaning(found, from: .graph) }
      guard other == ModelDescription.Activation.none else {
        throw ModelError.badDescription(
          where: path,
          reason: "'activation' is \"\(other.rawValue)\", but the network's own '\(revealed.output)' already "
            + "goes through a \(found.rawValue); leave it out, or name what comes before as 'output'")
      }
      return ScoreMeaning(other, from: .description)
    }
    guard let described else { return nil }
    guard described != .softmax || layout.classes > 1 else {
      throw ModelError.badDescription(
        where: path,
        reason: "'activation' is \"softmax\", but the output is one number, of which a softmax is always 1; "
          + "choose \"sigmoid\" or \"none\"")
    }
    return ScoreMeaning(described, from: .description)
  }

  // MARK: - Where it looks

  /// The axes of the tensor's rows that run along the input's frames and bands, and how that of the frames does.
  private func fields(of tensor: TensorName) throws -> (
    frames: Int?, bands: Int?, axis: ReceptiveField.Axis?
  ) {
    let fields = try network.receptiveFields(of: picture.input, at: inputShapes)
    guard let field = fields[tensor] else { return (nil, nil, nil) }
    let frames = field.axis(along: picture.frames)
    return (
      frames.map { $0 - 1 }, picture.bands.flatMap { field.axis(along: $0) }.map { $0 - 1 },
      frames.flatMap { field.axes[$0] }
    )
  }
}
