package import Explain
import Files
import Graphs
import Models
package import Reports
package import Tensors
import Train

/// What a measurement of time tells, one by one.
package enum BenchEvent: Sendable {
  case measured(BenchRecord)
  /// A method that does not explain this network is passed over.
  case skipped(what: String, any Error)
}

/// Something that takes time.
package enum Work: Sendable, Hashable {
  case forward
  case gradient
  case training
  case method(AttributionMethod)

  package var name: String {
    switch self {
    case .forward: "forward"
    case .gradient: "gradient"
    case .training: "training"
    case .method(let method): method.name
    }
  }

  package static let all = [Work.forward, .gradient, .training] + AttributionMethod.all.map(Work.method)

  /// - Throws: `ExplainError.unknownMethod`.
  package init(named name: String) throws {
    self = try Self.all.first { $0.name == name } ?? .method(AttributionMethod(named: name))
  }
}

/// Measures how long evaluating or explaining a network takes, and in how much memory.
///
/// - Throws: `Cancelled`; `BenchError`, `InputShapeError`, `InputError`, `ExplainError`, `GraphError`; what `emit` throws.
package func run(
  _ request: BenchRequest, in workspace: Workspace, control: RunControl = RunControl(),
  emit: (BenchEvent) throws -> Void
) throws {
  var network = try workspace.network(request.model, request.reading)
  let inputs = try request.inputs(of: &network)
  let rows = network.graph.inputs.first.flatMap { inputs[$0.name]?.shape[0] } ?? 1
  // After the first piece of work, so that its matrices do not count in the memory of that.
  var peak: Double?
  for (number, name) in request.work.enumerated() {
    let work = try Work(named: name)
    do {
      let (measured, profile) = try request.measure(
        work, of: network.replacing(stepGraph: network.stepGraph), at: inputs,
        control: control.part(number, of: request.work.count, name))
      let known = try peak ?? MachinePeak.multiplyAccumulatesPerSecond(threads: workspace.threads)
      peak = known
      try emit(
        .measured(
          BenchRecord(
            what: work.name, model: request.model, batch: rows, threads: workspace.threads, measured,
            peak: known, profile: profile.map { KernelTable($0, runs: request.runs, peak: known) })))
    } catch let error where request.skipsUnsupported && (error is ExplainError || error is GraphError) {
      try emit(.skipped(what: work.name, error))
    }
  }
}

extension BenchRequest {
  /// Runs `work` again and again on a network that has done nothing else; then once more as often, to time its kernels.
  fileprivate func measure(
    _ what: Work, of network: Network, at inputs: [TensorName: Tensor], control: RunControl
  ) throws -> (Measurement, KernelProfile?) {
    let work = try work(what, of: network, at: inputs)
    for _ in 0..<2 { try work.run() }
    let before = work.multiplyAccumulates()
    var seconds: [Double] = []
    for run in 0..<runs {
      let start = ContinuousClock.now
      try work.run()
      seconds.append((ContinuousClock.now - start).inSeconds)
      try control.report(run + 1, of: runs)
    }
    let measurement = Measurement(
      seconds: seconds, multiplyAccumulates: (work.multiplyAccumulates() - before) / runs,
      arenaBytes: work.arenaBytes(), residentBytes: Measurement.peakResidentBytes())
    guard profiles else { return (measurement, nil) }
    return (measurement, try work.profiling(runs))
  }

  /// What is timed, and what it counts meanwhile.
  private struct TimedWork {
    var run: () throws -> Void
    var multiplyAccumulates: () -> Int
    var arenaBytes: () -> Int
    /// Runs it so many times, kernel by kernel.
    var profiling: (Int) throws -> KernelProfile

    init(of network: Network, _ run: @escaping () throws -> Void) {
      self.run = run
      multiplyAccumulates = { network.multiplyAccumulates }
      arenaBytes = { network.arenaBytes }
      profiling = { runs in try network.profiling { for _ in 0..<runs { try run() } } }
    }

    /// A step of training: cross-entropy, stochastic gradient descent with momentum.
    init(training step: TrainingStep, _ batch: Tensor, classes: Int) {
      let rows = batch.shape[0]
      let targets = Tensor(unsafeUninitialized: [rows, classes]) { values in
        for place in values.indices { values[place] = place / classes % classes == place % classes ? 1 : 0 }
      }
      let weights = Tensor([classes], repeating: 1)
      // A rate at which random weights stay finite.
      run = {
        _ = try step.take(batch, targets: targets, classWeights: weights, rate: { _ in 1e-4 }, seed: 1)
      }
      multiplyAccumulates = { step.multiplyAccumulates }
      arenaBytes = { step.arenaBytes }
      profiling = { runs in
        var profile = KernelProfile()
        for _ in 0..<runs {
          _ = try step.take(
            batch, targets: targets, classWeights: weights, rate: { _ in 1e-4 }, seed: 1,
            profile: { profile.add($0, of: $1) })
        }
        return profile
      }
    }
  }

  private func work(_ what: Work, of network: Network, at inputs: [TensorName: Tensor]) throws -> TimedWork {
    let graph = network.graph
    let score: () throws -> (NetworkScore, Tensor) = {
      let (found, logits) = try network.revealingLogits(
        of: graph.outputs[0], at: inputs.mapValues(\.shape))
      // What is counted and timed is this network.
      let of = found === network ? logits : graph.outputs[0]
      guard let x = inputs[graph.inputs[0].name] else { throw GraphError.missingInput(graph.inputs[0].name) }
      return (try NetworkScore(network, tensor: of, element: target), x)
    }
    switch what {
    case .forward:
      return TimedWork(of: network) { _ = try network.values(of: [graph.outputs[0]], at: inputs) }
    case .gradient:
      let (score, x) = try score()
      return TimedWork(of: network) { _ = try score.gradient(at: x) }
    case .training:
      guard graph.inputs.count == 1, let input = graph.inputs.first, let x = inputs[input.name] else {
        throw BenchError.severalInputs(graph.inputs.map(\.name))
      }
      let (found, logits) = try network.revealingLogits(of: graph.outputs[0], at: inputs.mapValues(\.shape))
      let scores = try found.values(of: [logits], at: [input.name: x.rows(0..<1)])[0]
      let example = Shape(Array(x.shape.dimensions.dropFirst()))
      let step = try TrainingStep(
        found.graph, input: input.name, logits: logits, loss: .crossEntropy, optimizer: .sgd(),
        example: example, classes: scores.count, threads: network.threads)
      return TimedWork(training: step, x, classes: scores.count)
    case .method(let method):
      let (score, x) = try score()
      var settings = try parameters.settings(for: x)
      settings.layers = (try? [score.defaultLayer(at: x.shape)]) ?? []
      return TimedWork(of: network) { [settings] in _ = try method.attribute(score, at: x, settings) }
    }
  }

  /// Rows for all inputs. The network may become one that takes whole numbers among them as constants.
  fileprivate func inputs(of network: inout Network) throws -> [TensorName: Tensor] {
    if let input {
      let arrays = try ArrayInputs(input, for: network)
      network = arrays.network
      return try arrays.asRows().mapValues { tensor in
        guard let batch else { return tensor }
        guard tensor.shape[0] >= batch else {
          throw BenchError.tooFewRows(path: input, rows: tensor.shape[0], batch: batch)
        }
        return tensor.rows(0..<batch)
      }
    }
    // A low-discrepancy sequence: bounded, spread out, the same everywhere.
    let layout = network.rows
    var forms = try InputShapes(shapes.mapValues { Shape($0) }, batch: batch).of(network.graph, rows: layout)
    for (name, shape) in forms where (layout.axes[name] ?? nil) == nil {
      forms[name] = Shape([batch ?? 1] + shape.dimensions)
    }
    let drawn = try forms.mapValues { shape in
      guard shape.count < 1 << 32 else { throw BenchError.tooLarge(shape) }
      return Tensor(unsafeUninitialized: shape) { values in
        for place in values.indices { values[place] = Float(place &* 0x9E37_79B9 & 0xFFFF) / 32768 - 1 }
      }
    }
    return try network.rowForm(of: drawn)
  }
}

/// What can keep a network from being measured.
package enum BenchError: RemediableError {
  case tooFewRows(path: String, rows: Int, batch: Int)
  case tooLarge(Shape)
  case severalInputs([String])

  package var isMisuse: Bool { true }

  package var description: String {
    switch self {
    case .tooFewRows(let path, let rows, let batch):
      "\(path): has only \(rows) rows, and a batch of \(batch) is wanted; give a smaller one"
    case .tooLarge(let shape): "an input of shape \(shape) would not fit into memory"
    case .severalInputs(let names):
      "a step of training takes networks of one input; this one has \(names.joined(separator: ", "))"
    }
  }
}
