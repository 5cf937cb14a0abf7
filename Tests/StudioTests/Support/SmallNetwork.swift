import Audio
import Files
import Jobs
import Tensors
import TestSupport

/// A network that is small enough to be trained, maximized and indexed in a blink: one convolution of four channels, of which
/// the last is dead, over pictures of 8 bands of sounds at 8 kHz; two classes.
enum SmallNetwork {
  static let rate = 8000

  static let frontEnd = """
    {"sample_rate": 8000, "window": 64, "hop": 32, "fft": 64, "framing": "from-start", "spectrum": "magnitude",
     "mel": {"bands": 8, "lowest": 100, "highest": 3900, "scale": "htk", "norm": "none", "construction": "librosa"},
     "compression": {"kind": "none"}, "patch": {"frames": 8, "hop": 4, "tail": "pad-to-hop"}}
    """

  /// The layers that an outline finds.
  static let layers = ["layer", "logits"]

  /// - Parameter isDescribed: whether the file says how it listens.
  static func bytes(isDescribed: Bool = true) -> [UInt8] {
    var generator = SplitMix64(seed: 1)
    func noise(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(generator.next() >> 40) / Float(1 << 24) - 0.4 }
    }
    var file = HandmadeONNX(input: "sound", ["N", 1, 8, 8])
    file.add(
      "Conv", ["sound"], "sums",
      weights: [Tensor([4, 1, 3, 3], noise(36)), Tensor([4], [0, 0.1, 0, -1000])],
      ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1]])
    file.add("Relu", ["sums"], "layer")
    file.add("GlobalAveragePool", ["layer"], "means")
    file.add("Flatten", ["means"], "embedding")
    file.add("MatMul", ["embedding"], "logits", weights: [Tensor([4, 2], noise(8))])
    if isDescribed {
      file.metadata = [
        ("otoscope.front_end", frontEnd), ("otoscope.labels", "[\"low\", \"high\"]"),
        ("otoscope.activation", "softmax"),
      ]
    }
    return file.bytes
  }

  /// A tone with a little noise.
  static func sound(hertz: Double, seconds: Double = 0.25, seed: UInt64 = 1) -> Recording {
    var generator = SplitMix64(seed: seed)
    // A rotating pointer makes a sine without the mathematics library.
    let angle = 2 * Double.pi * hertz / Double(rate)
    let turn = (
      cosine: 1 - angle * angle / 2 + angle * angle * angle * angle / 24,
      sine: angle - angle * angle * angle / 6
    )
    let size = (turn.cosine * turn.cosine + turn.sine * turn.sine).squareRoot()
    var (x, y) = (1.0, 0.0)
    let samples = (0..<Int(seconds * Double(rate))).map { _ -> Float in
      (x, y) = ((x * turn.cosine - y * turn.sine) / size, (x * turn.sine + y * turn.cosine) / size)
      return Float(0.3 * y) + 0.02 * (Float(generator.next() >> 40) / Float(1 << 24) - 0.5)
    }
    return Recording(channels: [samples], sampleRate: rate)
  }

  /// Writes a folder `low` and a folder `high` of sounds.
  static func writeSounds(to folder: String, each count: Int) throws {
    for (name, hertz) in [("low", 400.0), ("high", 1500.0)] {
      try WholeFile.makeFolder("\(folder)/\(name)")
      for number in 0..<count {
        let sound = sound(hertz: hertz + 20 * Double(number), seed: UInt64(number) + UInt64(hertz))
        try WholeFile.write(wavBytes(of: sound), to: "\(folder)/\(name)/\(name)-\(number).wav")
      }
    }
  }

  /// Writes a catalogue of such sounds, as the network in the file at `model` hears them.
  static func writeCatalogue(to folder: String, of sounds: String, model: String) throws {
    let request = IndexRequest(sounds: [sounds], model: ModelChoice(model), catalogue: folder)
    _ = try IndexJob(request, in: Workspace(threads: 2)).run { _ in }
  }
}
