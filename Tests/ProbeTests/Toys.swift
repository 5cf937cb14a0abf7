import Audio
import Graphs
import Models
import TestSupport
import Tensors

/// Models of few weights whose layers have a known answer.
enum Toy {
  static let (frames, bands) = (12, 8)

  /// Patches of 12 frames and 8 bands, half a patch apart.
  static func frontEnd() throws -> FrontEnd {
    try FrontEnd(
      sampleRate: 8000, window: 64, hop: 32, fft: 64, framing: .fromStart, spectrum: .magnitude,
      mel: .init(bands: bands, lowest: 100, highest: 3900, scale: .htk, norm: .none, construction: .librosa),
      compression: .none, patch: .init(frames: frames, hop: frames / 2, tail: .padToHop))
  }

  static func model(_ file: HandmadeONNX, _ frontEnd: FrontEnd? = nil, axes: ModelDescription.Axes? = nil)
    throws
    -> AudioModel
  {
    var description = ModelDescription()
    description.frontEnd = try frontEnd ?? self.frontEnd()
    description.activation = ModelDescription.Activation.none
    description.axes = axes
    return try AudioModel(
      Network(ONNXModel(file.bytes, from: "toy.onnx").graph, threads: 1), description, name: "toy",
      path: "toy.onnx")
  }

  /// Each channel passes the bands that its row of `gains` lets through: `passed`, `[N, channels, frames, bands]`, behind a
  /// convolution of one weight; then pooled over `stride` frames as `pooled`.
  static func filters(_ gains: [[Float]], stride: Int = 1) -> HandmadeONNX {
    let count = gains.count
    var file = HandmadeONNX(input: "sound", ["N", 1, .fixed(frames), .fixed(bands)])
    file.add("Conv", ["sound"], "copies", weights: [Tensor([count, 1, 1, 1], repeating: 1)])
    file.add("Mul", ["copies"], "passed", weights: [Tensor([1, count, 1, bands], gains.flatMap { $0 })])
    file.add(
      "MaxPool", ["passed"], "pooled", ["kernel_shape": [stride, 1], "strides": [stride, 1]])
    file.add("GlobalAveragePool", ["pooled"], "means")
    file.add("Flatten", ["means"], "logits")
    return file
  }

  /// One band a channel.
  static var bandByBand: [[Float]] {
    (0..<bands).map { channel in (0..<bands).map { $0 == channel ? 1 : 0 } }
  }

  /// Attention of every frame to the loudest one: `softmax(1 · kᵀ)` with `k = 20 · Σ bands`.
  static func attention() -> HandmadeONNX {
    var file = HandmadeONNX(input: "sound", ["N", .fixed(frames), .fixed(bands)])
    file.add("MatMul", ["sound"], "nothing", weights: [Tensor([bands, 1])])
    file.add("Add", ["nothing"], "queries", weights: [Tensor([1], repeating: 1)])
    file.add("MatMul", ["sound"], "keys", weights: [Tensor([bands, 1], repeating: 20)])
    file.add("Transpose", ["keys"], "keys turned", ["perm": [0, 2, 1]])
    file.add("MatMul", ["queries", "keys turned"], "products")
    file.add("Softmax", ["products"], "attention", axis: 2)
    file.add("MatMul", ["attention", "sound"], "mixed")
    file.add("Flatten", ["mixed"], "flat")
    file.add("MatMul", ["flat"], "logits", weights: [Tensor([frames * bands, 2], repeating: 0.1)])
    return file
  }

  /// A picture of zeros but for some bins.
  static func picture(frames: Int, _ bins: [(frame: Int, band: Int, value: Float)]) -> Tensor {
    var picture = Tensor([frames, bands])
    for (frame, band, value) in bins { picture[frame, band] = value }
    return picture
  }

  static func random(frames: Int, seed: UInt64) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(
      [frames, bands], (0..<frames * bands).map { _ in Float.random(in: 0.1...1, using: &generator) })
  }

  /// Seconds of a picture, up to the middle of its last frame.
  static func seconds(_ model: AudioModel, frames: Int) -> Double {
    model.axes.time(ofFrame: frames - 1) + 1e-6
  }
}
