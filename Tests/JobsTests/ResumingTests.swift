import Explain
import Files
import Jobs
import Reports
import TestSupport
import Testing

@Suite("Runs that are interrupted and resumed")
struct ResumingTests {
  /// Explains into `folder`/out until `limit` sounds are finished; returns which were explained now.
  private func explain(
    _ bench: Bench, _ request: ExplainRequest, resumes: Bool, limit: Int = .max
  ) throws -> [Int] {
    let job = try ExplainJob(request, in: bench.workspace)
    let folder = "\(bench.folder)/out"
    try WholeFile.makeFolder(folder)
    var keeper = try ExplanationKeeper(
      job, in: FolderStore(folder), Journal(in: folder), request: "asked", resumes: resumes)
    var explained: [Int] = []
    var averages: ClassAverages?
    let control = RunControl()
    do {
      try job.run(resuming: keeper.finished, control: control) { event in
        switch event {
        case .explained(let result):
          try keeper.keep(result)
          explained.append(result.number)
          if explained.count == limit { control.cancel() }
        case .averaged(let found): averages = found
        default: break
        }
      }
    } catch is Cancelled { return explained }
    _ = try keeper.finish(averages, isWhole: true)
    return explained
  }

  private struct Summary: Decodable {
    struct Explanation: Decodable {
      let sound: String
      let method: String
      let files: [String]
    }
    struct Average: Decodable, Equatable {
      struct Share: Decodable, Equatable { let share: Double }
      let clips: Int
      let bands: [Share]
    }
    let explanations: [Explanation]
    let averages: [Average]?
    let unfinished: Int?
  }

  private func summary(_ bench: Bench) throws -> Summary {
    try RecordCoding.read(Summary.self, from: WholeFile.read("\(bench.folder)/out/report.json"))
  }

  @Test(
    "What was finished is kept, and the page shows it", arguments: [3, ExplanationReport.mostOnOnePage + 3])
  func resumed(count: Int) throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: count)
      let out = "\(folder)/out"
      #expect(try explain(bench, bench.request(), resumes: false, limit: 2) == [0, 1])
      let page = String(decoding: try WholeFile.read("\(out)/index.html"), as: UTF8.self)
      #expect(page.contains(" of \(count) sounds are finished"))
      #expect(page.contains("tone-0.wav") && !page.contains("tone-2.wav"))
      #expect(try summary(bench).unfinished != nil)

      // A line that was torn is as if it had never been.
      var journal = try WholeFile.read("\(out)/.otoscope.jsonl")
      journal += Array("{\"number\":2,\"path\":".utf8)
      try WholeFile.write(journal, to: "\(out)/.otoscope.jsonl")

      #expect(try explain(bench, bench.request(), resumes: true) == Array(2..<count))
      let whole = try summary(bench)
      #expect(whole.unfinished == nil)
      #expect(whole.explanations.map(\.sound) == bench.sounds.flatMap { [$0, $0] })
      #expect(!names(in: out).contains(".otoscope.jsonl"))
      for file in whole.explanations.flatMap(\.files) {
        #expect(WholeFile.exists("\(out)/\(file)"), "\(file)")
      }
      let finished = String(decoding: try WholeFile.read("\(out)/index.html"), as: UTF8.self)
      #expect(!finished.contains("sounds are finished"))
      for sound in bench.sounds { #expect(finished.contains(Folder.name(of: sound))) }
      let isOnePage = count <= ExplanationReport.mostOnOnePage
      #expect(finished.contains("id=\"sound-1\"") == isOnePage)
      #expect(names(in: out).contains("tone-0.html") == !isOnePage)

      // As an uninterrupted run's.
      let fresh = try Bench(in: folder, sounds: count)
      #expect(try explain(fresh, fresh.request(), resumes: false) == Array(0..<count))
      let again = String(decoding: try WholeFile.read("\(out)/index.html"), as: UTF8.self)
      #expect(again.filter { $0 == "\n" }.count == finished.filter { $0 == "\n" }.count)
    }
  }

  @Test("Averages are those of all sounds, whenever they were explained")
  func averages() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 6)
      var request = try bench.request()
      request.averages = .only
      #expect(try explain(bench, request, resumes: false) == Array(0..<6))
      let whole = try #require(try summary(bench).averages)
      #expect(try explain(bench, request, resumes: false, limit: 3).count == 3)
      #expect(try explain(bench, request, resumes: true) == [3, 4, 5])
      #expect(try summary(bench).averages == whole)
      #expect(whole.count == 4 && whole.allSatisfy { $0.clips == 3 })
    }
  }

  @Test("A sound that has changed is explained again; another question is refused")
  func changes() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 4)
      _ = try explain(bench, bench.request(), resumes: false, limit: 2)
      try writeTone(bench.sounds[0], hertz: 3100)
      let error = #expect(throws: ResumeError.self) {
        var other = try bench.request("saliency")
        other.targets = [.index(1)]
        _ = try explain(bench, other, resumes: true)
      }
      #expect("\(try #require(error))".contains("methods, targets"))
      #expect(try explain(bench, bench.request(), resumes: true) == [0, 2, 3])
    }
  }

  @Test("An evaluation goes on where it stopped, to the same ranking")
  func evaluation() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 4)
      var request = EvaluateRequest(
        sounds: bench.sounds, model: ModelChoice("\(folder)/net.onnx"),
        methods: try MethodSelection("saliency,occlusion"))
      request.parameters.window = [2, 2]
      request.mixtures = 2
      request.closeLooks = 2
      request.evaluations = 8
      request.leastProbability = 0
      let job = try EvaluateJob(request, in: bench.workspace)
      let journal = Journal(in: folder)
      try journal.begin(job.fingerprint)
      var steps: [String] = []
      let whole = try job.run(words: "asked") { step in
        steps.append(step.name)
        // As many as there are at three places of the run: clips, close looks, sounds with known answers.
        if steps.count <= 3 { try journal.add(step) }
      }
      let known = try journal.steps(of: job)
      #expect(known.count == 3)
      var again: [String] = []
      let resumed = try job.run(resuming: known, words: "asked") { again.append($0.name) }
      #expect(again == Array(steps.dropFirst(3)))
      let (a, b) = (whole.evaluation.measured, resumed.evaluation.measured)
      #expect(a.sounds == b.sounds && a.methods == b.methods)
      // Seconds are what they are.
      for criterion in a.criteria where criterion.name != "seconds" {
        for method in a.methods {
          let (before, after) = (a.values(method, criterion), b.values(method, criterion))
          #expect(before.keys.sorted() == after.keys.sorted(), "\(method) \(criterion.name)")
          // Maps that are made again, in batches of other sizes, agree to single precision's rounding.
          for (sound, value) in before {
            #expect(abs(value - (after[sound] ?? .nan)) <= 1e-5 * max(1, abs(value)), "\(criterion.name)")
          }
        }
      }
      #expect(whole.evaluation.curves.mapValues(\.count) == resumed.evaluation.curves.mapValues(\.count))
      #expect(resumed.evaluation.examples.map(\.name) == whole.evaluation.examples.map(\.name))
      request.evaluations = 16
      let other = try EvaluateJob(request, in: bench.workspace)
      #expect(throws: ResumeError.self) { try journal.steps(of: other) }
    }
  }
}
