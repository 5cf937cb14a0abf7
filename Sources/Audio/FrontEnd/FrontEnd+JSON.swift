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
/// Without a preset every key is needed but `window_shape`. Unknown keys are refused: they are mostly misspelt ones.
/// What is wrong is thrown as `AudioError.badFrontEnd` or `.unknownPreset`.
extension FrontEnd: Codable {
  public init(from decoder: any Decoder) throws {
    let fields = try JSONFields(
      decoder,
      keys: [
        "preset", "sample_rate", "window", "window_shape", "hop", "fft", "framing", "spectrum", "mel",
        "compression", "patch",
      ])
    let base = try fields.optional("preset", String.self).map { name in try FrontEnd.preset(named: name) }
    try self.init(
      sampleRate: fields.value("sample_rate", else: base?.sampleRate),
      window: fields.value("window", else: base?.window),
      windowShape: fields.choice("window_shape", else: base?.windowShape ?? .hann),
      hop: fields.value("hop", else: base?.hop),
      fft: fields.value("fft", else: base?.fft),
      framing: fields.choice("framing", else: base?.framing),
      spectrum: fields.choice("spectrum", else: base?.spectrum),
      mel: Mel(fields, else: base?.mel),
      compression: Compression(fields, else: base?.compression),
      patch: Patch(fields, else: base?.patch))
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: JSONKey.self)
    try fields.encode(sampleRate, forKey: "sample_rate")
    try fields.encode(window, forKey: "window")
    try fields.encode(windowShape, forKey: "window_shape")
    try fields.encode(hop, forKey: "hop")
    try fields.encode(fft, forKey: "fft")
    try fields.encode(framing, forKey: "framing")
    try fields.encode(spectrum, forKey: "spectrum")

    var mel = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "mel")
    try mel.encode(self.mel.bands, forKey: "bands")
    try mel.encode(self.mel.lowest, forKey: "lowest")
    try mel.encode(self.mel.highest, forKey: "highest")
    try mel.encode(self.mel.scale, forKey: "scale")
    try mel.encode(self.mel.norm, forKey: "norm")
    try mel.encode(self.mel.construction, forKey: "construction")

    var compression = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "compression")
    switch self.compression {
    case .log(let base, let scale, let offset):
      try compression.encode("log", forKey: "kind")
      try compression.encode(base, forKey: "base")
      try compression.encode(scale, forKey: "scale")
      try compression.encode(offset, forKey: "offset")
    case .decibels(let floor):
      try compression.encode("decibels", forKey: "kind")
      try compression.encode(floor, forKey: "floor")
    case .none:
      try compression.encode("none", forKey: "kind")
    }

    var patch = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "patch")
    try patch.encode(self.patch.frames, forKey: "frames")
    try patch.encode(self.patch.hop, forKey: "hop")
    try patch.encode(self.patch.tail, forKey: "tail")
  }
}

extension FrontEnd.Mel {
  fileprivate init(_ parent: JSONFields, else base: Self?) throws {
    let keys: Set<String> = ["bands", "lowest", "highest", "scale", "norm", "construction"]
    guard let fields = try parent.nested("mel", keys: keys) else {
      self = try parent.given("mel", else: base)
      return
    }
    try self.init(
      bands: fields.value("bands", else: base?.bands),
      lowest: fields.value("lowest", else: base?.lowest),
      highest: fields.value("highest", else: base?.highest),
      scale: fields.choice("scale", else: base?.scale),
      norm: fields.choice("norm", else: base?.norm),
      construction: fields.choice("construction", else: base?.construction))
  }
}

extension FrontEnd.Compression {
  private enum Kind: String, CaseIterable {
    case log
    case decibels
    case none
  }

  fileprivate init(_ parent: JSONFields, else base: Self?) throws {
    guard let fields = try parent.nested("compression", keys: ["kind", "base", "scale", "offset", "floor"])
    else {
      self = try parent.given("compression", else: base)
      return
    }
    let present: (kind: Kind?, base: LogBase?, scale: Double?, offset: Double?, floor: Double?) =
      switch base {
      case .log(let base, let scale, let offset)?: (.log, base, scale, offset, nil)
      case .decibels(let floor)?: (.decibels, nil, nil, nil, floor)
      case .some(.none): (Kind.none, nil, nil, nil, nil)
      case nil: (nil, nil, nil, nil, nil)
      }
    let kind: Kind = try fields.choice("kind", else: present.kind)
    switch kind {
    case .log:
      try fields.refuse(["floor"], "belongs to the kind \"decibels\"")
      self = .log(
        base: try fields.choice("base", else: present.base),
        scale: try fields.value("scale", else: present.scale),
        offset: try fields.value("offset", else: present.offset))
    case .decibels:
      try fields.refuse(["base", "scale", "offset"], "belongs to the kind \"log\"")
      self = .decibels(floor: try fields.value("floor", else: present.floor))
    case .none:
      try fields.refuse(["base", "scale", "offset", "floor"], "does not belong to the kind \"none\"")
      self = .none
    }
  }
}

extension FrontEnd.Patch {
  fileprivate init(_ parent: JSONFields, else base: Self?) throws {
    guard let fields = try parent.nested("patch", keys: ["frames", "hop", "tail"]) else {
      self = try parent.given("patch", else: base)
      return
    }
    try self.init(
      frames: fields.value("frames", else: base?.frames),
      hop: fields.value("hop", else: base?.hop),
      tail: fields.choice("tail", else: base?.tail))
  }
}
