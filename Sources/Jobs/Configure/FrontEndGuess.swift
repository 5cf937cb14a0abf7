import Audio
import Graphs
import Models
import Tensors

/// What a network's input tells of how it listens.
struct FrontEndGuess {
  private let model: ONNXModel
  private let input: GraphInput?
  /// The extents of one row's axes, those of 1 left out; nil for an axis that is free.
  private let extents: [Int?]
  private let inputs: [TensorName]
  /// The last extent of each output, where it is fixed: its classes, as a rule.
  private let classes: Set<Int>

  init(_ model: ONNXModel, _ network: Network) {
    self.model = model
    inputs = network.graph.inputs.map(\.name)
    let input = network.graph.inputs.count == 1 ? network.graph.inputs.first : nil
    self.input = input
    let rowAxis = input.flatMap { network.rows.axes[$0.name] } ?? nil
    extents = (input?.dimensions ?? []).enumerated().filter { $0.offset != rowAxis }.map(\.element)
      .filter { $0 != .fixed(1) }.map { if case .fixed(let extent) = $0 { extent } else { nil } }
    var classes: Set<Int> = []
    if let input, let shapes = Self.shapes(network, input) {
      for output in network.graph.outputs {
        if let last = shapes[output]?.dimensions.last { classes.insert(last) }
      }
    }
    self.classes = classes
  }

  private static func shapes(_ network: Network, _ input: GraphInput) -> [TensorName: Shape]? {
    let rowAxis = network.rows.axes[input.name] ?? nil
    let row = (input.dimensions ?? []).enumerated().filter { $0.offset != rowAxis }.map { dimension -> Int in
      if case .fixed(let extent) = dimension.element { extent } else { 16_000 }
    }
    return try? network.shapes(at: [input.name: Shape([1] + row)])
  }

  /// Adds `front_end`, or says what is missing.
  func add(to proposal: inout Proposal) throws {
    guard !proposal.entries.contains(where: { $0.key == "front_end" }) else { return }
    guard let input else {
      proposal.questions.append(
        Proposal.Question(
          "it has \(inputs.count) inputs (\(inputs.joined(separator: ", "))), and one of them can take sound: write "
            + "'inputs' for those of known value, 'state' for results that are the next step's input"))
      return
    }
    if let known = KnownNetwork.all.first(where: { $0.takes(extents) && isOf($0) }) {
      let exactly = !known.classes.isEmpty && known.isUnmistakable
      try proposal.add(
        "front_end", Preset(preset: known.preset), exactly ? .known : known.isUnmistakable ? .likely : .guess,
        exactly
          ? "input and classes are those of \(known.name)" : "its input has the form of \(known.name)")
    } else if let known = KnownNetwork.all.first(where: { $0.takes(extents) && $0.isUnmistakable }) {
      try proposal.add(
        "front_end", Preset(preset: known.preset), .likely,
        "its input has the form of \(known.name), its output has not")
    } else if extents.count == 1 || extents.isEmpty && input.dimensions != nil {
      try addSamples(to: &proposal)
    } else if extents.count == 2, let first = extents[0] ?? extents[1] {
      try addPicture(first, to: &proposal)
    } else {
      proposal.questions.append(
        Proposal.Question(
          "its input '\(input.name)' \(input.shownShape) is neither samples nor a picture of a known network",
          answer: ": give a preset or a JSON file with --front-end (docs/front-ends.md)"))
    }
  }

  private func isOf(_ known: KnownNetwork) -> Bool {
    known.classes.isEmpty || known.classes.contains(where: classes.contains)
  }

  private struct Preset: Encodable {
    let preset: String
  }

  // MARK: - Samples

  private struct Samples: Encodable {
    struct Length: Encodable { var length: Int? }
    var sample_rate: Int
    var samples: Length
    var scaling: String?
  }

  /// A rate that the metadata names, in hertz.
  private var namedRate: Int? {
    for (key, value) in model.metadata.sorted(by: { $0.key < $1.key }) {
      let key = key.lowercased()
      guard ["sample_rate", "samplerate", "sampling_rate", "sr", "fs"].contains(key), let rate = Int(value)
      else {
        continue
      }
      return rate
    }
    return nil
  }

  private func addSamples(to proposal: inout Proposal) throws {
    if isWav2Vec2 {
      try proposal.add(
        "front_end", Preset(preset: "wav2vec2"), .likely,
        "its first layer is that of wav2vec2: samples at 16 kHz, scaled to mean 0 and deviation 1")
      return
    }
    let length = extents.first ?? nil
    var (rate, certainty) = (16_000, Proposal.Certainty.guess)
    var reason = "samples of free length; 16 kHz is the most usual rate"
    if let named = namedRate {
      (rate, certainty, reason) = (named, .known, "the metadata names the rate")
    } else if let length {
      let found = KnownLength.rate(for: length)
      (rate, certainty) = (found.rate, found.isKnown ? .likely : .guess)
      let seconds = Double(length) / Double(rate)
      reason = "\(length) samples are \(seconds) s at \(rate) Hz, the most usual rate for so many; check it"
    }
    try proposal.add(
      "front_end", Samples(sample_rate: rate, samples: .init(length: length)), certainty, reason)
  }

  /// Whether the first layer is a convolution of 10 samples every 5, as in wav2vec2, HuBERT and WavLM.
  private var isWav2Vec2: Bool {
    guard let first = model.graph.nodes.first(where: { $0.kind == "Conv" }), first.inputs.count > 1,
      let weights = model.graph.constants[first.inputs[1]]
    else { return false }
    return weights.shape.dimensions == [512, 1, 10]
  }

  // MARK: - Pictures

  private struct Picture: Encodable {
    struct Mel: Encodable { var bands: Int }
    struct Patch: Encodable {
      var frames: Int
      var hop: Int
    }
    var preset = "librosa"
    var mel: Mel
    var patch: Patch
  }

  /// Of two axes the one with a usual number of mel bands is that of the bands.
  private func addPicture(_ known: Int, to proposal: inout Proposal) throws {
    let usual = [128, 64, 80, 96, 40, 256, 229, 32, 48, 60]
    let fixed = extents.compactMap { $0 }
    guard let bands = usual.first(where: fixed.contains) ?? fixed.min() else { return }
    let frames = fixed.count == 2 ? (fixed[0] == bands ? fixed[1] : fixed[0]) : 128
    try proposal.add(
      "front_end", Picture(mel: .init(bands: bands), patch: .init(frames: frames, hop: frames)), .guess,
      "a picture of \(frames) frames and \(bands) bands, taken for librosa's log-mel at 22 050 Hz: nothing in the file says "
        + "which window, hop, scale and logarithm it was trained on; 'otoscope front-end --compare' finds them out"
    )
  }
}
