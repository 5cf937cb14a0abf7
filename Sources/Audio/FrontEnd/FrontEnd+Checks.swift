extension FrontEnd {
  /// Whether these values make a front end, and one of a sane size: a JSON file from anywhere may ask for anything.
  ///
  /// - Throws: `.badFrontEnd` naming the key, as in the JSON, and the value.
  func check() throws(AudioError) {
    try check("sample_rate", sampleRate, within: Limits.sampleRates)
    try checkSound()
    if let analysis { try check(analysis) }
    try checkPatch()
    var width = analysis?.bands.count(sampleRate: sampleRate, fft: fft) ?? 1
    for (index, step) in steps.enumerated() {
      try step.check(at: "steps[\(index)]", bands: width)
      width = step.bands(of: width)
    }
    try checkSize()
    var extents = PatchExtents(channels: pictureCount, frames: patch.frames, bands: width)
    for (index, step) in patch.steps.enumerated() {
      if case .deltas = step, patch.isFree {
        throw bad(
          "patch.steps[\(index)].kind", "\"deltas\"", "needs a fixed number of frames; give \"frames\"")
      }
      try step.check(
        at: "patch.steps[\(index)]", extents, channelsAreKnown: sound.channels != .all)
      extents = step.extents(of: extents)
      guard extents.channels * extents.frames * extents.bands <= 1 << 26 else {
        throw bad("patch.steps[\(index)]", "it", "gives over 67 million values a patch; make it smaller")
      }
    }
  }

  private func checkSound() throws(AudioError) {
    if case .one(let index) = sound.channels {
      try check("channels", index, within: 0...Limits.channels.upperBound - 1)
    }
    if let length = sound.length {
      try check("length", length, within: 1...1 << 26)
      guard patch.fill == .zeros else {
        throw bad("length", length, "does not go with \"fill\": a sound is cut and filled up with zeros")
      }
    }
    switch sound.scaling {
    case .factor(let factor): try check("scaling", factor, within: 1e-12...1e12)
    case .standard(let epsilon): try check("scaling.epsilon", epsilon, within: 0...1e6)
    case .none, .peak: break
    }
    try check("pre_emphasis", sound.preEmphasis, within: -1...1)
  }

  private func check(_ analysis: Analysis) throws(AudioError) {
    try check("fft", fft, within: 2...32768)
    try check("window", window, within: 1...fft, "(at most \"fft\")")
    try check("hop", hop, within: 1...1_000_000)
    try check("frame_pre_emphasis", analysis.framePreEmphasis, within: -1...1)
    let isPadded = analysis.padding != .none
    guard framing == .fromStart || isPadded == (framing != .insideTransform) else {
      throw bad(
        "padding", "\"\(analysis.padding.rawValue)\"",
        "does not go with \"framing\": \"\(framing.rawValue)\"; leave it out")
    }
    try check("spectrum", analysis.spectrum.exponent, within: 0.05...8)
    try check(analysis.bands)
    try check(analysis.compression)
    guard !analysis.resolutions.isEmpty else { return }
    guard framing == .centred || framing == .hopCentred else {
      throw bad(
        "resolutions", "several", "need a \"framing\" whose frames are centred, so that they are as many")
    }
    guard analysis.resolutions.count < 16 else {
      throw bad("resolutions", analysis.resolutions.count, "are too many; at most 15 beside \"window\"")
    }
    for (index, resolution) in analysis.resolutions.enumerated() {
      let key = "resolutions[\(index)]"
      try check("\(key).fft", resolution.fft, within: 2...32768)
      try check("\(key).window", resolution.window, within: 1...resolution.fft, "(at most \"fft\")")
      let bands = analysis.bands.count(sampleRate: sampleRate, fft: resolution.fft)
      guard bands == analysis.bands.count(sampleRate: sampleRate, fft: fft) else {
        throw bad("\(key).fft", resolution.fft, "gives \(bands) bands; all resolutions need as many")
      }
    }
  }

  private func check(_ bands: Bands) throws(AudioError) {
    let key: String
    switch bands {
    case .mel(let mel):
      key = "mel"
      try check("mel.bands", mel.bands, within: 1...512)
    case .logarithmic(let count, let lowest, _):
      key = "bands"
      try check("bands.count", count, within: 1...4096)
      guard lowest > 0 else { throw bad("bands.lowest", lowest, "must be above 0 where bands are octaves") }
    case .linear: key = "bands"
    }
    let nyquist = Double(sampleRate) / 2
    let (lowest, highest) = bands.bounds
    guard lowest >= 0, lowest < nyquist else {
      throw bad("\(key).lowest", lowest, "must be from 0 to below half the sample rate, \(nyquist)")
    }
    guard highest > lowest, highest <= nyquist else {
      throw bad(
        "\(key).highest", highest,
        "must be above \"\(key).lowest\" and at most half the sample rate, \(nyquist)")
    }
    guard bands.count(sampleRate: sampleRate, fft: fft) > 0 else {
      throw bad("\(key).highest", highest, "must be far enough above \"\(key).lowest\" to hold a bin")
    }
    guard case .mel(let mel) = bands else { return }
    // Bands so close that doubles cannot tell their edges apart would divide by zero.
    let width = mel.scale.mel(ofHertz: mel.highest) - mel.scale.mel(ofHertz: mel.lowest)
    guard width / Double(mel.bands) > 1e-6 else {
      throw bad("mel.highest", mel.highest, "must be further above \"mel.lowest\"")
    }
  }

  private func check(_ compression: Compression) throws(AudioError) {
    switch compression {
    case .log(_, let scale, let offset, let floor):
      guard scale > 0, scale <= 1e12 else {
        throw bad("compression.scale", scale, "must be above 0, at most 1e12")
      }
      try check("compression.floor", floor, within: 0...1e12)
      guard offset >= (floor >= 1e-30 ? 0 : 1e-30), offset <= 1e12 else {
        throw bad(
          "compression.offset", offset,
          "must be above 0 (1e-30 to 1e12), or \"floor\" must be, for silence has a logarithm too")
      }
    case .decibels(let floor, let factor, let reference, let range):
      guard floor >= 1e-30, floor <= 1e12 else {
        throw bad("compression.floor", floor, "must be above 0 (1e-30 to 1e12), for silence has a level too")
      }
      try check("compression.factor", factor, within: 1e-3...1e3)
      if case .value(let value) = reference {
        try check("compression.reference", value, within: 1e-30...1e12)
      }
      if let range { try check("compression.range", range, within: 0...1e4) }
    case .power(let exponent): try check("compression.exponent", exponent, within: 0.01...8)
    case .pcen(let pcen):
      try check("compression.gain", pcen.gain, within: 0...2)
      try check("compression.bias", pcen.bias, within: 1e-12...1e6)
      try check("compression.power", pcen.power, within: 1e-3...2)
      try check("compression.time_constant", pcen.timeConstant, within: 1e-4...1e4)
      try check("compression.epsilon", pcen.epsilon, within: 1e-30...1e3)
    case .none: break
    }
  }

  private func checkPatch() throws(AudioError) {
    let key = isSamples ? "samples.length" : "patch.frames"
    try check(key, patch.frames, within: 1...(isSamples ? 1 << 24 : 65536))
    if !patch.isFree {
      try check(
        isSamples ? "samples.hop" : "patch.hop", patch.hop, within: 1...patch.frames, "(at most \"\(key)\")")
    }
    try check(
      isSamples ? "samples.shortest_tail" : "patch.shortest_tail", patch.shortestTail,
      within: 0...patch.frames)
    try check("patch.pad_value", patch.padValue, within: -1e30...1e30)
    guard !patch.isCentred || isSamples, !patch.isCentred || (patch.frames % 2 == 0 && !patch.isFree) else {
      throw bad("samples.centred", "true", "needs an even \"length\"")
    }
  }

  private func checkSize() throws(AudioError) {
    let bands = max(bandCount, analysis?.bands.count(sampleRate: sampleRate, fft: fft) ?? 1)
    let framesPerSecond = Double(sampleRate) / Double(hop)
    let hopKey = isSamples ? "sample_rate" : "hop"
    guard framesPerSecond * Double(bands) <= Double(1 << 20) else {
      throw bad(
        hopKey, isSamples ? sampleRate : hop,
        "gives over a million values a second; use a longer hop or fewer bands")
    }
    guard patch.frames * bands <= 1 << 24 else {
      throw bad(
        "patch.frames", patch.frames, "gives over 16 million values a patch; use fewer frames or bands")
    }
    guard
      patch.isFree || framesPerSecond / Double(patch.hop) * Double(patch.frames * bands) <= Double(1 << 22)
    else {
      throw bad(
        isSamples ? "samples.hop" : "patch.hop", patch.hop,
        "gives over 4 million values a second; use a longer patch hop")
    }
    guard (patch.frames + patch.hop) * hop + fft <= 1 << 28 else {
      throw bad("hop", hop, "gives patches of over 268 million samples; use a shorter hop or fewer frames")
    }
  }

  private func check(
    _ key: String, _ value: Int, within range: ClosedRange<Int>, _ remark: String = ""
  ) throws(AudioError) {
    guard !range.contains(value) else { return }
    let bounds = "must be from \(range.lowerBound) to \(range.upperBound)"
    throw .badFrontEnd(key: key, value: "\(value)", problem: remark.isEmpty ? bounds : bounds + " " + remark)
  }

  private func check(_ key: String, _ value: Double, within range: ClosedRange<Double>) throws(AudioError) {
    try AudioError.check(key, value, within: range)
  }

  private func bad(_ key: String, _ value: some CustomStringConvertible, _ problem: String) -> AudioError {
    .badFrontEnd(key: key, value: value.description, problem: problem)
  }
}

extension AudioError {
  /// - Throws: `.badFrontEnd` where a number is no number or outside its range.
  static func check(_ key: String, _ value: Double, within range: ClosedRange<Double>) throws(AudioError) {
    guard !range.contains(value) else { return }
    throw .badFrontEnd(
      key: key, value: "\(value)", problem: "must be from \(range.lowerBound) to \(range.upperBound)")
  }
}

extension FrontEnd.Bands {
  /// The lowest and the highest frequency, as they were given.
  var bounds: (lowest: Double, highest: Double) {
    switch self {
    case .mel(let mel): (mel.lowest, mel.highest)
    case .linear(let lowest, let highest), .logarithmic(_, let lowest, let highest): (lowest, highest)
    }
  }
}
