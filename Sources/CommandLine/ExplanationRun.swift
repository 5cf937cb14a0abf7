import Reports
import Audio
import Dispatch
import Explain
import Figures
import Files
import Glibc
import Models
import Synchronization
import Tensors

/// Explains sound after sound into one folder and writes the page that shows them all.
struct ExplanationRun {
  let model: AudioModel
  let methods: [AttributionMethod]
  /// For each domain that the methods are shown in.
  let settings: [AttributionMethod.Settings]
  let folder: String
  let title: String
  let printsJSON: Bool
  /// Whether methods that cannot explain this model are left out with a word, instead of ending the run.
  var leavesOutWhatFails = false
  /// The class that the targets are held against; nil for none.
  var rival: TargetChoice?
  /// What is asked of each clip's embedding, instead of classes; nil for classes.
  var embedding: EmbeddingQuestion?
  /// Whether tables of the events found are written as well.
  var writesEvents = false
  /// Whether it is tested if a target hangs on the order of time or of bands.
  var testsOrder = false
  /// Where the evidence for a class lies over all sounds; nil where that is not asked.
  var averages: ClassAverages?
  /// Whether the explanations of each sound are drawn and written.
  var writesSounds = true
  /// How many explanations were made.
  private(set) var explained = 0

  private var sounds: [Report.Sound] = []
  private var records: [JSON] = []
  private var names: Set<String> = []

  init(
    model: AudioModel, methods: [AttributionMethod], settings: [AttributionMethod.Settings], folder: String,
    title: String, printsJSON: Bool
  ) {
    self.model = model
    self.methods = methods
    self.settings = settings
    self.folder = folder
    self.title = title
    self.printsJSON = printsJSON
  }

  var hasExplanations: Bool { !sounds.isEmpty || averages?.averages.isEmpty == false }

  /// Listens to a clip, explains the chosen classes by every method, and writes the files.
  ///
  /// - Parameter share: which of how many clips this is, for the progress line.
  mutating func add(_ clip: Clip, _ choices: [TargetChoice], share: (index: Int, count: Int)) throws {
    let progress = Progress(clip.name)
    let listening = try model.listen(to: try clip.recording.mono(at: model.frontEnd.sampleRate))
    let questions = try questions(listening, choices)
    let stem = uniqueStem(clip.stem)
    let canvas = ClipCanvas(
      model: model, clip: clip, listening: listening, writesEvents: writesEvents)

    let tasks = questions.flatMap { question in
      methods.flatMap { method in
        // What is left out is told where all methods are asked.
        settings.filter { leavesOutWhatFails || method.explains(in: $0.domain) }.map {
          (question, method, $0)
        }
      }
    }
    let orders = try writesSounds ? orderTests(listening, questions) : [:]
    var found: [(explanation: ClipExplanation, seconds: Double)] = []
    for (place, (question, method, given)) in tasks.enumerated() {
      var settings = given
      let done = Double(share.index) + Double(place) / Double(tasks.count)
      let step = 1 / Double(tasks.count)
      let count = Double(share.count)
      settings.progress = { part, all in
        progress.update((done + step * Double(part) / Double(all)) / count, method.name)
      }
      progress.update(done / count, method.name)
      let start = Terminal.now()
      do {
        let explanation = try model.explain(listening, question, by: method, settings)
        found.append((explanation, Terminal.now() - start))
      } catch let error as ExplainError where leavesOutWhatFails && error.isOfTheMethod {
        Terminal.note("\(method): left out: \(words(for: error))")
      }
    }

    let explanations = found.map(\.explanation)
    explained += explanations.count
    for explanation in explanations { averages?.add(explanation, frames: canvas.frames, of: model) }
    defer { progress.finish() }
    guard writesSounds else { return }
    let drawn = try Self.inParallel(explanations.count + 1) { index in
      index == 0 ? try canvas.plain() : try canvas.draw(explanations[index - 1])
    }
    let slugs = FileNames.slugs(of: questions)
    for (entry, picture) in zip(found, drawn.dropFirst()) {
      let explanation = entry.explanation
      let domain = explanation.domain == .logMel ? "" : ".\(explanation.domain.rawValue)"
      let base = "\(stem).\(explanation.method.name)\(domain).\(slugs[explanation.question] ?? "class")"
      try picture.write(to: "\(folder)/\(base)")
      let record = canvas.record(
        explanation, picture, seconds: entry.seconds, base: base, order: orders[explanation.question])
      records.append(record)
      if printsJSON { try tell(record) }
    }
    var section = canvas.section(
      plain: drawn[0], explanations: Array(zip(explanations, drawn.dropFirst())))
    section.remarks = questions.compactMap { orders[$0]?.remark(on: $0.label, unit: $0.unit) }
    sounds.append(section)
  }

  /// What is asked of a clip, each question once.
  private func questions(_ listening: Listening, _ choices: [TargetChoice]) throws -> [Question] {
    if let embedding { return [.embedding(embedding)] }
    var questions: [Question] = []
    let rival = try rival.flatMap { try model.targets($0, for: listening).first }
    for target in try choices.flatMap({ try model.targets($0, for: listening) }) {
      guard target.index != rival?.index else {
        throw Misuse("--against names '\(target.label)' itself; name another class")
      }
      let question = Question.target(rival.map { target.rather(than: $0) } ?? target)
      if !questions.contains(question) { questions.append(question) }
    }
    return questions
  }

  /// For each question once, whatever the methods.
  private func orderTests(_ listening: Listening, _ questions: [Question]) throws -> [Question: OrderTest] {
    guard testsOrder else { return [:] }
    let seed = settings.first?.seed ?? 0
    return Dictionary(
      uniqueKeysWithValues: try questions.map { ($0, try model.orderTest(listening, $0, seed: seed)) })
  }

  /// Writes the averages, `index.html` and `report.json`; returns the page's path.
  func finish() throws -> String {
    let progress = Progress("averages")
    let common = try averages?.write(to: folder, of: model, seed: settings.first?.seed ?? 0) { done, all in
      progress.update(Double(done) / Double(all))
    }
    progress.finish()
    if let singles = averages?.singles, singles > 0 {
      Terminal.note("\(singles) classes were the target of a single sound and have no average")
    }
    let report = Report(
      title: title, model: model.name,
      commandLine: Arguments.asTyped,
      version: Product.version, date: Product.date(), sounds: sounds, averages: common?.sections ?? [])
    let page = Folder.path(to: "index.html", in: folder)
    try WholeFile.write(Array(report.html().utf8), to: page)
    let summary = JSON.object(
      [
        ("otoscope", .string(Product.version)), ("date", .string(report.date)),
        ("model", .string(model.name)),
        ("command", .string(report.commandLine)), ("explanations", .array(records)),
      ] + (common.map { [("averages", .array($0.records))] } ?? []))
    try WholeFile.write(Array((summary.text + "\n").utf8), to: "\(folder)/report.json")
    if printsJSON, !writesSounds { for record in common?.records ?? [] { try tell(record) } }
    return page
  }

  private func tell(_ record: JSON) throws {
    do { try Terminal.result(record.text) } catch is OutputClosed {
      // The files are what is wanted, whether or not somebody reads along.
    }
  }

  /// Two sounds of one name do not overwrite each other's files.
  private mutating func uniqueStem(_ stem: String) -> String {
    var candidate = stem
    var number = 2
    while !names.insert(candidate.lowercased()).inserted {
      candidate = "\(stem)-\(number)"
      number += 1
    }
    return candidate
  }

  /// The results of `body` for `0..<count`, computed on all cores.
  private static func inParallel<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex([Int: Swift.Result<Result, any Error>]())
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let result = Swift.Result { try body(index) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { results in try (0..<count).compactMap { try results[$0]?.get() } }
  }
}

/// What can keep a sound from being explained.
enum ExplanationError: Error, CustomStringConvertible {
  case stem(path: String, seconds: Double, sound: Double)

  var description: String {
    switch self {
    case .stem(let path, let seconds, let sound):
      "\(path): lasts \(Float(seconds)) s, and the sound it is to be a part of \(Float(sound)) s: give "
        + "stems as long as the sound"
    }
  }
}
