import Audio
package import Explain
import Figures
import Files
import Models
package import Reports
import Tensors
package import Train

/// Lets a model hear labelled clips it was not trained on, and tells how good its answers are.
package struct TestJob {
  private let request: TestRequest
  private let workspace: Workspace
  private let run: TestRun
  package let data: DataSet
  private let split: Split
  /// The clips to hear, among the data set's.
  private let places: [Int]

  /// What was found: the record, and what other systems may be measured on.
  package struct Found: Sendable {
    package var record: TestRecord
    package let measures: Measures
    package let shortcuts: ShortcutReport?
  }

  /// - Throws: `DataSetError`; `TestingError`, also of a model in which shortcuts cannot be looked for; what reading the model
  ///   throws.
  package init(_ request: TestRequest, in workspace: Workspace) throws {
    let data = try request.data.read()
    let split = try data.split(by: request.data.rule)
    let model = try workspace.model(request.model)
    (self.request, self.workspace, self.data, self.split) = (request, workspace, data, split)
    run = try TestRun(model, on: data)
    // Refused now rather than behind all clips.
    if request.findsShortcuts { _ = try ShortcutSearch(model, on: data, run.match) }
    places =
      switch request.side {
      case .test: split.test
      case .validation: split.validation
      case .training: split.training
      case .all: Array(data.clips.indices)
      }
    guard !places.isEmpty else {
      throw TestingError.nothingToTest(data: data.name, side: request.side.rawValue)
    }
  }

  /// - Parameters:
  ///   - store: gets `index.html`, `test.json`, tables and pictures; nil for none.
  ///   - command: as the user typed it.
  ///   - note: told what should be known while the work goes on.
  /// - Throws: `Cancelled`; `TestingError`; what the network and writing throw.
  package func run(
    in store: (any ResultStore)?, command: String, control: RunControl = RunControl(),
    note: (String) throws -> Void = { _ in }
  ) throws -> Found {
    let hearing = control.part(from: 0, to: store == nil && !request.findsShortcuts ? 1 : 0.5)
    let result = try run.run(places, threads: workspace.threads, control: hearing)
    let measures = Measures(
      result.answers, threshold: request.threshold, draws: request.draws, seed: request.seed)
    let model = try workspace.model(request.model)
    var record = TestRecord(
      model: model.name, data: data, side: request.side.rawValue, split: request.data.rule.words, result,
      measures, run.match)
    // Of all clips the split says nothing.
    if request.side != .all { record.notes += split.remarks.map(Self.sentence) }
    for text in record.notes { try note(text) }
    if let meaning = result.meaning, let (text, _) = model.remark(on: meaning) {
      record.notes.append(text + ".")
    }

    var shortcuts: ShortcutReport?
    if request.findsShortcuts {
      var settings = ShortcutSearch.Settings()
      (settings.clips, settings.draws, settings.seed) = (request.shortcutClips, request.draws, request.seed)
      let report = try ShortcutSearch(model, on: data, run.match, settings).run(
        result.answers, training: split.training, control: control.part(from: 0.5, to: 0.8, "shortcuts"))
      record.shortcuts = report.shortcuts.map(ShortcutRecord.init)
      for text in report.notes { try note(text) }
      shortcuts = report
    }
    let mistakes = WorstMistakes(result.answers, data, count: request.worst)
    let compared = ComparedSystems(
      request: request, data: data, split: split, places: places, threads: workspace.threads)
    record.systems += try compared.records(model, control: control.part(from: 0.8, to: 0.85, "comparison"))
    record.worst = mistakes.list.map { $0.record(data) }
    if let store {
      try write(
        &record, measures, mistakes, shortcuts, in: store, command: command,
        control: control.part(from: 0.85, to: 1, "report"))
    }
    return Found(record: record, measures: measures, shortcuts: shortcuts)
  }

  private func write(
    _ record: inout TestRecord, _ measures: Measures, _ mistakes: WorstMistakes, _ shortcuts: ShortcutReport?,
    in store: any ResultStore, command: String, control: RunControl
  ) throws {
    let model = try workspace.model(request.model)
    let figures = TestFigures(
      measures, subject: "\(model.name) on \(data.name), \(record.clips) clips (\(record.side))")
    var files: [(name: String, bytes: [UInt8])] = []
    for (name, content) in [("confusion", ConfusionFigure.Content.counts), ("confusion-shares", .shares)] {
      guard let figure = figures.confusion(content) else { continue }
      files += [("\(name).png", try figure.png(scale: 1.5)), ("\(name).svg", try figure.svg())]
    }
    files += [("classes.png", try figures.classes.png()), ("classes.svg", try figures.classes.svg())]
    if let figure = figures.reliability {
      files += [("calibration.png", try figure.png()), ("calibration.svg", try figure.svg())]
    }
    files.append(("answers.csv", Array(AnswerTable(measures.answers, data).text.utf8)))
    let explainer = MistakeExplainer(
      model, run.match, method: try method(of: model), workspace: workspace)
    var page = TestPage(record, measures, figures)
    for (place, mistake) in mistakes.list.enumerated() {
      try control.report(place, of: mistakes.list.count)
      guard let drawn = try explainer.draw(mistake, data) else { continue }
      page.mistakes.append(drawn.item)
      record.worst[place].method = drawn.method
    }
    if let shortcuts {
      page.shortcuts = (shortcuts, model.axes.bandCentres)
      files.append(("shortcuts.csv", Array(shortcuts.table.utf8)))
      for evidence in shortcuts.classes {
        let drawing = ShortcutFigures(
          evidence, of: shortcuts, bandCentres: model.axes.bandCentres, seed: request.seed)
        let slug = FileNames.slug(of: evidence.name, orElse: "class-\(evidence.index)")
        files.append(("shortcuts/\(slug).bands.svg", try drawing.overBands.svg()))
        files.append(("shortcuts/\(slug).time.svg", try drawing.overTime.svg()))
      }
    }
    record.files = files.map(\.name) + ["index.html", "test.json"]
    let header = ReportHeader(
      title: "How \(model.name) does on \(data.name)", model: model.name, request: command)
    files.append(("index.html", Array(try page.page(header).html().utf8)))
    for file in files { try store.write(file.bytes, to: file.name) }
    try store.write(RecordCoding.file(record), to: "test.json")
  }

  private static func sentence(_ remark: String) -> String {
    remark.prefix(1).uppercased() + remark.dropFirst() + (remark.hasSuffix(".") ? "" : ".")
  }

  /// What explains mistakes: as told, as an evaluation recommends, or the first that explains this model.
  private func method(of model: AudioModel) throws -> AttributionMethod? {
    if let name = request.method { return try AttributionMethod(named: name) }
    let domain = model.defaultDomain
    let path = try BundledData.modelPath(request.model.name)
    if let found = try? workspace.recommendations.recommendation(for: path, named: model.name),
      let method = try? RecommendationStore.method(of: found, named: model.name),
      method.explains(in: domain, of: model)
    {
      return method
    }
    return [AttributionMethod.gradCAM, .saliency].first { $0.explains(in: domain, of: model) }
  }
}
