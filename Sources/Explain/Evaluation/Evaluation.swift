import Audio
import Graphs
public import Models
import Tensors

/// Explains many sounds by many methods and measures how good the explanations are.
///
/// Clips are asked about their most probable class: faithfulness, complexity, listening and cost on all of them,
/// robustness and sanity on the first few. Mixtures and annotated sounds, where it is known where a class sounds, tell
/// localisation and discrimination. All methods see the same sounds, the same draws and the same budget.
public struct Evaluation: Sendable {
  public let model: AudioModel
  public let budget: Budget
  public internal(set) var measured: Measurements
  /// For each method, those of each clip.
  public internal(set) var curves: [AttributionMethod: [Curves]] = [:]
  /// What the first clips and mixtures look like.
  public internal(set) var examples: [Example] = []
  /// What was left out, and why.
  public internal(set) var notes: [String] = []

  private let settings: AttributionMethod.Settings
  var methods: [AttributionMethod]
  /// The clips that robustness and sanity are measured on.
  var close: [(question: Question, explanations: [ClipExplanation])] = []
  /// What is being measured now.
  private var open = Step(.sanity, name: "")
  var done = 0
  /// How many explanations there will be, for progress.
  var whole = 1

  /// The probabilities while bins are removed and put in.
  public struct Curves: Sendable {
    public let deletion: PerturbationCurve
    public let insertion: PerturbationCurve
  }

  /// - Parameter settings: for all methods; what the budget tells goes before.
  public init(
    _ model: AudioModel, methods: [AttributionMethod], settings: AttributionMethod.Settings = .init(),
    budget: Budget = Budget()
  ) {
    let network = model.network
    self.model = model.replacing(network: (try? Self.network(network.stepGraph, like: network)) ?? network)
    self.budget = budget
    self.methods = methods
    self.settings = settings
    measured = Measurements(methods: methods)
  }

  /// Measures on all of these.
  ///
  /// - Parameters:
  ///   - finished: steps of an earlier run of the same sounds, methods and budget, which are not measured again.
  ///   - control: told the explanations done, and what is being explained.
  ///   - keep: called with each step that is measured.
  /// - Throws: `Cancelled`; what an explanation and `keep` throw.
  public mutating func run(
    clips: [Clip], known: [Known], finished: [Step] = [], control: RunControl = RunControl(),
    keep: (Step) throws -> Void = { _ in }
  ) throws {
    let close = min(budget.closeLooks, clips.count)
    whole =
      methods.count
      * (clips.count + known.reduce(0) { $0 + $1.answers.count }
        + close * (2 + budget.sanityStages + budget.disturbances))
    let sanity = finished.first { $0.kind == .sanity }
    for (place, clip) in clips.enumerated() {
      let isClose = place < close
      if let step = finished.first(where: { $0.kind == .clip && $0.name == clip.name }) {
        try restore(step, of: clip, isClose: isClose && sanity == nil, control)
        done += methods.count * (isClose ? 2 + budget.disturbances : 1)
      } else {
        open = Step(.clip, name: clip.name)
        try measure(clip, isClose: isClose, control)
        try keep(open)
      }
    }
    if let sanity {
      restore(sanity)
      self.close = []
    } else if !self.close.isEmpty {
      open = Step(.sanity, name: "")
      try measureSanity(control)
      try keep(open)
    }
    for sound in known {
      if let step = finished.first(where: { $0.kind == .known && $0.name == sound.name }),
        examples.count(where: \.isKnown) >= budget.examples
      {
        _ = measured.add(sound: sound.name)
        restore(step)
        done += methods.count * sound.answers.count
      } else {
        open = Step(.known, name: sound.name)
        try measure(sound, control)
        try keep(open)
      }
    }
    measured.keep(methods)
  }

  // MARK: - Clips

  /// What all methods are asked about one clip.
  struct Question {
    let listening: Listening
    let target: Target
    /// Its number among the measurements.
    let sound: Int
    let trial: Trial
    let disturbances: Disturbances
    let sounding: SoundingBins

    /// How much the magnitudes of two maps agree.
    func agreement(_ a: ClipExplanation, _ b: ClipExplanation) -> Double {
      sounding.agreement(a.attribution.magnitudes, b.attribution.magnitudes)
    }
  }

  private mutating func measure(
    _ clip: Clip, isClose: Bool, _ control: RunControl
  ) throws {
    let before = model.network.multiplyAccumulates
    let listening = try model.listen(to: clip.samples)
    let once = max(1, model.network.multiplyAccumulates - before)
    try model.requireProbabilities(of: listening)
    guard let target = try model.targets(.top(1), for: listening).first else { return }
    let trial = try self.trial(listening, target)
    let noise = Trial.disturbances(of: trial.x, samples: budget.disturbances, seed: budget.seed)
    let question = Question(
      listening: listening, target: target, sound: measured.add(sound: clip.name), trial: trial,
      disturbances: try trial.disturbed(by: noise), sounding: try sounding(in: listening))
    let sound = question.sound
    let shared = Self.sharedMemory
    var shown: [ClipExplanation] = []
    for method in methods {
      try control.report(done, of: whole, "\(clip.name): \(method.name)")
      // Times are those of a method alone.
      let before = model.network.multiplyAccumulates
      let start = ContinuousClock.now
      guard
        let explanation = try explain(
          model, listening, target, method, memory: isClose ? RowMemory() : shared)
      else { continue }
      // What owes nothing to the network costs nothing, which says nothing for it.
      if isClose, !AttributionMethod.controls.contains(method) {
        let work = model.network.multiplyAccumulates - before
        add((ContinuousClock.now - start).inSeconds, method, .seconds, sound)
        add(Double(work) / Double(once), method, .evaluations, sound)
      }
      try judge(explanation, question)
      try listen(explanation, to: clip.samples, target, sound)
      if isClose { try lookClosely(at: explanation, question, shared, control) }
      shown.append(explanation)
    }
    if isClose { close.append((question, shown)) }
    show(
      Example(
        name: clip.name, sound: sound, samples: clip.samples, isKnown: false, target: target,
        listening: listening, explanations: shown))
  }

  /// Faithfulness, complexity and infidelity.
  private mutating func judge(_ explanation: ClipExplanation, _ question: Question) throws {
    let (method, sound) = (explanation.method, question.sound)
    let found = try MapMeasurements(
      explanation.attribution, shown: explanation.picture, question.trial, steps: budget.steps,
      disturbances: question.disturbances)
    curves[method, default: []].append(Curves(deletion: found.deletion, insertion: found.insertion))
    open.curves.append(
      Step.Curve(
        method: method.name, deletion: found.deletion.values, insertion: found.insertion.values))
    add(found.deletion.area, method, .deletion, sound)
    add(found.insertion.area, method, .insertion, sound)
    add(found.masked.drop, method, .averageDrop, sound)
    add(found.masked.increase, method, .increase, sound)
    add(found.masked.gain, method, .averageGain, sound)
    add(found.sparseness, method, .sparseness, sound)
    add(found.complexity, method, .complexity, sound)
    add(found.infidelity.value(isRelative: true), method, .infidelity, sound)
  }

  /// Plays what is heard and what is ignored to the model.
  private mutating func listen(
    _ explanation: ClipExplanation, to samples: [Float], _ target: Target, _ sound: Int
  ) throws {
    let whole = Recording(channels: [samples], sampleRate: model.sampleRate)
    let parts = explanation.heardAndIgnored(whole, model)
    func tells(_ part: Recording) throws -> Bool {
      try model.listen(to: part.mono).ranking.prefix(3).contains(target.index)
    }
    add(try tells(parts.heard) ? 100 : 0, explanation.method, .heardKept, sound)
    add(try tells(parts.ignored) ? 0 : 100, explanation.method, .ignoredLost, sound)
  }

  /// Robustness, and whether a map knows its class.
  private mutating func lookClosely(
    at explanation: ClipExplanation, _ question: Question, _ shared: RowMemory,
    _ control: RunControl
  ) throws {
    let (listening, target, method) = (question.listening, question.target, explanation.method)
    if model.classCount > 1, let other = try randomTarget(besides: target, listening) {
      try control.report(done, of: whole, "another class: \(method.name)")
      if let other = try explain(model, listening, other, method, memory: shared) {
        add(question.agreement(explanation, other), method, .randomLogit, question.sound)
      }
    } else {
      done += 1
    }

    // A picture that is shaken has no samples to take apart.
    guard !AttributionMethod.ofSounds.contains(method) else {
      done += budget.disturbances
      return
    }
    let disturbed = MaxSensitivity(samples: budget.disturbances, seed: budget.seed).disturbed(
      question.trial.x)
    var others: [Tensor] = []
    for (place, x) in disturbed.enumerated() {
      try control.report(done, of: whole, "shaken \(place + 1)/\(disturbed.count): \(method.name)")
      let shaken = listening.replacing(logMel: x.reshaped(to: listening.logMel.shape))
      guard let other = try explain(model, shaken, target, method, memory: RowMemory()) else { continue }
      others.append(other.attribution)
    }
    add(
      MaxSensitivity.value(explanation.attribution, disturbed: others), method, .maxSensitivity,
      question.sound)
  }

  /// A class drawn at random.
  private func randomTarget(besides target: Target, _ listening: Listening) throws -> Target? {
    var generator = GaussianGenerator(seed: budget.seed &+ UInt64(target.index))
    let step = 1 + Int(Double(generator.uniform()) * Double(model.classCount - 1))
    let index = (target.index + min(step, model.classCount - 1)) % model.classCount
    return try model.targets(.index(index), for: listening).first
  }

  /// What is left of the maps of the close clips when more and more weights are shuffled, from the last layer up: one
  /// network at a time, as each remembers much.
  private mutating func measureSanity(_ control: RunControl) throws {
    guard !close.isEmpty else { return }
    defer { close = [] }
    var correlations = close.map { _ in [AttributionMethod: [Double]]() }
    let network = model.network
    let stages = try network.stepGraph.shufflingLayers(
      stages: budget.sanityStages, at: network.fileShapes(at: model.patchInputShape), seed: budget.seed)
    for (stage, (_, graph)) in stages.enumerated() {
      let shuffled = model.replacing(network: try Self.network(graph, like: network))
      for (place, (question, explanations)) in close.enumerated() {
        for explanation in explanations where methods.contains(explanation.method) {
          let method = explanation.method
          try control.report(done, of: whole, "weights shuffled \(stage + 1)/\(stages.count): \(method.name)")
          guard
            let other = try explain(
              shuffled, question.listening, question.target, method, memory: RowMemory())
          else { continue }
          correlations[place][method, default: []].append(abs(question.agreement(explanation, other)))
        }
      }
    }
    for (found, (question, _)) in zip(correlations, close) {
      for (method, values) in found {
        add(Criterion.Statistic.mean.of(values), method, .parameterRandomisation, question.sound)
        add(values.last, method, .fullRandomisation, question.sound)
      }
    }
  }

  /// A network whose programs do not pile up: dozens of methods ask for as many, each with its intermediate results.
  private static func network(_ graph: Graph, like other: Network) throws -> Network {
    try other.replacing(stepGraph: graph, memory: other.memory ?? 1 << 28)
  }

  // MARK: - Sounds with known answers

  private mutating func measure(_ known: Known, _ control: RunControl) throws {
    let listening = try model.listen(to: known.samples)
    let sound = measured.add(sound: known.name)
    let sounding = try sounding(in: listening)
    let shared = Self.sharedMemory
    let targets = try known.answers.flatMap { try model.targets(.index($0.classIndex), for: listening) }
    var shown: [ClipExplanation] = []
    for method in methods {
      try control.report(done, of: whole, "\(known.name): \(method.name)")
      let maps = try targets.compactMap { try explain(model, listening, $0, method, memory: shared) }
      guard !maps.isEmpty, maps.count == known.answers.count else { continue }
      let judged = zip(maps, known.answers).map { map, answer in (map: map.picture, region: answer.region) }
      let found = judged.map { Localisation.Finding($0.map, in: $0.region) }
      add(Criterion.Statistic.mean.of(found.map { $0.points ? 100 : 0 }), method, .pointing, sound)
      add(Criterion.Statistic.mean.of(found.map(\.mass)), method, .relevanceMass, sound)
      add(Criterion.Statistic.mean.of(found.map(\.rank)), method, .relevanceRank, sound)
      if judged.count == 2 {
        add(1 - sounding.agreement(judged[0].map, judged[1].map), method, .classDifference, sound)
        // Of a class's own part: asked for it, less asked for the other.
        let contrast = (0..<2).map { index in
          found[index].mass - Localisation.mass(judged[1 - index].map, in: judged[index].region)
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

  /// What the methods have in common, asked of the true network.
  static var sharedMemory: RowMemory { RowMemory(bound: 256 << 20, keepsGradients: true) }

  func sounding(in listening: Listening) throws -> SoundingBins {
    let picture = listening.logMel.reshaped(to: Shape([1] + listening.logMel.shape.dimensions))
    return SoundingBins(of: picture, silence: try model.silence.rows(like: picture))
  }

  /// One explanation, counted; nil where the method cannot explain this model, which is then left out.
  mutating func explain(
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
      open.leftOut.append(method.name)
      return nil
    }
  }

  mutating func note(_ text: String) {
    open.notes.append(text)
    if !notes.contains(text) { notes.append(text) }
  }

  private mutating func add(
    _ value: Double?, _ method: AttributionMethod, _ criterion: Criterion, _ sound: Int
  ) {
    measured.add(value, method, criterion, sound: sound)
    if let value, value.isFinite {
      open.values.append(
        Step.Value(method: method.name, criterion: criterion.name, sound: sound, value: value))
    }
  }

  /// Keeps the first of its kind.
  mutating func show(_ example: Example) {
    guard examples.count(where: { $0.isKnown == example.isKnown }) < budget.examples else { return }
    examples.append(example)
  }

  /// The question of a clip and a class.
  func trial(_ listening: Listening, _ target: Target) throws -> Trial {
    try model.trial(of: listening, target, removal: budget.removal)
  }
}

extension Duration {
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
