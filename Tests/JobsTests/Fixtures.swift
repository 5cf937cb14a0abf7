import Audio
import Explain
import Files
import Jobs
import Reports
import TestSupport
import Tensors

/// Writes a model that hears "low" in the lower and "high" in the upper half of its bands.
func writeListener(_ path: String, bias: Float = -5) throws {
  let (frames, bands) = (8, 8)
  var weights = [Float](repeating: 0, count: frames * bands * 2)
  for bin in 0..<frames * bands { weights[bin * 2 + (bin % bands < bands / 2 ? 0 : 1)] = 1 }
  var file = HandmadeONNX(input: "sound", ["N", .fixed(frames), .fixed(bands)])
  file.add("Flatten", ["sound"], "flat")
  file.add("MatMul", ["flat"], "sums", weights: [Tensor([frames * bands, 2], weights)])
  file.add("Add", ["sums"], "logits", weights: [Tensor([2], [bias, bias])])
  file.metadata = [
    (
      "otoscope.front_end",
      """
      {"sample_rate": 8000, "window": 64, "hop": 32, "fft": 64, "framing": "from-start", "spectrum": "magnitude",
       "mel": {"bands": \(bands), "lowest": 100, "highest": 3900, "scale": "htk", "norm": "none",
               "construction": "librosa"},
       "compression": {"kind": "none"}, "patch": {"frames": \(frames), "hop": \(frames / 2), "tail": "pad-to-hop"}}
      """
    ), ("otoscope.labels", "[\"low\", \"high\"]"), ("otoscope.activation", "sigmoid"),
  ]
  try WholeFile.write(file.bytes, to: path)
}

/// Writes a tone of two patches.
func writeTone(_ path: String, hertz: Double) throws {
  let samples = (0..<576).map { 0.3 * sine(2 * .pi * hertz * Double($0) / 8000) }
  try writeWAV(Recording(channels: [samples.map { Float($0) }], sampleRate: 8000), to: path)
}

func sine(_ x: Double) -> Double {
  // Taylor's series of the angle's rest: no library beside those of the rooms is needed here.
  let rest = x - 2 * .pi * (x / (2 * .pi)).rounded()
  var (term, sum) = (rest, rest)
  for order in stride(from: 3.0, through: 31, by: 2) {
    term *= -rest * rest / (order * (order - 1))
    sum += term
  }
  return sum
}

/// A folder with a model and tones: the request to explain them, and where recommendations are kept.
struct Bench {
  let folder: String
  let workspace: Workspace
  var sounds: [String]

  init(in folder: String, sounds count: Int) throws {
    self.folder = folder
    workspace = Workspace(
      threads: 2,
      recommendations: RecommendationStore(folder: "\(folder)/kept", bundled: "\(folder)/bundled"))
    try writeListener("\(folder)/net.onnx")
    sounds = (0..<count).map { "\(folder)/tone-\($0).wav" }
    for (number, path) in sounds.enumerated() {
      try writeTone(path, hertz: number.isMultiple(of: 2) ? 400 + 10 * Double(number) : 2800)
    }
  }

  func request(_ methods: String = "saliency,occlusion") throws -> ExplainRequest {
    var request = ExplainRequest(
      sounds: sounds, model: ModelChoice("\(folder)/net.onnx"), methods: try MethodSelection(methods))
    request.parameters.window = [2, 2]
    return request
  }
}
