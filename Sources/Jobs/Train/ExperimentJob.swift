import Audio
package import Explain
import Figures
import Files
import Models
package import Reports
import Tensors
package import Train

/// Trains once for each fold and each variant of the clips, and tests every network on every variant: the clips it did not
/// learn from, all folds together, beside two baselines.
///
/// The baselines hear each clip as it is: one knows how often each class occurs, the other is a logistic regression on mean
/// and deviation of the log-mel bands. A network of a fold that was finished before is not trained again.
package struct ExperimentJob {
  private let request: TrainRequest
  private let variants: [Variant]
  private let workspace: Workspace
  private let data: DataSet
  private let rules: [(name: String?, rule: SplitRule)]

  package enum Event: Sendable {
    case training(name: String, TrainEvent)
    case trained(name: String, TrainRecord)
    case system(SystemRecord)
  }

  /// - Parameters:
  ///   - variants: of the training side, and of the test side of each.
  ///   - byFold: whether every fold is the test side once; else the split is the request's.
  /// - Throws: `DataSetError`; `TrainRequestError.noFolds`.
  package init(_ request: TrainRequest, variants: [Variant], byFold: Bool, in workspace: Workspace) throws {
    (self.request, self.workspace) = (request, workspace)
    self.variants = variants.isEmpty ? [request.variant] : variants
    data = try request.data.read()
    let folds = Set(data.clips.compactMap(\.fold)).sorted()
    guard byFold else {
      rules = [(nil, request.data.rule)]
      return
    }
    guard folds.count > 1 else { throw TrainRequestError.noFolds(path: request.data.path) }
    rules = folds.map { ("fold-\($0)", .folds(test: [$0], validation: [])) }
  }

  /// - Parameter store: gets `systems.json` and the pictures of each network's answers.
  /// - Throws: `Cancelled`, and what training and testing throw.
  package func run(
    in store: any ResultStore, draws: Int = 1000, control: RunControl = RunControl(),
    emit: (Event) throws -> Void
  ) throws -> [SystemRecord] {
    var answers: [String: [Answers.Clip]] = [:]
    var order: [String] = []
    func add(_ clips: [Answers.Clip], to name: String) {
      if answers[name] == nil { order.append(name) }
      answers[name, default: []] += clips
    }
    let pieces = rules.count * variants.count
    for (index, (fold, rule)) in rules.enumerated() {
      let split = try data.split(by: rule)
      for (place, variant) in variants.enumerated() {
        let part = control.part(index * variants.count + place, of: pieces)
        let name = [fold, variants.count > 1 ? variant.rawValue : nil].compactMap { $0 }.joined(
          separator: ".")
        var own = request
        (own.data.rule, own.variant, own.reusesFinished) = (rule, variant, true)
        if !name.isEmpty { own.output = Self.path(request.output, name) }
        let record = try TrainJob(own, in: workspace).run(control: part) { event in
          try emit(.training(name: name, event))
        }
        try emit(.trained(name: name, record))
        let model = try AudioModel(named: own.output, threads: workspace.threads)
        for tested in variants {
          let clips = try TestRun.answers(
            of: model, on: data, split.test, as: tested, seconds: request.paddedSeconds,
            threads: workspace.threads
          ).clips
          add(
            clips, to: variants.count > 1 ? "trained \(variant.rawValue), tested \(tested.rawValue)" : title)
        }
      }
      let baselines = try Baselines().answers(
        of: data, training: split.training + split.validation, on: split.test, cache: request.cache,
        threads: workspace.threads)
      for (name, answers) in baselines { add(answers.clips, to: name) }
    }
    var records: [SystemRecord] = []
    for name in order {
      let measures = Measures(
        Answers(classes: data.classes, clips: answers[name] ?? [], isMultiLabel: data.isMultiLabel),
        draws: draws, seed: request.plan.seed)
      let record = SystemRecord(name, measures)
      records.append(record)
      try emit(.system(record))
      let figures = TestFigures(measures, subject: "\(name): \(data.name), \(record.clips) clips")
      let slug = FileNames.slug(of: name, orElse: "system-\(records.count)")
      if let figure = figures.confusion(.counts) {
        try store.write(figure.png(scale: 1.5), to: "\(slug).confusion.png")
      }
      try store.write(figures.classes.png(), to: "\(slug).classes.png")
    }
    try store.write(RecordCoding.file(records), to: "systems.json")
    return records
  }

  private var title: String {
    switch request.beginning {
    case .architecture(let architecture, _): "\(architecture.rawValue), from random weights"
    case .model(let choice, let transfer):
      "\(Folder.name(of: choice.name)), \(transfer.freezesTrunk ? "new head" : "fine-tuned")"
    }
  }

  /// `sounds.onnx` as `sounds.fold-1.onnx`.
  private static func path(_ output: String, _ name: String) -> String {
    let stem = output.hasSuffix(".onnx") ? String(output.dropLast(5)) : output
    return "\(stem).\(name).onnx"
  }
}
