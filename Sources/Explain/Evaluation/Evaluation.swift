import Audio
import Graphs
public import Models
public import Tensors

/// Explains many sounds by many methods and measures how good the explanations are.
///
/// Clips are asked about their most probable class: faithfulness, complexity, listening and cost on all of them,
/// robustness and sanity on the first few. Mixtures and annotated sounds, where it is known where a class sounds, tell
/// localisation and discrimination. All methods see the same sounds, the same draws and the same budget.
public struct Evaluation: Sendable {
  public let model: AudioModel
  public let budget: Budget
  public private(set) var measured: Measurements
  /// For each method and clip, the probabilities while bins are removed and put in.
  public private(set) var curves: [AttributionMethod: [Curves]] = [:]
  /// What the first clips and mixtures look like.
  public private(set) var examples: [Example] = []
  /// What was left out, and why.
  public private(set) var notes: [String] = []

  private let settings: AttributionMethod.Settings
  private var methods: [AttributionMethod]
  private var sanityModels: [AudioModel]?
  private var done = 0
  /// How many explanations there will be, for progress.
  private var whole = 1

  /// What an evaluation spends.
  public struct Budget: Sendable {
    /// Of the network, for each explanation, where a method takes as many as it is given; a gradient counts as two.
    public var evaluations = 64
    /// What bins become when faithfulness takes them away. The local mean leaves a picture that could be one: with silence,
    /// a tenth of the bins drawn at random already ends every class of YAMNet, and no map is better than another.
    public var removal: Baseline = .localMean(radius: 8)
    /// Steps of deletion and insertion.
    public var steps = 10
    /// Disturbances of infidelity and max-sensitivity.
    public var disturbances = 10
    /// Clips that robustness, sanity and cost are measured on.
    public var closeLooks = 3
    /// How many times weights are shuffled, from the last layer's alone to all.
    public var sanityStages = 3
    /// Clips, and classes in sounds with known answers, that are shown.
    public var examples = 2
    public var seed: UInt64 = 0

    public init() {}
  }

  /// A sound to evaluate on, mono at the front end's rate.
  public struct Clip: Sendable {
    public var name: String
    public var samples: [Float]

    public init(name: String, samples: [Float]) { (self.name, self.samples) = (name, samples) }
  }

  /// A sound with known answers: where each of some classes sounds.
  public struct Known: Sendable {
    public var name: String
    public var samples: [Float]
    /// A class, and 1 where it sounds, `[frames, bands]`.
    public var answers: [(classIndex: Int, region: Tensor)]

    public init(name: String, samples: [Float], answers: [(classIndex: Int, region: Tensor)]) {
      (self.name, self.samples, self.answers) = (name, samples, answers)
    }

    public init(_ mixture: Mixture, name: String) {
      self.init(
        name: name, samples: mixture.samples,
        answers: Array(zip(mixture.classes, mixture.regions)).map { (classIndex: $0, region: $1) })
    }
  }

  public struct Curves: Sendable {
    public let deletion: PerturbationCurve
    public let insertion: PerturbationCurve
  }

  /// A sound with what the methods say of it.
  public struct Example: Sendable {
    public let name: String
    /// Its number among the measurements.
    public let sound: Int
    /// Mono, at the front end's rate.
    public let samples: [Float]
    /// Whether it is known where the class sounds.
    public let isKnown: Bool
    public let target: Target
    public let listening: Listening
    public let explanations: [ClipExplanation]
  }

  /// - Parameter settings: for all methods; what the budget tells goes before.
  public init(
    _ model: AudioModel, methods: [AttributionMethod], settings: AttributionMethod.Settings = .init(),
    budget: Budget = Budget()
  ) {
    self.model = model.replacing(network: Self.network(model.network.graph, like: model.network))
    self.budget = budget
    self.methods = methods
    self.settings = settings
    measured = Measurements(methods: methods)
  }

  /// Measures on all of these.
  ///
  /// - Parameter progress: called with the explanations done, their number, and what is being explained.
  public mutating func run(
    clips: [Clip], known: [Known],
    progress: (_ done: Int, _ whole: Int, _ what: String) -> Void = { _, _, _ in }
  ) throws {
    let close = min(budget.closeLooks, clips.count)
    whole =
      methods.count
      * (clips.count + known.reduce(0) { $0 + $1.answers.count }
        + close * (2 + budget.sanityStages + budget.disturbances))
    for (place, clip) in clips.enumerated() {
      try measure(clip, isClose: place < close, progress)
      // From here on only the true network is asked.
      if place == close - 1 { sanityModels = nil }
    }
    for sound in known { try measure(sound, progress) }
    measured.keep(methods)
  }

  // MARK: - Clips

  private mutating func measure(
    _ clip: Clip, isClose: Bool, _ progress: (Int, Int, String) -> Void
  ) throws {
    let before = model.network.multiplyAccumulates
    let listening = try model.listen(to: clip.samples)
    let once = max(1, model.network.multiplyAccumulates - before)
    guard let target = try model.targets(.top(1), for: listening).first else { return }
    let sound = measured.add(sound: clip.name)
    let trial = try self.trial(listening, target)
    let shared = RowMemory(bound: 256 << 20, keepsGradients: true)
    var shown: [ClipExplanation] = []
    for method in methods {
      progress(done, whole, "\(clip.name): \(method.name)")
      // Times are those of a method alone.
      let before = model.network.multiplyAccumulates
      let start = ContinuousClock.now
      guard
        let explanation = try explain(
          model, listening, target, method, memory: isClose ? RowMemory() : shared)
      else { continue }
      if isClose {
        let work = model.network.multiplyAccumulates - before
        add((ContinuousClock.now - start).inSeconds, method, .seconds, sound)
        add(Double(work) / Double(once), method, .evaluations, sound)
      }
      try judge(explanation, trial, sound)
      try listen(explanation, to: clip.samples, sound)
      if isClose { try lookClosely(at: explanation, listening, trial, sound, shared, progress) }
      shown.append(explanation)
    }
    show(
      Example(
        name: clip.name, sound: sound, samples: clip.samples, isKnown: false, target: target,
        listening: listening, explanations: shown))
  }

  /// Faithfulness, complexity and infidelity.
  private mutating func judge(_ explanation: ClipExplanation, _ trial: Trial, _ sound: Int) throws {
    let method = explanation.method
    let curves = Curves(
      deletion: try trial.deletion(explanation.picture, steps: budget.steps),
      insertion: try trial.insertion(explanation.picture, steps: budget.steps))
    self.curves[method, default: []].append(curves)
    add(curves.deletion.area, method, .deletion, sound)
    add(curves.insertion.area, method, .insertion, sound)
    let masked = try trial.masked(by: explanation.attribution)
    add(masked.drop, method, .averageDrop, sound)
    add(masked.increase, method, .increase, sound)
    add(masked.gain, method, .averageGain, sound)
    add(Concentration.sparseness(explanation.attribution), method, .sparseness, sound)
    add(Concentration.entropy(explanation.attribution), method, .complexity, sound)
    let disturbances = Trial.disturbances(
      of: trial.x, samples: budget.disturbances, seed: budget.seed)
    add(
      try trial.infidelity(explanation.attribution, disturbances: disturbances, isRelative: true), method,
      .infidelity, sound)
  }

  /// Plays what is heard and what is ignored to the model.
  private mutating func listen(_ explanation: ClipExplanation, to samples: [Float], _ sound: Int) throws {
    let whole = Recording(channels: [samples], sampleRate: model.frontEnd.sampleRate)
    let parts = heardAndIgnored(whole, mask: explanation.mask, frontEnd: model.frontEnd)
    func tells(_ part: Recording) throws -> Bool {
      try explanation.target.map { try model.listen(to: part.mono).ranking.prefix(3).contains($0.index) }
        ?? false
    }
    add(try tells(parts.heard) ? 100 : 0, explanation.method, .heardKept, sound)
    add(try tells(parts.ignored) ? 0 : 100, explanation.method, .ignoredLost, sound)
  }

  /// Robustness and sanity.
  private mutating func lookClosely(
    at explanation: ClipExplanation, _ listening: Listening, _ trial: Trial, _ sound: Int,
    _ shared: RowMemory,
    _ progress: (Int, Int, String) -> Void
  ) throws {
    guard let target = explanation.target else { return }
    let method = explanation.method
    var correlations: [Double] = []
    for (stage, model) in try shuffledModels().enumerated() {
      progress(done, whole, "weights shuffled \(stage + 1)/\(budget.sanityStages): \(method.name)")
      guard let other = try explain(model, listening, target, method, memory: RowMemory()) else { continue }
      correlations.append(
        abs(similarity(explanation.attribution.magnitudes, other.attribution.magnitudes, of: listening)))
    }
    add(Criterion.Statistic.mean.of(correlations), method, .parameterRandomisation, sound)
    add(correlations.last, method, .fullRandomisation, sound)

    if model.classCount > 1, let other = try randomTarget(besides: target, listening) {
      progress(done, whole, "another class: \(method.name)")
      if let other = try explain(model, listening, other, method, memory: shared) {
        add(
          similarity(explanation.attribution.magnitudes, other.attribution.magnitudes, of: listening), method,
          .randomLogit, sound)
      }
    } else {
      done += 1
    }

    // A picture that is shaken has no samples to take apart.
    guard !AttributionMethod.ofSounds.contains(method) else {
      done += budget.disturbances
      return
    }
    let disturbed = MaxSensitivity(samples: budget.disturbances, seed: budget.seed).disturbed(trial.x)
    var others: [Tensor] = []
    for (place, x) in disturbed.enumerated() {
      progress(done, whole, "shaken \(place + 1)/\(disturbed.count): \(method.name)")
      let shaken = listening.replacing(logMel: x.reshaped(to: listening.logMel.shape))
      guard let other = try explain(model, shaken, target, method, memory: RowMemory()) else { continue }
      others.append(other.attribution)
    }
    add(MaxSensitivity.value(explanation.attribution, disturbed: others), method, .maxSensitivity, sound)
  }

  /// A class drawn at random.
  private func randomTarget(besides target: Target, _ listening: Listening) throws -> Target? {
    var generator = GaussianGenerator(seed: budget.seed &+ UInt64(target.index))
    let step = 1 + Int(Double(generator.uniform()) * Double(model.classCount - 1))
    let index = (target.index + min(step, model.classCount - 1)) % model.classCount
    return try model.targets(.index(index), for: listening).first
  }

  /// The model with more and more of its weights shuffled, from the last layer up.
  private mutating func shuffledModels() throws -> [AudioModel] {
    if let sanityModels { return sanityModels }
    let models = try model.network.graph.shufflingLayers(
      stages: budget.sanityStages, at: model.patchInputShape, seed: budget.seed
    ).map { _, graph in
      model.replacing(network: Self.network(graph, like: model.network))
    }
    sanityModels = models
    return models
  }

  /// A network whose programs do not pile up: dozens of methods ask for as many, each with its intermediate results.
  private static func network(_ graph: Graph, like other: Network) -> Network {
    Network(graph, threads: other.threads, memory: other.memory ?? 1 << 30)
  }

  // MARK: - Sounds with known answers

  private mutating func measure(_ known: Known, _ progress: (Int, Int, String) -> Void) throws {
    let listening = try model.listen(to: known.samples)
    let sound = measured.add(sound: known.name)
    let shared = RowMemory(bound: 256 << 20, keepsGradients: true)
    let targets = try known.answers.flatMap { try model.targets(.index($0.classIndex), for: listening) }
    var shown: [ClipExplanation] = []
    for method in methods {
      progress(done, whole, "\(known.name): \(method.name)")
      let maps = try targets.compactMap { try explain(model, listening, $0, method, memory: shared) }
      guard !maps.isEmpty, maps.count == known.answers.count else { continue }
      let judged = zip(maps, known.answers).map { map, answer in (map.picture, answer.region) }
      func mean(_ value: (Tensor, Tensor) -> Double) -> Double? {
        Criterion.Statistic.mean.of(judged.map { value($0.0, $0.1) })
      }
      add(mean { Localisation.points($0, into: $1) ? 100 : 0 }, method, .pointing, sound)
      add(mean { Localisation.mass($0, in: $1) }, method, .relevanceMass, sound)
      add(mean { Localisation.rank($0, in: $1) }, method, .relevanceRank, sound)
      if judged.count == 2 {
        add(
          1 - similarity(judged[0].0, judged[1].0, of: listening), method, .classDifference, sound)
        // Of a class's own part: asked for it, less asked for the other.
        let contrast = (0..<2).map { index in
          Localisation.mass(judged[index].0, in: judged[index].1)
            - Localisation.mass(judged[1 - index].0, in: judged[index].1)
        }
        add(Criterion.Statistic.mean.of(contrast), method, .classContrast, sound)
      }
      shown += maps
    }
    for target in targets {
      show(
        Example(
          name: known.name, sound: sound, samples: known.samples, isKnown: true, target: target,
          listening: listening, explanations: shown.filter { $0.target == target }))
    }
  }

  // MARK: - Shared

  /// The rank correlation of two maps over the bins that hold any sound: where there is digital silence, as in what a
  /// short clip is padded with, many methods say zero whatever the network. 1 where both maps are constant, 0 where one is.
  private func similarity(_ a: Tensor, _ b: Tensor, of listening: Listening) -> Double {
    let silence = model.frontEnd.silence
    let sounding = listening.logMel.values.enumerated().filter { $0.element != silence }.map(\.offset)
    let (a, b) = (a.values, b.values)
    let (x, y) = (sounding.map { a[$0] }, sounding.map { b[$0] })
    return rankCorrelation(x, y) ?? (Set(x).count > 1 || Set(y).count > 1 ? 0 : 1)
  }

  /// One explanation, counted; nil where the method cannot explain this model, which is then left out.
  private mutating func explain(
    _ model: AudioModel, _ listening: Listening, _ target: Target, _ method: AttributionMethod,
    memory: RowMemory
  ) throws -> ClipExplanation? {
    defer { done += 1 }
    do {
      let explanation = try model.explain(
        listening, target: target, by: method, settings.limited(to: budget.evaluations, for: method),
        memory: memory)
      guard explanation.attribution.values.allSatisfy(\.isFinite) else {
        note("\(method.name): a map with values that are not finite was passed over")
        return nil
      }
      return explanation
    } catch let error as ExplainError where error.isOfTheMethod {
      note("\(method.name): left out: \(error)")
      methods.removeAll { $0 == method }
      return nil
    }
  }

  private mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

  private mutating func add(
    _ value: Double?, _ method: AttributionMethod, _ criterion: Criterion, _ sound: Int
  ) {
    measured.add(value, method, criterion, sound: sound)
  }

  /// Keeps the first of its kind.
  private mutating func show(_ example: Example) {
    guard examples.count(where: { $0.isKnown == example.isKnown }) < budget.examples else { return }
    examples.append(example)
  }

  /// The question of a clip and a class.
  private func trial(_ listening: Listening, _ target: Target) throws -> Trial {
    let x = listening.logMel.reshaped(to: Shape([1] + listening.logMel.shape.dimensions))
    @Sendable func column(_ matrix: Tensor) -> [Double] {
      matrix.withUnsafeValues { values in
        (0..<matrix.shape[0]).map { Double(values[$0 * matrix.shape[1] + target.index]) }
      }
    }
    return try Trial(
      x, nothing: budget.removal.rows(like: x),
      probabilities: { [model] in column(try model.clipOutputs(at: $0).scores) },
      scores: { [model] in column(try model.clipOutputs(at: $0).logits) })
  }
}

extension AttributionMethod.Settings {
  /// With no more evaluations of the network than these, where the method takes as many as it is told; a gradient counts
  /// as two.
  func limited(to evaluations: Int, for method: AttributionMethod) -> Self {
    var settings = self
    settings.samples = samples ?? (method.isMadeOfManyGradients ? max(1, evaluations / 2) : evaluations)
    settings.steps = min(steps, max(1, evaluations / 2))
    settings.strides = strides ?? window
    return settings
  }
}

extension AttributionMethod {
  /// Whether its samples are gradients.
  fileprivate var isMadeOfManyGradients: Bool {
    guard case .input(let input) = procedure(Settings()) else { return false }
    return input is SmoothGrad || input is ExpectedGradients
  }
}

extension Duration {
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
