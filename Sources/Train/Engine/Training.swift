package import Explain
import Files
package import Graphs
package import Tensors

/// A run of training: epochs of steps, each followed by a look at the validation side.
///
/// Every random choice is a function of the plan's seed and of where in the run it is made, so that a run that is
/// stopped at any moment and goes on from its checkpoint ends with the bits of one that was not.
package final class Training {
  private let input: TensorName
  private let logits: TensorName
  private let examples: any Examples
  private let labels: ClipLabels
  private let plan: TrainingPlan
  private let step: TrainingStep
  private let loss: Loss
  private let classWeights: Tensor
  private let rates: [TensorName: Float]
  private let evaluation: Evaluator
  private var progress: TrainingProgress
  private var best: [TensorName: Tensor] = [:]
  /// Where the state is kept; nil for nowhere.
  private let checkpoint: String?

  /// When the state was kept last, and how long that took, in seconds.
  private var kept: (at: ContinuousClock.Instant, took: Double)?

  /// In seconds, the least between two checkpoints; large ones come so seldom that they take a tenth of the time at most.
  private static let checkpointInterval = 2.0

  /// What a run tells.
  package enum Event: Sendable {
    /// The epochs that were over, where a run goes on.
    case resumed(epochs: Int)
    case epoch(EpochRecord)
  }

  /// - Parameters:
  ///   - graph: at inference.
  ///   - parameters: what may be learnt, before the plan freezes some; nil for the weights of all layers.
  ///   - identity: tells apart trainings that differ in network or data; the plan is added.
  ///   - checkpoint: the file that keeps the state.
  package init(
    _ graph: Graph, input: TensorName, logits: TensorName, parameters: [TensorName]? = nil,
    examples: any Examples, labels: ClipLabels, plan: TrainingPlan, identity: String, checkpoint: String?,
    threads: Int
  ) throws {
    (self.input, self.logits) = (input, logits)
    (self.examples, self.labels, self.plan) = (examples, labels, plan)
    self.checkpoint = checkpoint
    guard !labels.training.isEmpty else { throw TrainingError.noExamples }
    loss = plan.loss ?? (labels.isMultiLabel ? .binaryCrossEntropy : .crossEntropy)
    classWeights = labels.weights(plan.classWeights)
    let resolved = try graph.resolved(for: [input: Shape([1] + examples.shape.dimensions)])
    let learnt = try plan.learnt(of: parameters ?? resolved.defaultParameters)
    step = try TrainingStep(
      graph, input: input, logits: logits, loss: loss, optimizer: plan.optimizer, parameters: learnt,
      example: examples.shape, classes: labels.classes, threads: threads)
    rates = Dictionary(
      try learnt.map { ($0, Float(try plan.rateFactor(of: $0))) }, uniquingKeysWith: { first, _ in first })
    evaluation = Evaluator(
      try graph.promotingConstants(step.parameters + step.averages), threads: threads)
    progress = TrainingProgress(identity: "\(identity) \(try plan.identity)")
  }

  /// The weights that the run has come to: the best by validation loss, or the last ones.
  package var weights: [TensorName: Tensor] { best.isEmpty ? step.values : best }
  package var history: [EpochRecord] { progress.history }
  /// Network, data and plan, in words that differ where they do.
  package var identity: String { progress.identity }
  package var parameters: [TensorName] { step.parameters }

  /// Runs to the end, from the checkpoint if there is one.
  ///
  /// - Throws: `Cancelled`, with the state kept; `TrainingError`; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (Event) throws -> Void = { _ in }) throws {
    if let checkpoint, try resume(from: checkpoint) { try emit(.resumed(epochs: progress.epoch)) }
    while progress.epoch < plan.epochs, !isExhausted {
      do { try runEpoch(control) } catch {
        if error is Cancelled { try keep() }
        throw error
      }
      try finishEpoch()
      try keepInTime()
      if let record = progress.history.last { try emit(.epoch(record)) }
    }
  }

  private var isExhausted: Bool { plan.patience.map { progress.epochsSinceBest >= $0 } ?? false }

  // MARK: - Epochs

  /// The rest of the current epoch.
  private func runEpoch(_ control: RunControl) throws {
    let places = order(of: progress.epoch)
    let batches = batches(of: places.count)
    var began = ContinuousClock.now
    while progress.batch < batches.count {
      let share = Double(progress.batch) / Double(batches.count)
      try control.part(
        from: (Double(progress.epoch) + share) / Double(plan.epochs),
        to: 1, words
      ).report(0, of: 1)
      try take(Array(places[batches[progress.batch]]), stepsPerEpoch: batches.count)
      progress.batch += 1
      progress.seconds += (ContinuousClock.now - began) / .seconds(1)
      if progress.batch < batches.count { try keepInTime() }
      began = .now
    }
  }

  private var words: String {
    var words = "epoch \(progress.epoch + 1) of \(plan.epochs)"
    if progress.examples > 0 {
      words += ", loss \(shortened(progress.lossSum / Double(progress.examples)))"
      if progress.seconds > 0 { words += ", \(Int(Double(progress.examples) / progress.seconds)) examples/s" }
    } else if let last = progress.history.last {
      words += ", loss \(shortened(last.loss))"
      if let accuracy = last.validationAccuracy { words += ", validation \(shortened(100 * accuracy)) %" }
    }
    return words
  }

  private func shortened(_ number: Double) -> String { "\((number * 1000).rounded() / 1000)" }

  /// One step.
  private func take(_ places: [Place], stepsPerEpoch: Int) throws {
    var batch = try examples.batch(places, augmented: true)
    let own = labels.targets(places.map(\.clip))
    var targets = labels.smoothed(own, by: plan.labelSmoothing, loss)
    let moment = SplitMix64.mixed(SplitMix64.mixed(plan.seed) &+ UInt64(step.step))
    if plan.mixup > 0 {
      var generator = SplitMix64(seed: moment)
      batch.inputs.withUnsafeMutableValues { inputs in
        targets.withUnsafeMutableValues { targets in
          mixup(inputs, targets: targets, rows: places.count, alpha: plan.mixup, &generator)
        }
      }
    }
    let factor = plan.schedule.factor(step: step.step, stepsPerEpoch: stepsPerEpoch, epochs: plan.epochs)
    let rate = Float(plan.learningRate * factor)
    var penalty: [TensorName: Tensor] = [:]
    if plan.attention > 0, let outside = batch.outside {
      penalty = try step.attentionPenalty(
        batch.inputs, outside: outside, strength: plan.attention, seed: moment)
    }
    let outcome = try step.take(
      batch.inputs, targets: targets, classWeights: classWeights, rate: { rate * (self.rates[$0] ?? 1) },
      mostNorm: plan.mostNorm, seed: moment, adding: penalty)
    progress.step = step.step
    progress.lossSum += outcome.loss * Double(places.count)
    progress.correct += labels.correct(outcome.logits, places.map(\.clip))
    progress.examples += places.count
  }

  private func finishEpoch() throws {
    let validation = labels.validation.isEmpty ? nil : try evaluate(labels.validation)
    let batches = max(1, progress.batch)
    let factor = plan.schedule.factor(
      step: max(0, step.step - 1), stepsPerEpoch: batches, epochs: plan.epochs)
    let watched = validation?.loss ?? progress.lossSum / Double(max(1, progress.examples))
    let isBest = progress.best.map { watched < $0 } ?? true
    if isBest {
      (progress.best, progress.epochsSinceBest) = (watched, 0)
      if validation != nil { best = step.values }
    } else {
      progress.epochsSinceBest += 1
    }
    progress.history.append(
      EpochRecord(
        epoch: progress.epoch + 1, loss: progress.lossSum / Double(max(1, progress.examples)),
        accuracy: Double(progress.correct) / Double(max(1, progress.examples)),
        validationLoss: validation?.loss, validationAccuracy: validation?.accuracy,
        learningRate: plan.learningRate * factor, seconds: progress.seconds,
        examplesPerSecond: progress.seconds > 0 ? Double(progress.examples) / progress.seconds : 0,
        isBest: isBest))
    progress.epoch += 1
    (progress.batch, progress.lossSum, progress.correct, progress.examples) = (0, 0, 0, 0)
    progress.seconds = 0
  }

  // MARK: - Order

  /// All examples of an epoch, shuffled.
  private func order(of epoch: Int) -> [Place] {
    let key = SplitMix64.mixed(SplitMix64.mixed(plan.seed ^ 0x0E60) &+ UInt64(epoch))
    var places: [Place] = []
    for clip in labels.training {
      for variation in 0..<examples.variations {
        if plan.patchesPerClip == 0 {
          for patch in 0..<examples.patchCount(clip: clip, variation: variation) {
            places.append(Place(clip: clip, variation: variation, patch: patch, draw: 0))
          }
        } else {
          for _ in 0..<plan.patchesPerClip {
            places.append(Place(clip: clip, variation: variation, patch: nil, draw: 0))
          }
        }
      }
    }
    // Fisher and Yates.
    var generator = SplitMix64(seed: key)
    for last in stride(from: places.count - 1, to: 0, by: -1) {
      places.swapAt(last, Int(generator.next() % UInt64(last + 1)))
    }
    for index in places.indices { places[index].draw = SplitMix64.mixed(key &+ UInt64(index)) }
    return places
  }

  /// Whole batches and a rest; a rest of one example, whose statistics a batch normalization could not take, is left out.
  private func batches(of count: Int) -> [Range<Int>] {
    let size = max(1, min(plan.batch, count))
    let ranges = stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
    return ranges.count > 1 && ranges[ranges.count - 1].count == 1 ? ranges.dropLast() : ranges
  }

  // MARK: - Validation

  /// Mean loss and accuracy of whole clips: probabilities are means over their patches.
  ///
  /// - Parameter weights: nil for those that the run has come to.
  package func evaluate(_ clips: [Int], with weights: [TensorName: Tensor]? = nil) throws -> (
    loss: Double, accuracy: Double
  ) {
    let probabilities = try probabilities(of: clips, with: weights)
    var (loss, correct) = (0.0, 0)
    for (row, clip) in clips.enumerated() {
      loss += labels.clipLoss(probabilities[row], clip)
      if labels.isCorrect(probabilities[row], clip) { correct += 1 }
    }
    let count = Double(max(1, clips.count))
    return (loss / count, Double(correct) / count)
  }

  /// By clip, then by class.
  package func probabilities(of clips: [Int], with weights: [TensorName: Tensor]? = nil) throws -> [[Double]]
  {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: labels.classes), count: clips.count)
    let places = clips.enumerated().flatMap { row, clip in
      let count = examples.patchCount(clip: clip, variation: 0)
      return (0..<count).map { (row, Place(clip: clip, variation: 0, patch: $0, draw: 0), 1 / Double(count)) }
    }
    for start in stride(from: 0, to: places.count, by: max(1, plan.batch)) {
      let part = places[start..<min(places.count, start + max(1, plan.batch))]
      let batch = try examples.batch(part.map(\.1), augmented: false)
      var inputs = weights ?? step.values
      inputs[input] = batch.inputs
      let scores = try evaluation.values(of: [logits], at: inputs)[0].values
      for (index, (row, _, share)) in part.enumerated() {
        let logits = scores[index * labels.classes..<(index + 1) * labels.classes].map(Double.init)
        for (place, p) in labels.probabilities(logits).enumerated() { sums[row][place] += share * p }
      }
    }
    return sums
  }

  // MARK: - Keeping the state

  private func keep() throws {
    guard let checkpoint else { return }
    let began = ContinuousClock.now
    try Checkpoint(progress: progress, values: step.values, moments: step.moments, best: best)
      .write(to: checkpoint)
    kept = (.now, (ContinuousClock.now - began) / .seconds(1))
  }

  /// Keeps the state if it was not kept for a while.
  private func keepInTime() throws {
    if let kept {
      let since = (ContinuousClock.now - kept.at) / .seconds(1)
      guard since > max(Self.checkpointInterval, 9 * kept.took) else { return }
    }
    try keep()
  }

  /// Whether there was a state to go on from.
  private func resume(from path: String) throws -> Bool {
    guard WholeFile.exists(path) else { return false }
    let kept = try Checkpoint(reading: path)
    guard kept.progress.identity == progress.identity else {
      throw TrainingError.checkpoint(
        path: path, reason: "it is of another training: another network, data set, or other settings")
    }
    guard Set(kept.values.keys) == Set(step.values.keys),
      kept.values.allSatisfy({ step.values[$0.key]?.shape == $0.value.shape })
    else { throw TrainingError.checkpoint(path: path, reason: "its weights are of another network") }
    step.restore(values: kept.values, moments: kept.moments, step: kept.progress.step)
    (progress, best) = (kept.progress, kept.best)
    return true
  }
}
