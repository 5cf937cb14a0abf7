import Explain
import Files
import Jobs
import Probe
import Reports
import TestSupport
import Testing

@Suite("Layers of a network, as jobs")
struct LookJobTests {
  @Test("A job writes what it tells into any store, and reports progress")
  func job() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 1)
      var request = LookRequest(sound: bench.sounds[0], model: ModelChoice("\(folder)/net.onnx"))
      request.layers = ["*"]
      request.channels = [1]
      let store = MemoryStore()
      var (layers, channels): ([LayerLookRecord], [ChannelRecord]) = ([], [])
      let page = try LookJob(request, in: bench.workspace).run(into: store, request: "look") { event in
        if case .layer(let record) = event { layers.append(record) }
        if case .channel(let record) = event { channels.append(record) }
      }
      #expect(page == "index.html" && layers.count == 1 && channels.map(\.channel) == [1])
      // A tone in the lower half: the layer's largest value is class 0's.
      #expect(layers[0].kind == .dense && layers[0].channels == 2 && layers[0].times == 1)
      for file in layers.flatMap(\.files) + channels.flatMap(\.files) + ["index.html", "tone-0.energy.png"] {
        #expect(store.read(file)?.isEmpty == false, "\(file)")
      }
    }
  }

  @Test("A run that is cancelled writes no page")
  func cancelled() throws {
    try withScratchFolder { folder in
      let bench = try Bench(in: folder, sounds: 1)
      let (store, control) = (MemoryStore(), RunControl())
      control.cancel()
      let request = LookRequest(sound: bench.sounds[0], model: ModelChoice("\(folder)/net.onnx"))
      #expect(throws: Cancelled.self) {
        try LookJob(request, in: bench.workspace).run(into: store, request: "look", control: control) { _ in }
      }
      #expect(store.names.isEmpty)
    }
  }
}
