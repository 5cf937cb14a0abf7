import Audio
import Explain
import Files
import Models
import Tensors
import TestSupport
import Testing

/// A network that hears each sound through two windows.
struct ResolutionTests {
  private func model() throws -> AudioModel {
    let (frames, bands) = (8, 8)
    var file = HandmadeONNX(input: "sound", ["N", 2, .fixed(frames), .fixed(bands)])
    file.add("Flatten", ["sound"], "flat")
    // Bands that rise in the first picture, and fall in the second.
    let weights = (0..<2 * frames * bands).flatMap { place -> [Float] in
      let band = Float(place % bands) - 3
      return place < frames * bands ? [band, 1] : [-0.5 * band, 0.3]
    }
    file.add("MatMul", ["flat"], "logits", weights: [Tensor([2 * frames * bands, 2], weights)])
    file.metadata = [
      (
        "otoscope.front_end",
        """
        {"sample_rate": 8000, "window": 64, "hop": 32, "fft": 64, "framing": "centred", "spectrum": "magnitude",
         "resolutions": [{"window": 128, "fft": 128}],
         "mel": {"bands": \(bands), "lowest": 100, "highest": 3900, "scale": "htk", "norm": "none",
                 "construction": "librosa"},
         "compression": {"kind": "none"}, "patch": {"frames": \(frames), "hop": \(frames), "tail": "pad-to-hop"}}
        """
      ), ("otoscope.activation", "none"),
    ]
    let bytes = file.bytes
    return try withScratchFolder { folder in
      try WholeFile.write(bytes, to: folder + "/net.onnx")
      return try AudioModel(named: folder + "/net.onnx", threads: 1)
    }
  }

  private var samples: [Float] {
    var generator = SplitMix64(seed: 4)
    return (0..<448).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
  }

  @Test("Its picture has a panel for each, and the network is given both")
  func listening() throws {
    let model = try model()
    #expect(model.channelCount == 1 && model.axes.panels.count == 2)
    let listening = try model.listen(to: samples)
    #expect(listening.logMel.shape == [15, 16] || listening.logMel.shape == [16, 16])
    var sums = [0.0, 0.0]
    for frame in 0..<8 {
      for band in 0..<8 {
        let (first, second) = (
          Double(listening.logMel[frame, band]), Double(listening.logMel[frame, 8 + band])
        )
        sums[0] += (Double(band) - 3) * (first - 0.5 * second)
        sums[1] += first + 0.3 * second
      }
    }
    // Sums of 128 products of order 10 in single precision.
    for (index, sum) in sums.enumerated() {
      #expect(abs(Double(listening.logits[0, index]) - sum) < 1e-3)
    }
  }

  // The score is of degree 1 in the amplitude: its gradient on the way from silence stays.
  @Test(
    "Integrated gradients are complete in the picture, the spectrum and the waveform",
    arguments: [Domain.logMel, .stft, .waveform])
  func complete(domain: Domain) throws {
    let model = try model()
    let listening = try model.listen(to: samples)
    let silent = try model.listen(to: [Float](repeating: 0, count: samples.count))
    let choice = try #require(TargetChoice("0"))
    let target = try #require(try model.targets(choice, for: listening).first)
    var settings = AttributionMethod.Settings()
    settings.domain = domain
    let explanation = try model.explain(listening, target: target, by: .integratedGradients, settings)
    let sum = explanation.attribution.values.reduce(0) { $0 + Double($1) }
    func score(_ listening: Listening) -> Double {
      (0..<listening.logits.shape[0]).reduce(0) { $0 + Double(listening.logits[$1, 0]) }
        / Double(listening.logits.shape[0])
    }
    let change = score(listening) - score(silent)
    #expect(abs(sum - change) < 1e-3 * max(1, abs(change)), "\(sum) against \(change)")
  }
}
