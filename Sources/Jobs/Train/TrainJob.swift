import Audio
package import Explain
import Files
import Graphs
import Models
package import Reports
import Tensors
package import Train

/// What a run of `train` tells, one by one.
package enum TrainEvent: Sendable {
  /// What should be known of the data or the network, one sentence.
  case remark(String)
  /// A training goes on behind so many epochs.
  case resumed(epochs: Int)
  case epoch(EpochRecord)
}

/// Makes a network from labelled sounds, and writes it as an ONNX file that knows how to listen.
package struct TrainJob {
  private let request: TrainRequest
  private let workspace: Workspace
  private let data: DataSet
  private let split: Split

  /// - Throws: `FileError`, `DataSetError`.
  package init(_ request: TrainRequest, in workspace: Workspace) throws {
    (self.request, self.workspace) = (request, workspace)
    data = try request.data.read()
    split = try data.split(by: request.data.rule)
  }

  /// - Throws: `Cancelled`, with the state kept in the checkpoint; `TrainingError`, `FeatureError`, and what reading and
  ///   writing throw; what `emit` throws.
  package func run(control: RunControl = RunControl(), emit: (TrainEvent) throws -> Void) throws
    -> TrainRecord
  {
    let began = ContinuousClock.now
    for remark in split.remarks { try emit(.remark(remark)) }
    let files = TrainingFiles(output: request.output)
    if request.startsAnew { files.removeCheckpoint() }
    let sides = Sides(split)
    var beginning = try NetworkBeginning(request, data: data, threads: workspace.threads)
    for remark in beginning.remarks { try emit(.remark(remark)) }
    let clips = sides.all.map { data.clips[$0] }
    let store = try self.store(
      of: clips, beginning.model, control.part(from: 0, to: 0.15, "computing pictures"))
    for failure in store.failures { try emit(.remark("passed over: \(failure.reason)")) }
    let usable = sides.usable(in: store)
    if beginning.scalesInput {
      let (mean, deviation) = store.statistics(of: usable.training)
      try beginning.scaleInput(mean: mean, deviation: deviation)
    }
    let model = beginning.model
    let labels = ClipLabels(
      classesOf: clips.map(\.classes), classes: data.classes.count, isMultiLabel: data.isMultiLabel,
      training: usable.training, validation: usable.validation)
    let pictures = PictureExamples(
      store, model: model, augmentation: try pictureAugmentation(of: model),
      masks: try request.regions.map { try masks(from: $0, clips, store, model, emit) })
    let (training, boundary) = try self.training(
      beginning, pictures, labels, clips: clips, files, control.part(from: 0.15, to: 0.3))
    if request.reusesFinished, let finished = try beginning.finished(training.identity, at: request.output) {
      var record = record(of: training, usable, boundary, began)
      (record.history, record.epochs) = (finished, finished.count)
      return record
    }
    do {
      try training.run(control: control.part(from: 0.3, to: 1)) { event in
        switch event {
        case .resumed(let epochs): try emit(.resumed(epochs: epochs))
        case .epoch(let record):
          try files.add(record)
          try emit(.epoch(record))
        }
      }
    } catch let error as TrainingError {
      // What was best is not lost.
      if case .diverged = error, training.history.contains(where: \.isBest) {
        try beginning.write(training, labels: data.classes, to: request.output)
      }
      throw error
    }
    try beginning.write(training, labels: data.classes, to: request.output)
    var record = record(of: training, usable, boundary, began)
    if !usable.test.isEmpty {
      let tested = try training.evaluate(usable.test, with: training.weights)
      (record.testLoss, record.testAccuracy) = (tested.loss, tested.accuracy)
    }
    files.removeCheckpoint()
    return record
  }

  private func record(
    of training: Training, _ sides: Sides, _ boundary: String?, _ began: ContinuousClock.Instant
  ) -> TrainRecord {
    TrainRecord(
      model: PathText.shown(request.output), classes: data.classes, trainingClips: sides.training.count,
      validationClips: sides.validation.count, testClips: sides.test.count,
      parameters: training.parameters.reduce(0) { $0 + (training.weights[$1]?.count ?? 0) },
      frozenUpTo: boundary, history: training.history, seconds: (ContinuousClock.now - began) / .seconds(1))
  }

  // MARK: - Examples

  /// The pictures of all sides, in the variations of the training side's variant.
  private func store(of clips: [LabelledClip], _ model: AudioModel, _ control: RunControl) throws
    -> FeatureStore
  {
    let plan = VariationPlan(
      request.variant, seconds: request.paddedSeconds, augmentations: request.augmentations,
      seed: request.plan.seed)
    return try FeatureStore(
      clips, perClip: clips.map { plan.variations(of: $0) }, frontEnd: model.frontEnd,
      channels: model.channelCount, cache: request.cache, threads: workspace.threads, control: control)
  }

  private func pictureAugmentation(of model: AudioModel) throws -> PictureAugmentation {
    var augmentation = request.augmentation
    if request.gain > 0 {
      augmentation.decibels = request.gain
      augmentation.gain = try PictureGain(model.frontEnd)
    }
    if request.regions != nil, augmentation.rollsInTime { throw TrainRequestError.rolledRegions }
    return augmentation
  }

  /// Where evidence may lie in every picture.
  private func masks(
    from path: String, _ clips: [LabelledClip], _ store: FeatureStore, _ model: AudioModel,
    _ emit: (TrainEvent) throws -> Void
  ) throws -> [[Tensor?]] {
    var part = data
    part.clips = clips
    let regions = try AttentionRegions(reading: path, for: part)
    for note in regions.notes { try emit(.remark(note)) }
    guard !regions.knownClips.isEmpty else { throw TrainRequestError.noRegions(path: path) }
    let plan = VariationPlan(
      request.variant, seconds: request.paddedSeconds, augmentations: request.augmentations,
      seed: request.plan.seed)
    var masks = [[Tensor?]](
      repeating: [Tensor?](repeating: nil, count: clips.count), count: store.variationCount)
    for clip in regions.knownClips where store.isUsable(clip: clip) {
      let seconds =
        try clips[clip].stretch.map { $0.upperBound - $0.lowerBound }
        ?? Recording.probe(clips[clip].path).duration ?? Recording.read(clips[clip].path).duration
      for (place, variation) in plan.variations(of: clips[clip]).enumerated() {
        masks[place][clip] = regions.mask(
          clip: clip, variation: variation, axes: model.axes,
          frames: store.frames(clip: clip, variation: place), seconds: seconds)
      }
    }
    return masks
  }

  // MARK: - Training

  /// The run, and the tensor up to which everything is frozen.
  private func training(
    _ beginning: NetworkBeginning, _ pictures: PictureExamples, _ labels: ClipLabels,
    clips: [LabelledClip], _ files: TrainingFiles, _ control: RunControl
  ) throws -> (Training, String?) {
    let model = beginning.model
    let graph = model.network.graph
    let learnt = try request.plan.learnt(of: beginning.parameters)
    let identity = try identity(of: clips, beginning)
    let isPlain =
      request.augmentation.isIdentity && request.gain == 0 && request.regions == nil
      && request.plan.mixup == 0
    if isPlain, request.plan.patchesPerClip <= 1,
      let part = try FrozenPart(
        graph, input: model.inputName, logits: beginning.logits, learnt: learnt, example: pictures.shape)
    {
      let stored = try part.examples(
        from: pictures, clips: clips.count, input: model.inputName, threads: workspace.threads,
        control: control)
      var plan = request.plan
      // Patches that are computed already cost nothing.
      plan.patchesPerClip = 0
      return (
        try Training(
          part.rest, input: part.restInput, logits: beginning.logits, parameters: learnt, examples: stored,
          labels: labels, plan: plan.withoutPatterns, identity: identity, checkpoint: files.checkpoint,
          threads: workspace.threads), part.boundary
      )
    }
    return (
      try Training(
        graph, input: model.inputName, logits: beginning.logits, parameters: beginning.parameters,
        examples: pictures, labels: labels, plan: request.plan, identity: identity,
        checkpoint: files.checkpoint, threads: workspace.threads), nil
    )
  }

  /// Everything that decides the weights but the plan, in one word.
  private func identity(of clips: [LabelledClip], _ beginning: NetworkBeginning) throws -> String {
    var hash = FNV1a()
    var settings = request
    (settings.plan, settings.cache, settings.output, settings.startsAnew) = (TrainingPlan(), "", "", false)
    settings.reusesFinished = false
    let words =
      clips.map { "\($0.path) \($0.classes) \($0.stretch.map { "\($0)" } ?? "")" } + data.classes
      + [try RecordCoding.line(settings), "\(split.training) \(split.validation)"]
    for byte in words.joined(separator: "\n").utf8 { hash.add(UInt64(byte)) }
    for byte in try beginning.file.bytes(for: request.output) { hash.add(UInt64(byte)) }
    return String(hash.fingerprint, radix: 16)
  }
}

/// Which clips stand on which side, counted among all that are used.
private struct Sides {
  /// Places in the data set.
  let all: [Int]
  var training: [Int]
  var validation: [Int]
  var test: [Int]

  init(_ split: Split) {
    all = split.training + split.validation + split.test
    let (first, second) = (split.training.count, split.training.count + split.validation.count)
    training = Array(0..<first)
    validation = Array(first..<second)
    test = Array(second..<all.count)
  }

  /// Without clips that have no pictures.
  func usable(in store: FeatureStore) -> Sides {
    var sides = self
    sides.training = training.filter(store.isUsable)
    sides.validation = validation.filter(store.isUsable)
    sides.test = test.filter(store.isUsable)
    return sides
  }
}

/// What cannot be trained as asked.
package enum TrainRequestError: RemediableError {
  case rolledRegions
  case noRegions(path: String)
  case noFolds(path: String)
  /// A length of patches for a network that takes one only.
  case fixedPatch(seconds: Double)

  package var isMisuse: Bool { true }

  package var description: String {
    switch self {
    case .rolledRegions:
      "pictures that are rolled in time do not fit regions of the sound; use one of the two"
    case .fixedPatch(let seconds):
      "the network's patches are \(NumberText.rounded(seconds, digits: 4)) s long; another length is for networks that take "
        + "any: leave out --patch, or give a front end of that length"
    case .noFolds(let path):
      "\(PathText.shown(path)): its clips are not in folds, which are tested one by one"
    case .noRegions(let path): "\(PathText.shown(path)): says nothing of any of these clips"
    }
  }
}
