import Audio
import Files
import Models
import Tensors
import TestSupport
import Testing

/// Patches as the user wants them: `--patch` and `--overlap`.
struct CuttingTests {
  /// A linear model of patches of 6 frames of 4 ms, half a patch apart.
  private func linear(_ cutting: Cutting) throws -> AudioModel {
    try withScratchFolder { folder in
      try WholeFile.write(
        LinearONNX.described(("otoscope.activation", "none")).bytes, to: folder + "/net.onnx")
      var told = ModelDescription()
      told.cutting = cutting
      return try AudioModel(named: folder + "/net.onnx", threads: 1, told: told)
    }
  }

  /// The mean of the samples and of their negatives, of sounds of any length, 100 samples at least.
  private func means(_ cutting: Cutting?) throws -> AudioModel {
    var file = HandmadeONNX(input: "sound", ["N", 1, "T"])
    file.add("Conv", ["sound"], "two", weights: [Tensor([2, 1, 1], [1, -1])])
    file.add("GlobalAveragePool", ["two"], "pooled")
    file.add("Flatten", ["pooled"], "scores")
    file.metadata = [
      ("otoscope.front_end", #"{"sample_rate": 8000, "samples": {"shortest": 100}}"#),
      ("otoscope.activation", "none"),
    ]
    let bytes = file.bytes
    return try withScratchFolder { folder in
      try WholeFile.write(bytes, to: folder + "/net.onnx")
      var told = ModelDescription()
      told.cutting = cutting
      return try AudioModel(named: folder + "/net.onnx", threads: 1, told: told)
    }
  }

  private func stateful(_ cutting: Cutting) throws -> AudioModel {
    var told = ModelDescription()
    told.cutting = cutting
    return try AudioModel(named: Fixture.golden("stateful/net.onnx"), threads: 1, told: told)
  }

  @Test(
    "An overlap moves the patches of a picture", arguments: [(0.0, 6), (0.004, 5), (0.0121, 3), (0.02, 1)])
  func overlap(seconds: Double, hop: Int) throws {
    let model = try linear(Cutting(overlap: seconds))
    let listening = try model.listen(to: glide(1000))
    #expect(listening.patchStarts == Array(stride(from: 0, through: listening.logMel.shape[0] - 6, by: hop)))
    let patch = Array(listening.logMel.values[(hop * 5)..<(hop * 5 + 30)])
    let expected = LinearONNX().logits(of: patch)
    // Sums of 30 products of order 10 in single precision.
    #expect(largestDifference(Array(listening.logits.values[3..<6]), expected) < 1e-4)
  }

  @Test("A sound of any length is cut where a length is given")
  func anyLength() throws {
    let sound = glide(2000)
    #expect(try means(nil).fitted(toSamples: 2000).listen(to: sound).logits.shape == [1, 2])
    let model = try means(Cutting(patch: 0.1, overlap: 0.05)).fitted(toSamples: 2000)
    let listening = try model.listen(to: sound)
    #expect(listening.patchStarts == [0, 400, 800, 1200])
    for (row, start) in listening.patchStarts.enumerated() {
      let mean = sound[start..<start + 800].reduce(0.0) { $0 + Double($1) } / 800
      // A sum of 800 terms below 1 in single precision.
      #expect(abs(Double(listening.logits.values[2 * row]) - mean) < 800 * 0x1p-24)
    }
  }

  @Test("Patches that a network cannot be given")
  func refused() {
    func expect(_ reason: String, _ model: @autoclosure () throws -> AudioModel) {
      let error = #expect(throws: ModelError.self) { _ = try model() }
      #expect(error?.description.hasSuffix("net.onnx: \(reason)") == true, "\(error as Any)")
    }
    expect(
      "its patches are 0.024 s long; another length is for networks that take any",
      try linear(Cutting(patch: 0.5)))
    for overlap in [0.024, 1, 1e300] {
      expect(
        "an overlap must be shorter than a patch, which is 0.024 s long",
        try linear(Cutting(overlap: overlap)))
    }
    expect(
      "it hears a sound as a whole; an overlap needs a length of patches", try means(Cutting(overlap: 1)))
    expect("a patch is 0.0125 s long at least", try means(Cutting(patch: 0.01)))
    expect(
      "it carries a state from patch to patch; what overlaps would be heard twice",
      try stateful(Cutting(overlap: 0.01)))
  }
}
