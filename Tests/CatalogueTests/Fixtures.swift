import Audio
import Catalogue
import Explain
import Files
import Models
import Tensors
import TestSupport

/// A network of one convolution with four channels, of which the last one is dead, and two classes; written into `folder`.
func writeNetwork(_ path: String, seed: UInt64 = 1) throws {
  var generator = SplitMix64(seed: seed)
  func noise(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(generator.next() >> 40) / Float(1 << 24) - 0.4 }
  }
  var file = HandmadeONNX(input: "sound", ["N", 1, 8, 8])
  file.add(
    "Conv", ["sound"], "sums", weights: [Tensor([4, 1, 3, 3], noise(36)), Tensor([4], [0, 0.1, 0, -1000])],
    ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1]])
  file.add("Relu", ["sums"], "layer")
  file.add("GlobalAveragePool", ["layer"], "means")
  file.add("Flatten", ["means"], "embedding")
  file.add("MatMul", ["embedding"], "logits", weights: [Tensor([4, 2], noise(8))])
  file.metadata = [
    (
      "otoscope.front_end",
      """
      {"sample_rate": 8000, "window": 64, "hop": 32, "fft": 64, "framing": "from-start", "spectrum": "magnitude",
       "mel": {"bands": 8, "lowest": 100, "highest": 3900, "scale": "htk", "norm": "none", "construction": "librosa"},
       "compression": {"kind": "none"}, "patch": {"frames": 8, "hop": 4, "tail": "pad-to-hop"}}
      """
    )
  ]
  try WholeFile.write(file.bytes, to: path)
}

/// Writes noise whose loudness and colour change from clip to clip.
func writeNoise(_ path: String, samples count: Int, seed: UInt64) throws {
  var generator = SplitMix64(seed: seed)
  var last: Float = 0
  let colour = Float(seed % 7) / 8
  let samples = (0..<count).map { index in
    let white = Float(generator.next() >> 40) / Float(1 << 24) - 0.5
    last = colour * last + white * (1 - colour)
    return last * (index % 400 < 200 ? 1 : 0.3)
  }
  try writeWAV(Recording(channels: [samples], sampleRate: 8000), to: path)
}

/// A folder with a network, sounds and room for a catalogue.
struct Corpus {
  let folder: String
  let model: AudioModel
  let layers: [ObservedLayer]
  var sounds: [String]
  var catalogue: String { "\(folder)/catalogue" }

  init(in folder: String, sounds count: Int = 9) throws {
    self.folder = folder
    let path = "\(folder)/net.onnx"
    try writeNetwork(path)
    model = try AudioModel(named: path, threads: 2)
    layers = try ObservedLayer.layers(named: [], of: model)
    sounds = (0..<count).map { "\(folder)/clip-\($0).wav" }
    for (number, path) in sounds.enumerated() {
      try writeNoise(path, samples: 300 + 377 * number, seed: UInt64(number + 1))
    }
  }

  var identity: ModelIdentity {
    get throws {
      ModelIdentity(
        name: "net", path: model.path, contentHash: try ContentHash(ofFileAt: model.path), frontEnd: "{}",
        choice: "{}")
    }
  }

  /// - Parameter settings: of a new catalogue.
  func writer(_ settings: CatalogueSettings = CatalogueSettings(top: 5, perFile: 2), in place: String? = nil)
    throws
    -> CatalogueWriter
  {
    try CatalogueWriter(
      place ?? catalogue, model: identity, settings: settings,
      layers: layers.enumerated().map { $1.entry($0, of: model) })
  }

  func source(_ path: String) -> SoundSource {
    SoundSource(path: path, bytes: 1, modified: 1, label: path.hasSuffix("1.wav") ? "odd" : "even")
  }

  /// Hears what `writer` does not have yet.
  @discardableResult
  func index(_ writer: CatalogueWriter, threads: Int = 2) throws -> [IndexStep] {
    var steps: [IndexStep] = []
    let new = sounds.map(source).filter { writer.files[$0.path]?.status != .indexed }
    _ = try Indexer(model, layers: layers, into: writer, describe: { _ in [("one", 1), ("none", .nan)] })
      .index(new, threads: threads, control: RunControl()) { steps.append($0) }
    try writer.finish()
    return steps
  }
}

/// All that a catalogue says, for comparisons.
struct CatalogueText: Equatable {
  var files: [CatalogueFile]
  var vectors: [[[Float]]]
  var exemplars: [[[Exemplar]]]
  var descriptors: [[String]]

  init(_ folder: String) throws {
    let catalogue = try Catalogue(reading: folder)
    files = try catalogue.files()
    let rows = files.compactMap(\.row)
    vectors = try (catalogue.layers + [catalogue.embedding].compactMap(\.self)).map { layer in
      let matrix = try catalogue.vectors(of: layer)
      return rows.map { matrix[$0] }
    }
    exemplars = try catalogue.layers.map { try catalogue.exemplars(of: $0) }
    let table = try catalogue.descriptors()
    descriptors = [table.names] + table.rows.map { $0.map { "\($0)" } }
  }
}
