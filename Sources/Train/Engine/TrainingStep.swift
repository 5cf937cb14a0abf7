package import Graphs
import OneDNN
package import Tensors

/// A network in training: its weights, and what compiles and runs a step of them: forward pass, loss, gradients, update.
///
/// Everything but the update is one program for each size of batch; the gradients are read where the program keeps them.
/// The same batches in the same order give the same bits. Used by one thread at a time.
package final class TrainingStep {
  private let graph: Graph
  private let input: TensorName
  private let logits: TensorName
  private let loss: Loss
  private let threads: Int
  private let classes: Int
  package let optimizer: Optimizer
  /// The weights that are learnt.
  package let parameters: [TensorName]
  /// The running averages of batch normalizations, behind the parameters.
  package let averages: [TensorName]
  /// Parameters and running averages.
  package private(set) var values: [TensorName: Tensor]
  /// What the optimizer keeps of each parameter.
  package private(set) var moments: [TensorName: [Tensor]]
  /// Steps so far.
  package private(set) var step = 0
  /// Multiplications followed by an addition in all steps so far.
  package private(set) var multiplyAccumulates = 0
  private var programs: [Question: Compiled] = [:]

  private struct Question: Hashable {
    var shape: Shape
    var isOfInput = false
  }

  /// Bytes of intermediate results.
  package var arenaBytes: Int { programs.values.reduce(0) { $0 + $1.program.arenaBytes } }

  private struct Compiled {
    var program: Program
    var seed: TensorName?
  }

  /// What one step gave.
  package struct Outcome {
    /// The mean loss of the batch, weighted as its gradient was.
    package var loss: Double
    package var gradientNorm: Double
    /// `[N, C]`, of the forward pass.
    package var logits: [Float]
  }

  /// - Parameters:
  ///   - graph: of a network as it is at inference.
  ///   - input: what takes the examples.
  ///   - logits: `[N, C]`.
  ///   - parameters: constants of `graph`; nil for the weights of all layers.
  ///   - example: the shape of one, without the batch.
  package init(
    _ graph: Graph, input: TensorName, logits: TensorName, loss: Loss, optimizer: Optimizer,
    parameters: [TensorName]? = nil, example: Shape, classes: Int, threads: Int
  ) throws {
    (self.graph, self.classes) = (graph, classes)
    (self.input, self.logits, self.loss, self.threads) = (input, logits, loss, threads)
    self.optimizer = optimizer
    let resolved = try graph.resolved(for: [input: Shape([1] + example.dimensions)])
    let training = try resolved.training(parameters: parameters)
    self.parameters = training.parameters
    averages = training.averages.map(\.current)
    values = training.initialValues
    moments = training.parameters.reduce(into: [:]) { moments, name in
      guard let value = training.initialValues[name] else { return }
      moments[name] = (0..<optimizer.momentCount).map { _ in Tensor(value.shape) }
    }
  }

  /// Goes on from a saved state.
  package func restore(values: [TensorName: Tensor], moments: [TensorName: [Tensor]], step: Int) {
    self.values.merge(values) { _, new in new }
    self.moments.merge(moments) { _, new in new }
    self.step = step
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - batch: `[N, …]` as the network takes it.
  ///   - targets: `[N, C]`.
  ///   - classWeights: `[C]`.
  ///   - rate: the learning rate of each parameter.
  ///   - mostNorm: gradients of a larger norm, all together, are scaled down to it.
  ///   - seed: of the dropouts.
  package func take(
    _ batch: Tensor, targets: Tensor, classWeights: Tensor, rate: (TensorName) -> Float,
    mostNorm: Double? = nil, seed: UInt64,
    profile: ((_ seconds: [Double], [KernelProfile.Kernel.Identity]) -> Void)? = nil,
    adding penalty: [TensorName: Tensor] = [:]
  ) throws -> Outcome {
    let compiled = try compiled(for: Question(shape: batch.shape))
    let shares = Self.shares(of: targets, classWeights, loss)
    var own = inputs(batch, targets, classWeights, shares)
    if let name = compiled.seed { own[name] = Self.number(seed) }
    step += 1
    multiplyAccumulates += compiled.program.multiplyAccumulates
    return try withExtendedLifetime(own) {
      // The weights are not copied: they are read where they are, then changed there.
      let places = values.merging(own) { $1 }.mapValues { $0.withUnsafeValues { $0 } }
      return try compiled.program.run(at: places, profile: profile) { results in
        try follow(results, shares, rate, mostNorm, penalty)
      }
    }
  }

  private func inputs(_ batch: Tensor, _ targets: Tensor, _ classWeights: Tensor, _ shares: Tensor)
    -> [TensorName: Tensor]
  {
    [
      input: batch, Graph.LossName.targets: targets, Graph.LossName.weights: classWeights,
      Graph.seedName(Graph.LossName.result): shares,
    ]
  }

  /// The update.
  private func follow(
    _ results: [UnsafeBufferPointer<Float>], _ shares: Tensor, _ rate: (TensorName) -> Float,
    _ mostNorm: Double?, _ penalty: [TensorName: Tensor]
  ) throws -> Outcome {
    let loss = zip(results[0], shares.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    var gradients = Array(results.dropFirst(2 + averages.count))
    var sums: [Tensor] = []
    for (place, name) in parameters.enumerated() {
      guard let other = penalty[name] else { continue }
      let sum = Self.sum(gradients[place], other)
      sums.append(sum)
      gradients[place] = sum.withUnsafeValues { $0 }
    }
    return try withExtendedLifetime(sums) {
      let norm = Self.norm(gradients, threads: threads)
      guard loss.isFinite, norm.isFinite else { throw TrainingError.diverged(step: step, loss: loss) }
      for (place, name) in averages.enumerated() {
        values[name]?.withUnsafeMutableValues { _ = $0.update(fromContentsOf: results[1 + place]) }
      }
      let scale = mostNorm.map { Float(min(1, $0 / (norm + 1e-6))) } ?? 1
      for (name, gradient) in zip(parameters, gradients) {
        optimizer.update(
          &values[name, default: Tensor([0])], along: gradient, moments: &moments[name, default: []],
          rate: rate(name), scale: scale, step: step, threads: threads)
      }
      return Outcome(loss: loss, gradientNorm: norm, logits: Array(results[1 + averages.count]))
    }
  }

  /// `−∂/∂x Σ_k log p[n, k]`, as large as the batch (each class for itself: of `1/C Σ_k log σ(x[k])`).
  package func inputGradient(_ batch: Tensor, seed: UInt64) throws -> Tensor {
    let results = try evidence(batch, Question(shape: batch.shape, isOfInput: true), seed)
    return results[results.count - 1]
  }

  /// `−∂/∂θ Σ_n Σ_k log p[n, k]`, by parameter.
  func sumGradients(_ batch: Tensor, seed: UInt64) throws -> [TensorName: Tensor] {
    let results = try evidence(batch, Question(shape: batch.shape), seed)
    return Dictionary(
      zip(parameters, results.suffix(parameters.count)), uniquingKeysWith: { first, _ in first })
  }

  /// The loss of targets that are all 1, each example counted once.
  private func evidence(_ batch: Tensor, _ question: Question, _ seed: UInt64) throws -> [Tensor] {
    let compiled = try compiled(for: question)
    let rows = batch.shape[0]
    var inputs = values.merging(
      inputs(
        batch, Tensor([rows, classes], repeating: 1), Tensor([classes], repeating: 1),
        Tensor([rows], repeating: 1))
    ) { $1 }
    if let name = compiled.seed { inputs[name] = Self.number(seed) }
    return try compiled.program.run(inputs)
  }

  private func compiled(for question: Question) throws -> Compiled {
    if let known = programs[question] { return known }
    let shape = question.shape
    let wanted = question.isOfInput ? [input] : parameters
    let training = try graph.resolved(for: [input: shape]).appending(loss, to: logits)
      .training(parameters: parameters)
    let averages = training.averages.map(\.next)
    let name = Graph.LossName.result
    let backward = try training.graph.simplified(keeping: [name, Graph.LossName.logits] + averages)
      .gradient(of: name, withRespectTo: wanted)
    var shapes = training.initialValues.mapValues(\.shape)
    shapes[input] = shape
    shapes[Graph.LossName.targets] = [shape[0], classes]
    shapes[Graph.LossName.weights] = [classes]
    shapes[Graph.seedName(name)] = [shape[0]]
    if let seed = training.seed { shapes[seed] = [] }
    let program = try Program(
      backward, inputShapes: shapes,
      wanted: [name] + averages + [Graph.LossName.logits] + wanted.map(Graph.gradientName),
      threads: threads)
    let made = Compiled(program: program, seed: training.seed)
    // One for whole batches, one for an epoch's last, and one to spare.
    if programs.count >= 6 { programs = [:] }
    programs[question] = made
    return made
  }

  /// What each example's loss counts: `u[n] / Σ u`, with `u[n]` the weight of its classes where there is one class an
  /// example (as PyTorch's `CrossEntropyLoss(weight=)`), else 1.
  private static func shares(of targets: Tensor, _ weights: Tensor, _ loss: Loss) -> Tensor {
    let (rows, classes) = (targets.shape[0], targets.shape[1])
    var sum = Double(rows)
    switch loss {
    case .crossEntropy, .focal:
      sum = targets.withUnsafeValues { targets in
        weights.withUnsafeValues { weights in
          (0..<rows * classes).reduce(0.0) { $0 + Double(targets[$1]) * Double(weights[$1 % classes]) }
        }
      }
    case .binaryCrossEntropy, .binaryFocal: break
    }
    return Tensor([rows], repeating: Float(1 / max(sum, 1e-12)))
  }

  private static func number(_ seed: UInt64) -> Tensor {
    Tensor([], [Float(bitPattern: UInt32(truncatingIfNeeded: SplitMix64.mixed(seed)) & 0x3FFF_FFFF)])
  }

  private static func sum(_ gradient: UnsafeBufferPointer<Float>, _ other: Tensor) -> Tensor {
    Tensor(unsafeUninitialized: other.shape) { result in
      other.withUnsafeValues { other in
        for place in result.indices { result[place] = gradient[place] + other[place] }
      }
    }
  }

  /// The root of the sum of all squares: in fixed pieces, so that it does not hang on the number of threads.
  private static func norm(_ gradients: [UnsafeBufferPointer<Float>], threads: Int) -> Double {
    let piece = 1 << 16
    let pieces = gradients.flatMap { gradient in
      stride(from: 0, to: gradient.count, by: piece).map {
        UnsafeBufferPointer(rebasing: gradient[$0..<min(gradient.count, $0 + piece)])
      }
    }
    var sums = [Double](repeating: 0, count: pieces.count)
    sums.withUnsafeMutableBufferPointer { sums in
      func take(_ lane: Int) {
        for index in stride(from: lane, to: pieces.count, by: max(1, threads)) {
          sums[index] = squares(pieces[index])
        }
      }
      Engine.share(max(1, threads), take)
    }
    return sums.reduce(0, +).squareRoot()
  }

  private static func squares(_ values: UnsafeBufferPointer<Float>) -> Double {
    guard let start = values.baseAddress else { return 0 }
    var (total, place) = (0.0, 0)
    while place + 16 <= values.count {
      let end = min(values.count & ~15, place + 4096)
      var sums = SIMD16<Float>.zero
      while place < end {
        let x = UnsafeRawPointer(start + place).loadUnaligned(as: SIMD16<Float>.self)
        sums += x * x
        place += 16
      }
      total += Double(sums.sum())
    }
    for x in values[place...] { total += Double(x * x) }
    return total
  }
}
