import Audio
import Explain
import Graphs
import Models
import Tensors
import TestSupport

/// A front end of small patches whose silence is 0. The tests give pictures, not samples.
func frontEnd(
  frames: Int, bands: Int, hop: Int? = nil, tail: FrontEnd.Patch.Tail = .padToHop
) throws -> FrontEnd {
  try FrontEnd(
    sampleRate: 8000, window: 64, hop: 32, fft: 64, framing: .fromStart, spectrum: .magnitude,
    mel: .init(bands: bands, lowest: 100, highest: 3900, scale: .htk, norm: .none, construction: .librosa),
    compression: .none, patch: .init(frames: frames, hop: hop ?? frames / 2, tail: tail))
}

extension HandmadeONNX {
  func network(rowsPerRun: Int = 16) throws -> Network {
    Network(try ONNXModel(bytes, from: "toy.onnx").graph, threads: 1, rowsPerRun: rowsPerRun)
  }

  /// The network as a model that listens, its outputs reported as they are.
  func model(_ frontEnd: FrontEnd, labels: [String]? = nil, axes: ModelDescription.Axes? = nil) throws
    -> AudioModel
  {
    var description = ModelDescription()
    description.frontEnd = frontEnd
    description.labels = labels
    description.activation = ModelDescription.Activation.none
    description.axes = axes
    return try AudioModel(network(), description, name: "toy", path: "toy.onnx")
  }

  /// `logits = flattened input · weights`, or of its squares.
  static func linear(_ input: [Extent], _ weights: Tensor, squared: Bool = false) -> HandmadeONNX {
    var file = HandmadeONNX(input: "sound", input)
    file.add("Flatten", ["sound"], "flat")
    if squared { file.add("Mul", ["flat", "flat"], "squares") }
    file.add("MatMul", [squared ? "squares" : "flat"], "logits", weights: [weights])
    return file
  }

  /// Behind `layer`, `[N, C, places…]`: the mean over places, and `logits = means · weights`, `[C, classes]`.
  mutating func classify(_ layer: String, _ weights: Tensor) {
    add("GlobalAveragePool", [layer], "means")
    add("Flatten", ["means"], "embedding")
    add("MatMul", ["embedding"], "logits", weights: [weights])
  }
}

extension Tensor {
  /// Seeded numbers from −1 to 1.
  static func random(_ shape: Shape, seed: UInt64) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(shape, (0..<shape.count).map { _ in Float.random(in: -1...1, using: &generator) })
  }
}

/// `Σ a x + b x² + c x³` over the elements of a row, whose gradient is known.
struct Polynomial: ScoreFunction {
  var a: [Float]
  var b: [Float]
  var c: [Float]

  init(_ count: Int, seed: UInt64) {
    a = Tensor.random([count], seed: seed).values
    b = Tensor.random([count], seed: seed + 1).values
    c = Tensor.random([count], seed: seed + 2).values
  }

  func scores(at x: Tensor) throws -> [Float] {
    (0..<x.shape[0]).map { row in
      x.rows(row..<row + 1).values.enumerated().reduce(0) { sum, entry in
        let (i, x) = entry
        return sum + a[i] * x + b[i] * x * x + c[i] * x * x * x
      }
    }
  }

  func derivative(_ i: Int, _ x: Float) -> Float { a[i] + 2 * b[i] * x + 3 * c[i] * x * x }

  func gradient(at x: Tensor) throws -> Tensor {
    Tensor(x.shape, x.values.enumerated().map { derivative($0.offset % a.count, $0.element) })
  }
}

/// The bundled model and sounds.
enum Bundled {
  static func yamnet() throws -> AudioModel { try AudioModel(named: "yamnet", threads: 2) }

  /// A sound as the models take it: mono, 16 kHz.
  static func sound(_ name: String) throws -> [Float] {
    let recording = try Recording.read(BundledData.soundPath(name))
    return try Recording(channels: [recording.mono], sampleRate: recording.sampleRate).resampled(to: 16000)
      .mono
  }
}

func largestDifference(_ a: Tensor, _ b: Tensor) -> Float {
  a.shape == b.shape ? zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}
