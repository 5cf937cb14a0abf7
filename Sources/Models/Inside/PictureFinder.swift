import Audio
import Graphs
import Tensors

/// Finds the pictures of sound inside a network that takes samples.
///
/// Tensors that can hold one stand before the layers that look at pictures: before the first convolution over more than
/// the samples, the first recurrent or attention layer. Of those that show clicks and sines as a picture does
/// (`TensorAxes`), the last before such a layer are taken, and followed back over what only scales, shifts, moves and
/// joins, so that a normalization or the joining of two spectrograms belongs to the second half.
struct PictureFinder {
  private let network: Network
  private let graph: Graph
  private let shapes: [TensorName: Shape]
  private let probe: ProbeSignals
  private let picture: PictureLayout
  private var axesOf: [TensorName: TensorAxes] = [:]

  /// - Parameter length: samples of a patch.
  init(_ network: Network, _ picture: PictureLayout, rate: Int, length: Int) throws {
    self.network = network
    self.picture = picture
    let inputShapes = [picture.input: picture.shape(clips: 1, patches: 1)]
    graph = try network.evaluator.resolved(for: network.fileShapes(at: inputShapes))
    shapes = try network.shapes(at: inputShapes)
    probe = ProbeSignals(rate: rate, length: length)
  }

  /// The tensors that hold the pictures, with their axes; none where there is no picture, or where the network hears more
  /// than they hold.
  mutating func find() throws -> [(tensor: TensorName, axes: TensorAxes)] {
    let seen = tensorsLookedAt()
    guard !seen.isEmpty, probe.length >= 64 else { return [] }
    try measure(seen.flatMap(waysBack))
    var frontier: [TensorName] = []
    for operand in seen { collect(operand, into: &frontier) }
    let found = frontier.compactMap { tensor in axesOf[tensor].map { (tensor: tensor, axes: $0) } }
    guard let first = found.first, found.count <= 4 else { return [] }
    // Pictures side by side share their frames.
    func frames(_ found: (tensor: TensorName, axes: TensorAxes)) -> Int {
      shapes[found.tensor]?[found.axes.time + 1] ?? 0
    }
    guard found.allSatisfy({ frames($0) == frames(first) }) else { return [] }
    return found
  }

  /// The axes of named tensors.
  ///
  /// - Throws: `ModelError.noPicture` for one that has no axis of time and one of frequency.
  mutating func find(named names: [TensorName], path: String) throws -> [(
    tensor: TensorName, axes: TensorAxes
  )] {
    for name in names { try graph.tensor(named: name) }
    let values = try self.values(of: names, for: probe.first)
    return try zip(names, values).map { name, values in
      guard values.shape.rank >= 3, let axes = TensorAxes(values, probe, isLenient: true) else {
        throw ModelError.noPicture(path: path, tensor: name, shape: shapes[name]?.description ?? "[]")
      }
      return (name, axes)
    }
  }

  // MARK: - Where pictures can be

  /// What the first layers take that look at pictures; no layer before them does.
  private func tensorsLookedAt() -> [TensorName] {
    var live: Set<TensorName> = [picture.input]
    var deep: Set<TensorName> = []
    var seen: [TensorName] = []
    for node in graph.nodes where node.inputs.contains(where: live.contains) {
      live.formUnion(node.outputs)
      if looks(node) {
        for operand in node.inputs
        where live.contains(operand) && !deep.contains(operand) && !seen.contains(operand) {
          seen.append(operand)
        }
        deep.formUnion(node.outputs)
      } else if node.inputs.contains(where: deep.contains) {
        deep.formUnion(node.outputs)
      }
    }
    return seen
  }

  /// A tensor and those that it is made of by scaling, shifting, moving and joining alone, as far as they can be pictures.
  private func waysBack(from tensor: TensorName) -> [TensorName] {
    guard let row = shapes[tensor]?.dimensions.dropFirst(), graph.constants[tensor] == nil,
      row.count(where: { $0 >= 3 }) >= 2, row.reduce(1, *) <= 1 << 22
    else { return [] }
    guard let node = graph.producer(of: tensor), Self.passes(node) else { return [tensor] }
    return [tensor] + sources(of: node).flatMap(waysBack)
  }

  private func looks(_ node: Node) -> Bool {
    switch LayerFamily(of: node.kind) {
    case .sequence: return !["STFT", "DFT"].contains(node.kind)
    case .product:
      guard node.kind == "Conv" || node.kind == "ConvTranspose" else { return false }
      let source = shapes[node.inputs[0]]?.dimensions.dropFirst() ?? []
      guard source.count(where: { $0 > 1 }) > 1 else { return false }
      // A filter for each channel apart smooths over time, as the pooling of a learned filterbank does.
      let weights = graph.constants[node.inputs[1]]?.shape
      return weights.map { $0.rank < 3 || $0[1] != 1 || $0[0] != source.first } ?? true
    default: return node.kind == "Softmax"
    }
  }

  private mutating func measure(_ candidates: [TensorName]) throws {
    // A few at a time: all together could fill the memory.
    for start in stride(from: 0, to: candidates.count, by: 8) {
      let names = Array(candidates[start..<min(start + 8, candidates.count)])
      for (name, values) in zip(names, try values(of: names, for: probe.first)) {
        axesOf[name] = TensorAxes(values, probe)
      }
    }
  }

  /// Adds the pictures that a looking layer's operand is made of, followed back.
  private func collect(_ operand: TensorName, into frontier: inout [TensorName]) {
    var tensor = operand
    guard axesOf[tensor] != nil else {
      // Two pictures joined have no order of frequencies as a whole, perhaps; their parts have.
      guard let node = graph.producer(of: tensor), Self.passes(node) else { return }
      for operand in sources(of: node) { collect(operand, into: &frontier) }
      return
    }
    while let node = graph.producer(of: tensor), Self.passes(node) {
      let sources = sources(of: node)
      guard !sources.isEmpty, sources.allSatisfy({ axesOf[$0] != nil }) else { break }
      guard sources.count == 1 else {
        if node.kind == "Concat" { sources.forEach { collect($0, into: &frontier) } }
        if node.kind == "Concat" { return }
        break
      }
      tensor = sources[0]
    }
    if !frontier.contains(tensor) { frontier.append(tensor) }
  }

  /// The operands that a passing node hands on.
  private func sources(of node: Node) -> [TensorName] {
    let operands =
      ["Reshape", "ReverseSequence", "Expand"].contains(node.kind)
      ? Array(node.inputs.prefix(1)) : node.inputs
    return operands.filter { !$0.isEmpty && graph.constants[$0] == nil }
  }

  /// What only scales, shifts, moves or joins its operands.
  private static func passes(_ node: Node) -> Bool {
    [
      "Concat", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Cast", "Dropout",
      "BatchNormalization", "Mul", "Add", "Sub", "Div", "Linear", "ReverseSequence", "Slice", "Expand",
    ].contains(node.kind)
  }

  // MARK: - Asking

  /// The network's tensors for rows of samples, `[rows, length]`.
  func values(of names: [TensorName], for signals: Tensor) throws -> [Tensor] {
    let rows = signals.shape[0]
    let input = picture.input(signals.reshaped(to: [rows, signals.shape[1], 1]), clips: rows)
    return try network.values(of: names, at: [picture.input: input])
  }

  /// The panels and their axes in hertz, by sweeps.
  func panels(_ found: [(tensor: TensorName, axes: TensorAxes)]) throws -> [(
    panel: InnerPanel, axes: [PictureAxes.Panel]
  )] {
    let names = found.map(\.tensor)
    let survey = try network.survey(at: [picture.input: picture.shape(clips: 1, patches: 1)])
    let values = try values(of: names, for: probe.second)
    return zip(found, values).map { found, values in
      let row = Array(values.shape.dimensions.dropFirst())
      let plain = Array(0..<row[found.axes.frequency])
      var panel = InnerPanel(
        tensor: found.tensor, row: row, rowAxis: survey.axis(of: found.tensor), time: found.axes.time,
        frequency: found.axes.frequency, order: plain)
      let picture = panel.picture(values)
      // All channels of a tensor have the same bands.
      let measured = BandMeasurement(picture.columns(0..<panel.bands), found.axes, probe)
      panel.order = measured.order
      let several = panel.channels > 1
      return (
        panel,
        (0..<panel.channels).map {
          PictureAxes.Panel(measured.bands, name: several ? "\(found.tensor), channel \($0)" : found.tensor)
        }
      )
    }
  }
}
