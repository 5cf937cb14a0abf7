extension FrontEnd.Patch {
  /// The patch of a picture: `{"frames": 96, "hop": 48, "tail": "pad-to-hop"}`, or `{"frames": "any"}` where a
  /// network takes all there is, at least `shortest` frames.
  init(_ parent: JSONFields, else base: Self?) throws {
    let keys: Set<String> = [
      "frames", "shortest", "hop", "tail", "shortest_tail", "fill", "pad_value", "steps",
    ]
    guard let fields = try parent.nested("patch", keys: keys) else {
      self = try parent.given("patch", else: base)
      return
    }
    var (frames, isFree) = (base?.frames, base?.isFree ?? false)
    switch try fields.nameOrNumber("frames", names: ["any"], orA: "a whole number") {
    case nil: break
    case .name?: (frames, isFree) = (1, true)
    case .number?: (frames, isFree) = (try fields.value("frames", else: nil), false)
    }
    // Where the preset's patch is the whole sound, its hop says nothing.
    let usualHop = base?.isFree == true ? frames : base?.hop
    if isFree {
      frames = try fields.value("shortest", else: frames)
      try fields.refuse(["hop"], "does not go with \"frames\": \"any\": there is one patch")
    } else {
      try fields.refuse(["shortest"], "belongs to \"frames\": \"any\"")
    }
    try self.init(
      frames: fields.given("frames", else: frames),
      hop: isFree ? fields.given("frames", else: frames) : fields.value("hop", else: usualHop),
      tail: fields.choice("tail", else: base?.tail ?? (isFree ? .padToHop : nil)),
      shortestTail: fields.value("shortest_tail", else: base?.shortestTail ?? 0), isFree: isFree,
      fill: fields.choice("fill", else: base?.fill ?? .zeros),
      padValue: fields.value("pad_value", else: base?.padValue ?? 0),
      steps: fields.patchSteps("steps") ?? base?.steps ?? [])
  }

  /// The patch of samples: `{"length": 144000, "hop": 144000}`; without a length the network takes all there are, at
  /// least `shortest`.
  init(samples parent: JSONFields, else base: Self?) throws {
    let keys: Set<String> = [
      "length", "shortest", "hop", "centred", "tail", "shortest_tail", "fill", "steps",
    ]
    guard let fields = try parent.nested("samples", keys: keys) else {
      self = try parent.given("samples", else: base)
      return
    }
    let length = try fields.optional("length", Int.self, "must be a whole number")
    let isFree = length == nil && (base?.isFree ?? true)
    let frames: Int
    if isFree {
      try fields.refuse(["hop", "centred"], "needs a \"length\"")
      frames = try fields.value("shortest", else: base?.frames ?? 1)
    } else {
      try fields.refuse(["shortest"], "does not go with a \"length\"")
      frames = try fields.given("length", else: length ?? base?.frames)
    }
    // A preset's hop goes with its length.
    let usualHop = length == nil ? base?.hop ?? frames : frames
    try self.init(
      frames: frames, hop: fields.value("hop", else: usualHop),
      tail: fields.choice("tail", else: base?.tail ?? .padToHop),
      shortestTail: fields.value("shortest_tail", else: base?.shortestTail ?? 0), isFree: isFree,
      isCentred: fields.truth("centred", else: base?.isCentred ?? false),
      fill: fields.choice("fill", else: base?.fill ?? .zeros),
      steps: fields.patchSteps("steps") ?? base?.steps ?? [])
  }

  func encode(to fields: inout KeyedEncodingContainer<JSONKey>, isSamples: Bool) throws {
    var patch = fields.nestedContainer(keyedBy: JSONKey.self, forKey: isSamples ? "samples" : "patch")
    if isFree {
      if !isSamples { try patch.encode("any", forKey: "frames") }
      try patch.encode(frames, forKey: "shortest")
    } else {
      try patch.encode(frames, forKey: isSamples ? "length" : "frames")
      try patch.encode(hop, forKey: "hop")
    }
    if isCentred { try patch.encode(true, forKey: "centred") }
    try patch.encode(tail, forKey: "tail")
    if shortestTail != 0 { try patch.encode(shortestTail, forKey: "shortest_tail") }
    if fill != .zeros { try patch.encode(fill, forKey: "fill") }
    if padValue != 0 { try patch.encode(padValue, forKey: "pad_value") }
    if !steps.isEmpty { try patch.encode(steps, forKey: "steps") }
  }
}
