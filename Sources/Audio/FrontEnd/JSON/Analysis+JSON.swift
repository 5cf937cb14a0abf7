extension FrontEnd.Analysis {
  static let keys: Set<String> = [
    "window", "window_shape", "window_symmetry", "window_scaling", "hop", "fft", "framing", "padding",
    "remove_frame_mean", "frame_pre_emphasis", "drop_last_frame", "spectrum", "mel", "bands", "compression",
    "resolutions",
  ]

  init(_ fields: JSONFields, sampleRate: Int, else base: Self?) throws {
    let window = try fields.value("window", else: base?.window)
    let framing: FrontEnd.Framing = try fields.choice("framing", else: base?.framing)
    // Another framing has another padding, where none is given.
    let padding = base?.framing == framing ? base?.padding : nil
    try self.init(
      window: window,
      windowShape: fields.choice("window_shape", else: base?.windowShape ?? .hann),
      windowSymmetry: fields.choice("window_symmetry", else: base?.windowSymmetry ?? .periodic),
      windowScaling: fields.choice(
        "window_scaling", else: base?.windowScaling ?? FrontEnd.WindowScaling.none),
      hop: fields.value("hop", else: base?.hop),
      fft: fields.value("fft", else: base?.fft),
      framing: framing,
      padding: fields.choice("padding", else: padding ?? framing.usualPadding),
      removesFrameMean: fields.truth("remove_frame_mean", else: base?.removesFrameMean ?? false),
      framePreEmphasis: fields.value("frame_pre_emphasis", else: base?.framePreEmphasis ?? 0),
      dropsLastFrame: fields.truth("drop_last_frame", else: base?.dropsLastFrame ?? false),
      spectrum: FrontEnd.Spectrum(fields, else: base?.spectrum),
      bands: FrontEnd.Bands(fields, sampleRate: sampleRate, else: base?.bands),
      compression: FrontEnd.Compression(fields, else: base?.compression),
      resolutions: Self.resolutions(fields) ?? base?.resolutions ?? [])
  }

  private static func resolutions(_ fields: JSONFields) throws -> [Resolution]? {
    try fields.objects("resolutions")?.map { fields in
      try fields.allow(["window", "fft"])
      return Resolution(
        window: try fields.value("window", else: nil as Int?), fft: try fields.value("fft", else: nil as Int?)
      )
    }
  }

  /// What is as usual is left out, but for the keys that were always there.
  func encode(to fields: inout KeyedEncodingContainer<JSONKey>) throws {
    try fields.encode(window, forKey: "window")
    try fields.encode(windowShape, forKey: "window_shape")
    if windowSymmetry != .periodic { try fields.encode(windowSymmetry, forKey: "window_symmetry") }
    if windowScaling != .none { try fields.encode(windowScaling, forKey: "window_scaling") }
    try fields.encode(hop, forKey: "hop")
    try fields.encode(fft, forKey: "fft")
    try fields.encode(framing, forKey: "framing")
    if padding != framing.usualPadding { try fields.encode(padding, forKey: "padding") }
    if removesFrameMean { try fields.encode(true, forKey: "remove_frame_mean") }
    if framePreEmphasis != 0 { try fields.encode(framePreEmphasis, forKey: "frame_pre_emphasis") }
    if dropsLastFrame { try fields.encode(true, forKey: "drop_last_frame") }
    switch spectrum {
    case .magnitude: try fields.encode("magnitude", forKey: "spectrum")
    case .power: try fields.encode("power", forKey: "spectrum")
    default: try fields.encode(spectrum.exponent, forKey: "spectrum")
    }
    try bands.encode(to: &fields)
    try compression.encode(to: &fields)
    guard !resolutions.isEmpty else { return }
    var list = fields.nestedUnkeyedContainer(forKey: "resolutions")
    for resolution in resolutions {
      var fields = list.nestedContainer(keyedBy: JSONKey.self)
      try fields.encode(resolution.window, forKey: "window")
      try fields.encode(resolution.fft, forKey: "fft")
    }
  }
}

extension FrontEnd.Spectrum {
  fileprivate init(_ fields: JSONFields, else base: Self?) throws {
    let names = ["magnitude", "power"]
    switch try fields.nameOrNumber("spectrum", names: names, orA: "the exponent of magnitudes") {
    case nil: self = try fields.given("spectrum", else: base)
    case .name("power")?: self = .power
    case .name?: self = .magnitude
    case .number(let exponent)?: self.init(exponent: exponent)
    }
  }
}

extension FrontEnd.Bands {
  private enum Kind: String, CaseIterable {
    case linear
    case logarithmic
  }

  fileprivate init(_ fields: JSONFields, sampleRate: Int, else base: Self?) throws {
    if let bands = try fields.nested("bands", keys: ["kind", "count", "lowest", "highest"]) {
      try fields.refuse(["mel"], "stands beside \"bands\"; give one of them")
      let kind: Kind = try bands.choice("kind", else: nil)
      switch kind {
      case .linear:
        try bands.refuse(["count"], "does not belong to the kind \"linear\", which has the transform's bins")
        self = .linear(
          lowest: try bands.value("lowest", else: 0),
          highest: try bands.value("highest", else: Double(sampleRate) / 2))
      case .logarithmic:
        self = .logarithmic(
          count: try bands.value("count", else: nil), lowest: try bands.value("lowest", else: nil),
          highest: try bands.value("highest", else: nil))
      }
      return
    }
    guard case .mel(let mel)? = base else {
      guard let base, !fields.has("mel") else {
        self = .mel(try FrontEnd.Mel(fields, else: nil))
        return
      }
      self = base
      return
    }
    self = .mel(try FrontEnd.Mel(fields, else: mel))
  }

  fileprivate func encode(to fields: inout KeyedEncodingContainer<JSONKey>) throws {
    switch self {
    case .mel(let mel):
      var fields = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "mel")
      try fields.encode(mel.bands, forKey: "bands")
      try fields.encode(mel.lowest, forKey: "lowest")
      try fields.encode(mel.highest, forKey: "highest")
      try fields.encode(mel.scale, forKey: "scale")
      try fields.encode(mel.norm, forKey: "norm")
      try fields.encode(mel.construction, forKey: "construction")
    case .linear(let lowest, let highest):
      var fields = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "bands")
      try fields.encode("linear", forKey: "kind")
      try fields.encode(lowest, forKey: "lowest")
      try fields.encode(highest, forKey: "highest")
    case .logarithmic(let count, let lowest, let highest):
      var fields = fields.nestedContainer(keyedBy: JSONKey.self, forKey: "bands")
      try fields.encode("logarithmic", forKey: "kind")
      try fields.encode(count, forKey: "count")
      try fields.encode(lowest, forKey: "lowest")
      try fields.encode(highest, forKey: "highest")
    }
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
