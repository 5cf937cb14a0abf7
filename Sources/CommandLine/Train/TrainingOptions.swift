public import ArgumentParser
import Graphs
public import Train

/// How a network is trained.
struct TrainingOptions: ParsableArguments {
  @Option(help: "How often all training clips are heard.")
  var epochs: Int = 50
  @Option(help: "Examples in a step.")
  var batch: Int = 32
  @Option(help: "sgd, adam or adamw, each as PyTorch defines it.")
  var optimizer: OptimizerName = .adam
  @Option(help: "The learning rate (default: 0.001; 0.01 for sgd).")
  var learningRate: Double?
  @Option(help: "Of sgd.")
  var momentum: Double = 0.9
  @Flag(help: "Nesterov's momentum, of sgd.")
  var nesterov = false
  @Option(help: "Added to gradients as a share of the weights (adamw: taken from the weights).")
  var weightDecay: Double = 0
  @Option(
    help: ArgumentHelp(
      """
      How the learning rate goes: constant, cosine, steps:EPOCHS:FACTOR (every so many epochs it is multiplied), or \
      decay:D (1 / (1 + D step)).
      """, valueName: "schedule"))
  var schedule: ScheduleName = ScheduleName(course: .constant)
  @Option(help: ArgumentHelp("Let the learning rate rise over the first epochs.", valueName: "epochs"))
  var warmUp: Double = 0
  @Option(
    help: ArgumentHelp(
      "cross-entropy, binary (each class for itself), focal:GAMMA or binary-focal:GAMMA (default: as the data are).",
      valueName: "loss"))
  var loss: LossName?
  @Option(help: ArgumentHelp("Move the targets towards equal shares.", valueName: "share"))
  var labelSmoothing: Double = 0
  @Option(help: "equal, or balanced: rare classes count more.")
  var classWeights: TrainingPlan.ClassWeights = .equal
  @Option(help: ArgumentHelp("Scale gradients of a larger norm down to this one.", valueName: "norm"))
  var clip: Double?
  @Option(
    help: ArgumentHelp(
      "End after so many epochs without a smaller validation loss (default: never).", valueName: "epochs"))
  var patience: Int?
  @Option(
    help: ArgumentHelp(
      "Parameters that stay as they are, by name, with * ? [a-z] (may be repeated; 'inspect' lists tensors).",
      valueName: "pattern"))
  var freeze: [String] = []
  @Option(
    help: ArgumentHelp(
      "What the learning rate is multiplied with for parameters of a name, as head*=10 (may be repeated).",
      valueName: "pattern=factor"))
  var rate: [RateName] = []
  @Option(
    help: ArgumentHelp(
      "Patches of each clip in an epoch, at random places; 0 for all, side by side.", valueName: "number"))
  var patchesPerClip: Int = 1
  @Option(help: ArgumentHelp("Mix pairs of examples with shares of Beta(alpha, alpha).", valueName: "alpha"))
  var mixup: Double = 0

  func validate() throws {
    func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
      guard range.contains(value) else {
        throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    guard (0...100_000).contains(epochs) else { throw ValidationError("--epochs must be from 0 to 100000") }
    guard (1...4096).contains(batch) else { throw ValidationError("--batch must be from 1 to 4096") }
    guard (0...10_000).contains(patchesPerClip) else {
      throw ValidationError("--patches-per-clip must be from 0 to 10000")
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be more than 0")
    }
    if let clip, !(clip > 0 && clip.isFinite) { throw ValidationError("--clip must be more than 0") }
    if let patience, patience < 1 { throw ValidationError("--patience must be at least 1") }
    try check("momentum", momentum, 0...1)
    try check("weight-decay", weightDecay, 0...1e6)
    try check("label-smoothing", labelSmoothing, 0...1)
    try check("mixup", mixup, 0...100)
    try check("warm-up", warmUp, 0...1e6)
  }

  func plan(seed: UInt64) throws -> TrainingPlan {
    var plan = TrainingPlan()
    (plan.epochs, plan.batch, plan.seed) = (epochs, batch, seed)
    let decay = Float(weightDecay)
    switch optimizer {
    case .sgd:
      plan.optimizer = .sgd(momentum: Float(momentum), nesterov: nesterov, weightDecay: decay)
    case .adam: plan.optimizer = .adam(weightDecay: decay)
    case .adamw: plan.optimizer = .adam(weightDecay: decay, isDecoupled: true)
    }
    plan.learningRate = learningRate ?? (optimizer == .sgd ? 0.01 : 0.001)
    plan.schedule = Schedule(schedule.course, warmUp: warmUp)
    plan.loss = loss?.loss
    (plan.labelSmoothing, plan.classWeights) = (labelSmoothing, classWeights)
    (plan.mostNorm, plan.patience) = (clip, patience)
    plan.frozen = freeze
    plan.rateFactors = rate.map(\.factor)
    (plan.patchesPerClip, plan.mixup) = (patchesPerClip, mixup)
    return plan
  }
}

enum OptimizerName: String, ExpressibleByArgument, CaseIterable {
  case sgd
  case adam
  case adamw
}

/// `constant`, `cosine`, `steps:10:0.5`, `decay:1e-4`
struct ScheduleName: ExpressibleByArgument {
  let course: Schedule.Course

  init(course: Schedule.Course) { self.course = course }

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count) {
    case ("constant", 1): course = .constant
    case ("cosine", 1): course = .cosine
    case ("steps", 3):
      guard let epochs = Int(parts[1]), epochs > 0, let factor = Double(parts[2]), factor > 0 else {
        return nil
      }
      course = .steps(epochs: epochs, factor: factor)
    case ("decay", 2):
      guard let decay = Double(parts[1]), decay >= 0 else { return nil }
      course = .inverse(decay: decay)
    default: return nil
    }
  }

  var defaultValueDescription: String { "constant" }
}

/// `cross-entropy`, `binary`, `focal:2`, `binary-focal:2`
struct LossName: ExpressibleByArgument {
  let loss: Loss

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let gamma = parts.count == 2 ? Float(parts[1]) : 2
    guard parts.count <= 2, let gamma, (0...100).contains(gamma) else { return nil }
    switch parts[0] {
    case "cross-entropy" where parts.count == 1: loss = .crossEntropy
    case "binary" where parts.count == 1: loss = .binaryCrossEntropy
    case "focal": loss = .focal(gamma: gamma)
    case "binary-focal": loss = .binaryFocal(gamma: gamma)
    default: return nil
    }
  }
}

/// `head*=10`
struct RateName: ExpressibleByArgument {
  let factor: TrainingPlan.RateFactor

  init?(argument: String) {
    guard let equals = argument.lastIndex(of: "="),
      let factor = Double(argument[argument.index(after: equals)...]), factor >= 0, factor.isFinite
    else { return nil }
    self.factor = .init(pattern: String(argument[..<equals]), factor: factor)
  }
}

extension TrainingPlan.ClassWeights: ExpressibleByArgument {}
