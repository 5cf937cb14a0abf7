import Audio
import Files
import Models
import TestSupport
import Testing

struct BundledDataTests {
  @Test("The bundled model is found from where the binary lies, and knows its front end and its classes")
  func yamnet() throws {
    let path = try BundledData.modelPath("yamnet")
    #expect(path == (BundledData.folder ?? "?") + "/models/yamnet.onnx" && WholeFile.exists(path))
    let model = try AudioModel(named: "yamnet", threads: 1)
    #expect(model.name == "yamnet" && model.frontEnd == .yamnet)
    #expect(model.classCount == 521 && model.labels.count == 521)
    #expect(model.label(0) == "Speech" && model.label(69) == "Dog" && model.label(521) == "class 521")
    #expect(model.logits == "logits" && model.output.tensor == "scores" && model.pictureAxes == (2, 3))
    #expect(model.output.meaning?.activation == .sigmoid && model.output.meaning?.source == .graph)
  }

  @Test("Bundled sounds are found; other names are paths")
  func names() throws {
    #expect(WholeFile.exists(try BundledData.soundPath("dog.mp3")))
    #expect(try BundledData.modelPath(#filePath) == #filePath)
    let error = #expect(throws: ModelError.self) { try BundledData.modelPath("yamnot") }
    #expect(try #require(error).description.contains("yamnot: no such model"))
  }
}
