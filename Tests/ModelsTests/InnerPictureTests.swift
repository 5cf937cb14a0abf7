import Audio
import Glibc
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// Networks on samples that carry their front end inside.
struct InnerPictureTests {
  private static let rate = InnerPictureONNX.rate
  private static let length = InnerPictureONNX.length

  private func model(_ file: HandmadeONNX, picture: ModelDescription.Picture? = nil) throws -> AudioModel {
    var description = ModelDescription()
    description.frontEnd = try FrontEnd(
      sampleRate: Self.rate, analysis: nil,
      patch: .init(frames: Self.length, hop: Self.length, tail: .padToHop))
    description.activation = ModelDescription.Activation.none
    description.picture = picture
    return try AudioModel(
      Network(ONNXModel(file.bytes, from: "inside.onnx").graph, threads: 1), description, name: "inside",
      path: "inside.onnx")
  }

  private var samples: [Float] {
    var generator = SplitMix64(seed: 9)
    return (0..<2 * Self.length).map { index in
      Float(0.3 * sin(0.4 * Double(index))) + Float.random(in: -0.1...0.1, using: &generator)
    }
  }

  @Test("The picture is found, its frames and bands where they are", arguments: [false, true])
  func found(isFlipped: Bool) throws {
    let model = try model(InnerPictureONNX.file(isFlipped: isFlipped))
    #expect(model.hasInnerPicture && model.axes.panels.map(\.name) == ["picture 0"])
    #expect(model.axes.bandCount == 24 && model.patchFrames == 78)
    let axes = model.axes
    // A frame of 256 samples every 100: clicks are seen to half a frame.
    #expect(abs(axes.hop - 100 / 8000) < 0.02 * 100 / 8000 && abs(axes.start - 128 / 8000) < 100 / 8000)
    for band in 1..<23 {
      // 4 bins of 31.25 Hz, from half a bin below the first.
      let centre = (Double(band) * 4 + 1.5) * 31.25
      #expect(abs(axes.bandCentres[band] - centre) < 62.5, "band \(band)")
    }
    let picture = try model.picture(of: samples)
    #expect(picture.shape == [2 * 78, 24])
    // 0.4 radians a sample are 509 Hz, in band 4.
    let loudest = (0..<24).max { picture[40, $0] < picture[40, $1] }
    #expect(loudest == 4)
  }

  // The same kernels on the same values.
  @Test("Both halves say what the network says", arguments: [1, 2])
  func halves(pictures: Int) throws {
    let model = try model(InnerPictureONNX.file(pictures: pictures))
    #expect(model.axes.panels.count == pictures && model.onWholeNetwork.hasPicture == false)
    let (inner, whole) = (try model.listen(to: samples), try model.onWholeNetwork.listen(to: samples))
    #expect(inner.logits.shape == [2, 2])
    #expect(relativeError(inner.logits, whole.logits) < 1e-6)
  }

  @Test("A picture that is named is taken, and none where none is wanted")
  func named() throws {
    let named = try model(InnerPictureONNX.file(), picture: .tensors(["picture 0 bands"]))
    #expect(named.axes.panels.map(\.name) == ["picture 0 bands"])
    #expect(
      try model(InnerPictureONNX.file(), picture: ModelDescription.Picture.none).hasInnerPicture == false)
    #expect {
      try model(InnerPictureONNX.file(), picture: .tensors(["picture 0 real", "means"]))
    } throws: { error in
      "\(error)".contains("'means' [1, 4, 1, 1] is no picture of the sound")
    }
    #expect(throws: GraphError.self) { try model(InnerPictureONNX.file(), picture: .tensors(["nowhere"])) }
    // The other spectrogram is a way around.
    #expect(throws: GraphError.self) {
      try model(InnerPictureONNX.file(pictures: 2), picture: .tensors(["picture 0"]))
    }
  }

  @Test("Permutations of a panel's axes and bands are undone")
  func panels() {
    let panel = InnerPanel(
      tensor: "t", row: [2, 3, 4], rowAxis: 0, time: 2, frequency: 1, order: [2, 0, 1])
    let values = Tensor([5, 2, 3, 4], (0..<120).map(Float.init))
    let picture = panel.picture(values)
    #expect(picture.shape == [5, 4, 6])
    #expect(panel.values(picture) == values)
    // Row 1, frame 3, channel 1, band 0, which is place 2 of the tensor.
    #expect(picture[1, 3, 3] == values[1, 1, 2, 3])
  }
}
