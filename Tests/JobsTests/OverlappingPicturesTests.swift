import Explain
import Files
import Jobs
import Models
import TestSupport
import Testing

@Suite("Patches that overlap, of a network with a picture inside")
struct OverlappingPicturesTests {
  /// - Parameter hop: of the model's own description, in samples.
  private func check(hop: Int, _ body: (Workspace, ModelChoice, String) throws -> Void) throws {
    var file = InnerPictureONNX.file()
    file.metadata = [
      (
        "otoscope.front_end",
        #"{"sample_rate": 8000, "samples": {"length": \#(InnerPictureONNX.length), "hop": \#(hop)}}"#
      ), ("otoscope.activation", "softmax"),
    ]
    let bytes = file.bytes
    try withScratchFolder { folder in
      try WholeFile.write(bytes, to: "\(folder)/net.onnx")
      try writeTone("\(folder)/tone.wav", hertz: 400)
      let workspace = Workspace(
        threads: 2,
        recommendations: RecommendationStore(folder: "\(folder)/kept", bundled: "\(folder)/bundled"))
      try body(workspace, ModelChoice("\(folder)/net.onnx"), "\(folder)/tone.wav")
    }
  }

  @Test("They are refused, whoever asked for them", arguments: [(8000, 0.25), (6000, nil)])
  func refused(hop: Int, overlap: Double?) throws {
    try check(hop: hop) { workspace, model, sound in
      var model = model
      if let overlap { model.cutting = Cutting(overlap: overlap) }
      let methods = try MethodSelection("saliency")
      var request = ExplainRequest(sounds: [sound], model: model, methods: methods)
      #expect(throws: OverlappingPictures.self) { try ExplainJob(request, in: workspace) }
      #expect(throws: OverlappingPictures.self) {
        try EvaluateJob(EvaluateRequest(sounds: [sound], model: model, methods: methods), in: workspace)
      }
      request.domains = [.waveform]
      _ = try ExplainJob(request, in: workspace)
    }
  }

  @Test("Side by side they are taken", arguments: [8000, 6000])
  func sideBySide(hop: Int) throws {
    try check(hop: hop) { workspace, model, sound in
      var model = model
      model.cutting = Cutting(overlap: 0)
      let methods = try MethodSelection("saliency")
      _ = try ExplainJob(ExplainRequest(sounds: [sound], model: model, methods: methods), in: workspace)
      _ = try EvaluateJob(EvaluateRequest(sounds: [sound], model: model, methods: methods), in: workspace)
    }
  }
}
