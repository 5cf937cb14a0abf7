import Explain
import Figures
import Files
import Jobs
import Reports
import TestSupport
import Testing

@Suite("Explaining as a job")
struct ExplainJobTests {
  @Test("Results come one by one, and need no folder")
  func inMemory() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 2)
      let job = try ExplainJob(try bench.request(), in: bench.workspace)
      let store = MemoryStore()
      var keeper = try ExplanationKeeper(job, in: store, request: "asked")
      var shares: [Double] = []
      nonisolated(unsafe) var told: [Double] = []
      try job.run(control: RunControl { told.append($0.share) }) { event in
        guard case .explained(let result) = event else { return }
        shares.append(told.last ?? 0)
        let sound = try #require(result.sound)
        #expect(sound.explanations.map(\.record.method) == ["saliency", "occlusion"])
        #expect(sound.explanations.allSatisfy { !$0.drawn.picture.png.isEmpty && !$0.drawn.heard.isEmpty })
        try keeper.keep(result)
      }
      #expect(told == told.sorted() && told.allSatisfy { (0...1).contains($0) })
      #expect(shares.count == 2 && shares[0] < shares[1])
      let page = try keeper.finish(nil as ClassAverages?, isWhole: true)
      #expect(page?.page == "index.html")
      #expect(store.names.count == 2 + 2 * 2 * 5)
      #expect(store.names.contains("tone-1.occlusion.high.heard.wav"))
    }
  }

  @Test("Cancelled from anywhere, it ends at the next report and keeps what was finished")
  func cancelled() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 3)
      let job = try ExplainJob(try bench.request(), in: bench.workspace)
      let control = RunControl()
      var finished = 0
      #expect(throws: Cancelled.self) {
        try job.run(control: control) { event in
          guard case .explained = event else { return }
          finished += 1
          if finished == 2 { control.cancel() }
        }
      }
      #expect(finished == 2)
    }
  }

  @Test("A cancelled method leaves in the middle of its work")
  func cancelledMethod() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 1)
      var request = try bench.request("smoothgrad")
      request.parameters.samples = 100_000
      let job = try ExplainJob(request, in: bench.workspace)
      nonisolated(unsafe) var control = RunControl()
      nonisolated(unsafe) var reports = 0
      control = RunControl { _ in
        reports += 1
        if reports == 3 { control.cancel() }
      }
      #expect(throws: Cancelled.self) { try job.run(control: control) { _ in } }
      #expect(reports == 3)
    }
  }

  @Test("A file that is no sound is told and passed over; a question that cannot be answered ends the run")
  func failures() throws {
    try withScratchFolder { folder in
      var bench = try Bench(in: folder, sounds: 2)
      try WholeFile.write(Array("no sound".utf8), to: bench.sounds[0])
      var failed: [String] = []
      var explained: [Int] = []
      try ExplainJob(try bench.request(), in: bench.workspace).run { event in
        switch event {
        case .failed(let sound, _): failed.append(sound)
        case .explained(let result): explained.append(result.number)
        default: break
        }
      }
      #expect(failed == [bench.sounds[0]] && explained == [1])
      bench.sounds.removeFirst()
      var request = try bench.request()
      request.targets = [.label("middle")]
      let job = try ExplainJob(request, in: bench.workspace)
      #expect(throws: (any Error).self) { try job.run { _ in } }
    }
  }

  @Test("A request survives being written down")
  func codable() throws {
    var request = ExplainRequest(
      sounds: ["a.wav"], model: ModelChoice("yamnet"), methods: try MethodSelection("recommended,lime"))
    request.targets = [.top(3), .index(4), .label("Dog")]
    request.parameters.baseline = BaselineChoice("noise-floor:0.2")
    request.domains = [.stft, .waveform]
    request.averages = .only
    let line = try RecordCoding.line(request)
    #expect(try RecordCoding.read(ExplainRequest.self, from: line.utf8) == request)
    let broken = line.replacing("noise-floor:0.2", with: "noise-floor:2")
    #expect(throws: DecodingError.self) { try RecordCoding.read(ExplainRequest.self, from: broken.utf8) }
  }
}
