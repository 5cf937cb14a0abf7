extension FrontEnd {
  /// Whether these values make a front end, and one of a sane size: a JSON file from anywhere may ask for anything.
  ///
  /// - Throws: `.badFrontEnd` naming the key, as in the JSON, and the value.
  func check() throws(AudioError) {
    try check("sample_rate", sampleRate, within: Limits.sampleRates)
    try check("fft", fft, within: 2...32768)
    try check("window", window, within: 1...fft, "(at most \"fft\")")
    try check("hop", hop, within: 1...1_000_000)
    try check("mel.bands", mel.bands, within: 1...512)
    let nyquist = Double(sampleRate) / 2
    guard mel.lowest >= 0, mel.lowest < nyquist else {
      throw bad("mel.lowest", mel.lowest, "must be from 0 to below half the sample rate, \(nyquist)")
    }
    guard mel.highest > mel.lowest, mel.highest <= nyquist else {
      throw bad(
        "mel.highest", mel.highest,
        "must be above \"mel.lowest\" and at most half the sample rate, \(nyquist)")
    }
    // Bands so close that doubles cannot tell their edges apart would divide by zero.
    let width = mel.scale.mel(ofHertz: mel.highest) - mel.scale.mel(ofHertz: mel.lowest)
    guard width / Double(mel.bands) > 1e-6 else {
      throw bad("mel.highest", mel.highest, "must be further above \"mel.lowest\"")
    }
    switch compression {
    case .log(_, let scale, let offset):
      guard scale > 0, scale <= 1e12 else {
        throw bad("compression.scale", scale, "must be above 0, at most 1e12")
      }
      guard offset >= 1e-30, offset <= 1e12 else {
        throw bad(
          "compression.offset", offset, "must be above 0 (1e-30 to 1e12), for silence has a logarithm too")
      }
    case .decibels(let floor):
      guard floor >= 1e-30, floor <= 1e12 else {
        throw bad("compression.floor", floor, "must be above 0 (1e-30 to 1e12), for silence has a level too")
      }
    case .none: break
    }
    try check("patch.frames", patch.frames, within: 1...65536)
    try check("patch.hop", patch.hop, within: 1...patch.frames, "(at most \"patch.frames\")")

    let framesPerSecond = Double(sampleRate) / Double(hop)
    guard framesPerSecond * Double(mel.bands) <= Double(1 << 20) else {
      throw bad("hop", hop, "gives over a million values a second; use a longer hop or fewer bands")
    }
    guard patch.frames * mel.bands <= 1 << 24 else {
      throw bad(
        "patch.frames", patch.frames, "gives over 16 million values a patch; use fewer frames or bands")
    }
    guard framesPerSecond / Double(patch.hop) * Double(patch.frames * mel.bands) <= Double(1 << 22) else {
      throw bad("patch.hop", patch.hop, "gives over 4 million values a second; use a longer patch hop")
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

  private func bad(_ key: String, _ value: some CustomStringConvertible, _ problem: String) -> AudioError {
    .badFrontEnd(key: key, value: value.description, problem: problem)
  }
}
