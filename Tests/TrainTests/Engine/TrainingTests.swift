import Explain
import Files
import Graphs
import Synchronization
import Tensors
import TestSupport
import Testing
import Train

/// Runs of training on toys: blobs of two channels, whose place tells the class.
struct TrainingTests {
  private static let classes = 3

  /// A convolution, a batch normalization, a rectifier, a dropout and a dense layer.
  static func graph(dropout: Double = 0.2, seed: UInt64 = 1, isScaled: Bool = false) throws -> Graph {
    var builder = ONNXNetworkBuilder(name: "toy", seed: seed)
    var x = builder.input("x", [1, 8, 6])
    x = try builder.conv(x, "conv", 6, kernel: [3, 3], padding: .same)
    x = try builder.batchNormalization(x, "norm", epsilon: 1e-5, momentum: 0.9)
    x = builder.globalAveragePool(builder.relu(x))
    x = builder.flatten(x)
    if dropout > 0 { x = try builder.dropout(x, "drop", ratio: dropout) }
    let logits = try builder.dense(x, "head", classes, output: "logits")
    let probabilities = builder.softmax(logits, "probabilities")
    var file = builder.file(ending: probabilities)
    if isScaled { try file.scaleInput(mean: [1, 2, 3, 4, 5, 6], deviation: [1, 2, 1, 2, 1, 2]) }
    return try file.model(from: "toy.onnx").graph
  }

  /// Rows whose class is a level in their upper half, with noise.
  static func examples(count: Int) -> (StoredExamples, ClipLabels) {
    var generator = SplitMix64(seed: 11)
    let rows = Tensor(unsafeUninitialized: [count, 1, 8, 6]) { values in
      for place in values.indices {
        let noise = Float(Int64(bitPattern: generator.next()) >> 40) / 0x1p23
        let row = place / 48
        values[place] = 0.5 * noise + (place % 48 < 24 ? Float(row % classes) : 0)
      }
    }
    let labels = ClipLabels(
      classesOf: (0..<count).map { [$0 % classes] }, classes: classes, isMultiLabel: false,
      training: Array(0..<count * 2 / 3), validation: Array(count * 2 / 3..<count))
    return (StoredExamples(rows: rows, starts: [Array(0...count)]), labels)
  }

  static func plan() -> TrainingPlan {
    var plan = TrainingPlan()
    (plan.epochs, plan.batch, plan.seed) = (12, 8, 5)
    plan.learningRate = 0.02
    (plan.mixup, plan.labelSmoothing, plan.mostNorm) = (0.2, 0.05, 1)
    plan.schedule = Schedule(.cosine, warmUp: 1)
    return plan
  }

  static func training(_ plan: TrainingPlan, checkpoint: String? = nil, graph: Graph? = nil) throws
    -> Training
  {
    let (examples, labels) = examples(count: 45)
    return try Training(
      try graph ?? Self.graph(), input: "x", logits: "logits", examples: examples, labels: labels,
      plan: plan, identity: "toy", checkpoint: checkpoint, threads: 2)
  }

  @Test("a toy is learnt, and the same seed gives the same bits")
  func learning() throws {
    let runs = try (0..<2).map { _ in
      let training = try Self.training(Self.plan())
      try training.run()
      return training
    }
    #expect(runs[0].history.count == 12)
    #expect(try runs[0].evaluate(Array(0..<45), with: runs[0].weights).accuracy > 0.75)
    #expect(runs[0].history[11].loss < runs[0].history[0].loss)
    for (name, value) in runs[0].weights { #expect(runs[1].weights[name] == value, "\(name)") }
    var other = Self.plan()
    other.seed = 6
    let different = try Self.training(other)
    try different.run()
    #expect(different.weights["head.weight"] != runs[0].weights["head.weight"])
  }

  @Test("ended at any step and gone on with, a run ends with the same bits", arguments: [1, 4, 7, 18, 40])
  func resuming(reports: Int) throws {
    let whole = try Self.training(Self.plan())
    try whole.run()
    try withScratchFolder { folder in try resume("\(folder)/state.npz", after: reports, as: whole) }
  }

  private func resume(_ path: String, after reports: Int, as whole: Training) throws {
    let count = Atomic(0)
    let first = try Self.training(Self.plan(), checkpoint: path)
    let control = Mutex<RunControl?>(nil)
    let own = RunControl { _ in
      if count.wrappingAdd(1, ordering: .relaxed).newValue == reports { control.withLock { $0?.cancel() } }
    }
    control.withLock { $0 = own }
    #expect(throws: Cancelled.self) { try first.run(control: own) }
    let second = try Self.training(Self.plan(), checkpoint: path)
    try second.run()
    #expect(Set(second.weights.keys) == Set(whole.weights.keys))
    for (name, value) in whole.weights { #expect(second.weights[name] == value, "\(name)") }
    #expect(second.history.map(\.loss) == whole.history.map(\.loss))
    #expect(second.history.map(\.validationLoss) == whole.history.map(\.validationLoss))
  }

  @Test("a checkpoint of another training, or of none, is refused with a word")
  func foreignCheckpoints() throws {
    try withScratchFolder { folder in try refuse("\(folder)/state.npz") }
  }

  private func refuse(_ path: String) throws {
    try Self.training(Self.plan(), checkpoint: path).run()
    var other = Self.plan()
    other.learningRate = 0.5
    #expect(throws: TrainingError.self) { try Self.training(other, checkpoint: path).run() }
    try WholeFile.write(Array("no archive".utf8), to: path)
    #expect(throws: TrainingError.self) { try Self.training(Self.plan(), checkpoint: path).run() }
    let whole = try NumPyArchive([("x", Tensor([1], [1]))], from: path).npz()
    try WholeFile.write(whole, to: path)
    #expect(throws: TrainingError.self) { try Self.training(Self.plan(), checkpoint: path).run() }
  }

  @Test("what is frozen stays, its normalization as well; factors change the rate")
  func freezing() throws {
    var plan = Self.plan()
    (plan.frozen, plan.epochs) = (["conv*", "norm*"], 2)
    let graph = try Self.graph()
    let training = try Self.training(plan, graph: graph)
    try training.run()
    #expect(training.parameters.allSatisfy { $0.hasPrefix("head") })
    #expect(Set(training.weights.keys) == Set(training.parameters))
    plan.frozen = ["nothing*"]
    #expect(throws: (any Error).self) { _ = try Self.training(plan) }
    plan.frozen = ["*"]
    #expect(throws: TrainingError.allFrozen(["*"])) { _ = try Self.training(plan) }
    (plan.frozen, plan.rateFactors) = ([], [.init(pattern: "conv*", factor: 0)])
    let still = try Self.training(plan, graph: graph)
    try still.run()
    #expect(still.weights["conv.weight"] == graph.constants["conv.weight"])
    #expect(still.weights["head.weight"] != graph.constants["head.weight"])
  }

  @Test("layers that are frozen are heard once, and what is learnt behind them is the same")
  func frozenPart() throws {
    // Masks are drawn by a dropout's place in the graph, and examples are mixed before the first layer.
    var plan = Self.plan()
    (plan.frozen, plan.epochs, plan.mixup) = (["conv*", "norm*"], 3, 0)
    let graph = try Self.graph(dropout: 0)
    let (examples, labels) = Self.examples(count: 45)
    let learnt = ["head.weight", "head.bias"]
    let part = try #require(
      try FrozenPart(graph, input: "x", logits: "logits", learnt: learnt, example: examples.shape))
    let stored = try part.examples(
      from: examples, clips: 45, input: "x", threads: 2, control: RunControl())
    let whole = try Self.training(plan, graph: graph)
    try whole.run()
    plan.frozen = []
    let rest = try Training(
      part.rest, input: part.restInput, logits: "logits", parameters: learnt, examples: stored,
      labels: labels, plan: plan, identity: "toy", checkpoint: nil, threads: 2)
    try rest.run()
    // Two ways of computing the frozen layers round differently; Adam's first steps are signs of gradients.
    for name in learnt {
      for (a, b) in zip(rest.weights[name]?.values ?? [], whole.weights[name]?.values ?? [9]) {
        #expect(abs(a - b) < 2e-3)
      }
    }
    #expect(
      try FrozenPart(graph, input: "x", logits: "logits", learnt: ["conv.weight"], example: examples.shape)
        == nil)
    // Pictures that are only scaled are not heard once: every epoch begins its patches elsewhere.
    let scaled = try Self.graph(dropout: 0, isScaled: true)
    #expect(
      try FrozenPart(scaled, input: "x", logits: "logits", learnt: ["conv.weight"], example: examples.shape)
        == nil)
    let behind = try #require(
      try FrozenPart(scaled, input: "x", logits: "logits", learnt: learnt, example: examples.shape))
    #expect(behind.boundary == part.boundary)
  }

  @Test("a loss that is no number ends the run with a word, and weights stay as they were")
  func divergence() throws {
    var plan = Self.plan()
    (plan.learningRate, plan.mostNorm, plan.optimizer) = (1e30, nil, .sgd(momentum: 0))
    plan.schedule = Schedule()
    let training = try Self.training(plan)
    #expect(throws: TrainingError.self) { try training.run() }
  }

  @Test("patience ends a run that gets no better; the best weights are kept")
  func patience() throws {
    var plan = Self.plan()
    (plan.epochs, plan.patience, plan.learningRate) = (60, 2, 1e-12)
    plan.optimizer = .sgd(momentum: 0)
    let training = try Self.training(plan)
    try training.run()
    #expect(training.history.count < 60)
    #expect(training.history.suffix(2).allSatisfy { !$0.isBest })
  }
}
