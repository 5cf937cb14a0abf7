/// A front end as JSON: nested, keys in snake case, values in kebab case.
///
/// ```json
/// {
///   "sample_rate": 16000, "window": 400, "window_shape": "hann", "hop": 160, "fft": 512,
///   "framing": "from-start", "spectrum": "magnitude",
///   "mel": {"bands": 64, "lowest": 125, "highest": 7500, "scale": "htk", "norm": "none",
///           "construction": "tensorflow"},
///   "compression": {"kind": "log", "base": "natural", "scale": 1, "offset": 0.001},
///   "patch": {"frames": 96, "hop": 48, "tail": "pad-to-hop"}
/// }
/// ```
/// `{"preset": "yamnet"}` says the same, and `{"preset": "yamnet", "mel": {"bands": 32}}` changes one value of it.
/// A network that takes samples has `{"sample_rate": 48000, "samples": {"length": 144000}}`. Without a preset every key
/// of the first example is needed but `window_shape`; docs/front-ends.md lists those there are besides. Unknown keys
/// are refused: they are mostly misspelt ones. What is wrong is thrown as `AudioError.badFrontEnd` or
/// `.unknownPreset`.
extension FrontEnd: Codable {
  private static let keys = Sound.keys.union(Analysis.keys).union([
    "preset", "sample_rate", "samples", "steps", "patch",
  ])

  public init(from decoder: any Decoder) throws {
    let fields = try JSONFields(decoder, keys: Self.keys)
    let base = try fields.optional("preset", String.self).map { name in try FrontEnd.preset(named: name) }
    let sampleRate = try fields.value("sample_rate", else: base?.sampleRate)
    let sound = try Sound(fields, else: base?.sound ?? Sound())
    let steps = try fields.pictureSteps("steps") ?? base?.steps ?? []
    let isSpectral = Analysis.keys.contains { fields.has($0) }
    if fields.has("samples") || (base?.isSamples == true && !isSpectral) {
      for key in Analysis.keys.union(["patch"]).sorted() {
        try fields.refuse([key], "does not go with \"samples\": they are taken as they are")
      }
      try self.init(
        sampleRate: sampleRate, sound: sound, analysis: nil, steps: steps,
        patch: Patch(samples: fields, else: base?.isSamples == true ? base?.patch : nil))
    } else {
      try self.init(
        sampleRate: sampleRate, sound: sound,
        analysis: Analysis(fields, sampleRate: sampleRate, else: base?.analysis), steps: steps,
        patch: Patch(fields, else: base?.isSamples == true ? nil : base?.patch))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: JSONKey.self)
    try fields.encode(sampleRate, forKey: "sample_rate")
    try sound.encode(to: &fields)
    try analysis?.encode(to: &fields)
    if !steps.isEmpty { try fields.encode(steps.map { PatchStep.values($0) }, forKey: "steps") }
    try patch.encode(to: &fields, isSamples: isSamples)
  }
}

extension FrontEnd.Sound {
  static let keys: Set<String> = ["channels", "length", "scaling", "remove_mean", "pre_emphasis"]

  fileprivate init(_ fields: JSONFields, else base: Self) throws {
    try self.init(
      channels: Channels(fields, else: base.channels),
      length: fields.optional("length", Int.self, "must be a whole number") ?? base.length,
      scaling: Scaling(fields, else: base.scaling),
      removesMean: fields.truth("remove_mean", else: base.removesMean),
      preEmphasis: fields.value("pre_emphasis", else: base.preEmphasis))
  }

  /// What is as usual is left out.
  fileprivate func encode(to fields: inout KeyedEncodingContainer<JSONKey>) throws {
    switch channels {
    case .mix: break
    case .one(let index): try fields.encode(index, forKey: "channels")
    case .all: try fields.encode("all", forKey: "channels")
    }
    try fields.encodeIfPresent(length, forKey: "length")
    switch scaling {
    case .none: break
    case .factor(let factor): try fields.encode(factor, forKey: "scaling")
    case .peak: try fields.encode("peak", forKey: "scaling")
    case .standard(let epsilon):
      var scaling = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "scaling")
      try scaling.encode("standard", forKey: "kind")
      try scaling.encode(epsilon, forKey: "epsilon")
    }
    if removesMean { try fields.encode(true, forKey: "remove_mean") }
    if preEmphasis != 0 { try fields.encode(preEmphasis, forKey: "pre_emphasis") }
  }
}

extension FrontEnd.Sound.Channels {
  fileprivate init(_ fields: JSONFields, else base: Self) throws {
    switch try fields.nameOrNumber("channels", names: ["mix", "all"], orA: "the number of one, from 0") {
    case nil: self = base
    case .name("all")?: self = .all
    case .name?: self = .mix
    case .number(let number)?:
      guard let index = Int(exactly: number) else {
        throw fields.wrong("channels", "must be \"mix\", \"all\" or a whole number")
      }
      self = .one(index)
    }
  }
}

extension FrontEnd.Sound.Scaling {
  /// wav2vec2's.
  private static let usualEpsilon = 1e-7

  fileprivate init(_ fields: JSONFields, else base: Self) throws {
    if let inner = try fields.nestedIfObject("scaling", keys: ["kind", "epsilon"]) {
      guard try inner.text("kind") == "standard" else { throw inner.wrong("kind", "must be \"standard\"") }
      self = .standard(epsilon: try inner.value("epsilon", else: Self.usualEpsilon))
      return
    }
    let names = ["none", "peak", "standard"]
    switch try fields.nameOrNumber("scaling", names: names, orA: "a factor, such as 32768") {
    case nil: self = base
    case .name("peak")?: self = .peak
    case .name("standard")?: self = .standard(epsilon: Self.usualEpsilon)
    case .name?: self = .none
    case .number(let factor)?: self = .factor(factor)
    }
  }
}
