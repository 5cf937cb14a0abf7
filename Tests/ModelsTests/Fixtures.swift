import Audio
import Files
import Models
import Tensors
import TestSupport

enum Fixture {
  private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  /// A file beside `Golden/make.py`, which says where it is from.
  static func golden(_ name: String) -> String { root + "/Tests/ModelsTests/Golden/" + name }
  static func data(_ name: String) -> String { root + "/Data/" + name }

  static func yamnet() throws -> AudioModel { try AudioModel(named: data("models/yamnet.onnx"), threads: 2) }
}

/// A front end of patches of so many frames and bands, half a patch apart.
func frontEndJSON(frames: Int = 6, bands: Int = 5, tail: String = "pad-to-hop") -> String {
  """
  {"sample_rate": 8000, "window": 64, "hop": 32, "fft": 64, "framing": "from-start", "spectrum": "magnitude",
   "mel": {"bands": \(bands), "lowest": 100, "highest": 3900, "scale": "htk", "norm": "none",
           "construction": "librosa"},
   "compression": {"kind": "none"}, "patch": {"frames": \(frames), "hop": \(frames / 2), "tail": "\(tail)"}}
  """
}

/// A linear model as an ONNX file: `logits = flattened input · weights`, and what may follow them.
struct LinearONNX {
  var input: [HandmadeONNX.Extent] = ["N", 1, 6, 5]
  /// `[values of a patch, classes]`
  var weights = Tensor([30, 3], (0..<90).map { Float($0 * 37 % 19 - 9) / 10 })
  /// A last node, `Sigmoid` for example, that makes the output `scores` of the logits.
  var ending: String?
  var outputsLogitsToo = false
  var metadata: [(String, String)] = []

  /// With a small front end and this metadata.
  static func described(_ metadata: (String, String)...) -> LinearONNX {
    LinearONNX(metadata: [("otoscope.front_end", frontEndJSON())] + metadata)
  }

  var bytes: [UInt8] {
    var file = HandmadeONNX(input: "sound", input)
    file.add("Flatten", ["sound"], "flat")
    file.add("MatMul", ["flat"], "logits", weights: [weights])
    if let ending { file.add(ending, ["logits"], "scores") }
    if outputsLogitsToo { file.outputs = ["logits", "scores"] }
    file.metadata = metadata.map { (key: $0.0, value: $0.1) }
    return file.bytes
  }

  /// Writes the file and what stands beside it into `folder`, and reads the model.
  func model(in folder: String, sidecar: String? = nil, frontEnd: FrontEnd? = nil) throws -> AudioModel {
    try WholeFile.write(bytes, to: folder + "/net.onnx")
    if let sidecar { try WholeFile.write(Array(sidecar.utf8), to: folder + "/net.json") }
    var told = ModelDescription()
    told.frontEnd = frontEnd
    return try AudioModel(named: folder + "/net.onnx", threads: 1, told: told)
  }

  /// The logits of one flattened patch, summed in double precision.
  func logits(of patch: [Float]) -> [Float] {
    (0..<weights.shape[1]).map { column in
      Float(patch.indices.reduce(0.0) { $0 + Double(patch[$1]) * Double(weights[$1, column]) })
    }
  }
}

/// A tone that glides upwards, so that no two patches are alike.
func glide(_ count: Int, rate: Double = 8000) -> [Float] {
  var phase = 0.0
  return (0..<count).map { index in
    phase += (300 + 2000 * Double(index) / Double(max(1, count))) / rate
    let cycle = phase - phase.rounded(.down)
    return Float(0.5 - abs(2 * cycle - 1))
  }
}

func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}
