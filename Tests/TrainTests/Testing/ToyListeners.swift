import Audio
import Files
import Tensors
import TestSupport

/// Networks of one matrix, written as files that know how to listen, and sounds to listen to.
enum Toy {
  static let rate = 8000
  static let frames = 16
  static let bands = 20

  private static let frontEnd = """
    {"sample_rate": \(rate), "window": 256, "hop": 128, "fft": 256, "framing": "from-start", "spectrum": "power",
     "mel": {"bands": \(bands), "lowest": 100, "highest": 3900, "scale": "htk", "norm": "none",
             "construction": "librosa"},
     "compression": {"kind": "log", "base": "natural", "offset": 0.001},
     "patch": {"frames": \(frames), "hop": \(frames), "tail": "pad-to-hop"}}
    """

  /// Writes `softmax(picture · weights + bias)`.
  ///
  /// - Parameter weight: of a class at a frame and band.
  static func write(
    _ path: String, labels: [String], bias: [Float],
    weight: (_ label: Int, _ frame: Int, _ band: Int) -> Float
  ) throws {
    let values = (0..<frames * bands).flatMap { bin in
      labels.indices.map { weight($0, bin / bands, bin % bands) }
    }
    var file = HandmadeONNX(input: "sound", ["N", .fixed(frames), .fixed(bands)])
    file.add("Flatten", ["sound"], "flat")
    file.add("MatMul", ["flat"], "sums", weights: [Tensor([frames * bands, labels.count], values)])
    file.add("Add", ["sums"], "logits", weights: [Tensor([labels.count], bias)])
    file.add("Softmax", ["logits"], "probabilities")
    let names = labels.map { "\"\($0)\"" }.joined(separator: ", ")
    file.metadata = [("otoscope.front_end", frontEnd), ("otoscope.labels", "[\(names)]")]
    try WholeFile.write(file.bytes, to: path)
  }

  /// White noise of this level, or, with `colour` 1 or −1, what of it is low or high.
  static func noise(_ seed: UInt64, seconds: Double = 1, level: Float = 0.1, colour: Int = 0) -> [Float] {
    var generator = SplitMix64(seed: seed)
    var last: Float = 0
    return (0..<Int(seconds * Double(rate))).map { _ in
      let white = level * Float.random(in: -1...1, using: &generator)
      defer { last = colour == 1 ? 0.7 * last + 0.3 * white : white }
      return colour == 0 ? white : colour == 1 ? 0.7 * last + 0.3 * white : 0.6 * (white - last)
    }
  }

  static func tone(_ hertz: Double, level: Float, count: Int) -> [Float] {
    // A turning pointer: no library is needed.
    let angle = 2 * Double.pi * hertz / Double(rate)
    let (cosine, sine) = turn(angle)
    var (x, y) = (1.0, 0.0)
    return (0..<count).map { _ in
      defer { (x, y) = (x * cosine - y * sine, x * sine + y * cosine) }
      return level * Float(y)
    }
  }

  private static func turn(_ angle: Double) -> (Double, Double) {
    // Taylor's series: angles are below π.
    var (term, cosine, sine) = (1.0, 0.0, 0.0)
    for order in 0..<24 {
      switch order % 4 {
      case 0: cosine += term
      case 1: sine += term
      case 2: cosine -= term
      default: sine -= term
      }
      term *= angle / Double(order + 1)
    }
    return (cosine, sine)
  }

  static func write(_ samples: [Float], to path: String) throws {
    try writeWAV(Recording(channels: [samples], sampleRate: rate), to: path)
  }
}
