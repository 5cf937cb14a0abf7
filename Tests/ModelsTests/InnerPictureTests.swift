import Audio
import Glibc
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// Networks on samples that carry their front end inside.
struct InnerPictureTests {
  private static let rate = 8000
  private static let length = 8000

  /// Frames by convolutions with cosines and sines, their power, bands, a logarithm; then a convolution over the picture,
  /// and classes.
  ///
  /// - Parameters:
  ///   - isFlipped: bands from high to low.
  ///   - pictures: how many spectrograms stand side by side as channels, each shifted up a little.
  private static func file(isFlipped: Bool = false, pictures: Int = 1) -> ONNXFile {
    var file = ONNXFile(input: "samples", ["N", 1, 1, .fixed(length)])
    for index in 0..<pictures {
      spectrogram(&file, "picture \(index)", isFlipped: isFlipped, shift: 20 * index)
    }
    if pictures > 1 {
      file.add("Concat", (0..<pictures).map { "picture \($0)" }, "pictures", axis: 1)
    }
    file.add(
      "Conv", [pictures > 1 ? "pictures" : "picture 0"], "features",
      weights: [
        Tensor([4, pictures, 3, 3], (0..<36 * pictures).map { Float(sin(Double($0) * 1.7)) }),
        Tensor([4], [0.1, -0.2, 0.3, 0]),
      ], ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1]])
    file.add("Relu", ["features"], "layer")
    file.add("GlobalAveragePool", ["layer"], "means")
    file.add("Flatten", ["means"], "embedding")
    file.add(
      "MatMul", ["embedding"], "logits", weights: [Tensor([4, 2], [1, -1, 0.5, 2, -1, 1, 0.3, -0.4])])
    return file
  }

  /// `[N, 1, frames, bands]`: 24 bands of 4 bins each, from bin `shift` on, of frames of 256 samples every 100.
  private static func spectrogram(_ file: inout ONNXFile, _ name: String, isFlipped: Bool, shift: Int) {
    let (size, bins, bands) = (256, 128, 24)
    func filters(_ wave: (Double) -> Double) -> Tensor {
      Tensor(
        [bins, 1, 1, size],
        (0..<bins).flatMap { bin in
          (0..<size).map { index in
            let turn = 2 * Double.pi * Double(index) / Double(size)
            return Float((0.5 - 0.5 * cos(turn)) * wave(turn * Double(bin)))
          }
        })
    }
    for (part, weights) in [("real", filters { cos($0) }), ("imaginary", filters { -sin($0) })] {
      file.add("Conv", ["samples"], "\(name) \(part)", weights: [weights], ["strides": [1, 100]])
      file.add("Mul", ["\(name) \(part)", "\(name) \(part)"], "\(name) \(part) squared")
    }
    file.add("Add", ["\(name) real squared", "\(name) imaginary squared"], "\(name) power")
    file.add("Transpose", ["\(name) power"], "\(name) frames", ["perm": [0, 2, 3, 1]])
    var weights = [Float](repeating: 0, count: bins * bands)
    for bin in 0..<4 * bands {
      weights[(bin + shift) * bands + (isFlipped ? bands - 1 - bin / 4 : bin / 4)] = 1
    }
    file.add("MatMul", ["\(name) frames"], "\(name) bands", weights: [Tensor([bins, bands], weights)])
    file.add("Add", ["\(name) bands"], "\(name) raised", weights: [Tensor([1], [0.01])])
    file.add("Log", ["\(name) raised"], name)
  }

  private func model(_ file: ONNXFile, picture: ModelDescription.Picture? = nil) throws -> AudioModel {
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
    let model = try model(Self.file(isFlipped: isFlipped))
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
    let model = try model(Self.file(pictures: pictures))
    #expect(model.axes.panels.count == pictures && model.onWholeNetwork.hasPicture == false)
    let (inner, whole) = (try model.listen(to: samples), try model.onWholeNetwork.listen(to: samples))
    #expect(inner.logits.shape == [2, 2])
    #expect(relativeError(inner.logits, whole.logits) < 1e-6)
  }

  @Test("A picture that is named is taken, and none where none is wanted")
  func named() throws {
    let named = try model(Self.file(), picture: .tensors(["picture 0 bands"]))
    #expect(named.axes.panels.map(\.name) == ["picture 0 bands"])
    #expect(try model(Self.file(), picture: ModelDescription.Picture.none).hasInnerPicture == false)
    #expect {
      try model(Self.file(), picture: .tensors(["picture 0 real", "means"]))
    } throws: { error in
      "\(error)".contains("'means' [1, 4, 1, 1] is no picture of the sound")
    }
    #expect(throws: GraphError.self) { try model(Self.file(), picture: .tensors(["nowhere"])) }
    // The other spectrogram is a way around.
    #expect(throws: GraphError.self) {
      try model(Self.file(pictures: 2), picture: .tensors(["picture 0"]))
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
