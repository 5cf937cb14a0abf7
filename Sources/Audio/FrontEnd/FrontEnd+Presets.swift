extension FrontEnd {
  /// YAMNet's: 25 ms magnitudes every 10 ms, 64 HTK-mel triangles over 125-7500 Hz, `ln(m + 0.001)`, patches of
  /// 0.96 s every 0.48 s. Gemmeke et al.; TensorFlow Models, `audioset/yamnet`.
  public static let yamnet = FrontEnd(
    unchecked: 16000, window: 400, hop: 160, fft: 512, framing: .fromStart, spectrum: .magnitude,
    mel: Mel(bands: 64, lowest: 125, highest: 7500, scale: .htk, norm: .none, construction: .tensorflow),
    compression: .log(base: .natural, scale: 1, offset: 0.001),
    patch: Patch(frames: 96, hop: 48, tail: .padToHop))

  /// musicnn's: librosa's power mel spectrogram of 512 points every 256, 96 Slaney bands over 0-8000 Hz,
  /// `log₁₀(10000 m + 1)`, patches of 187 frames (3 s) side by side. Pons and Serra, 2019.
  public static let musicnn = FrontEnd(
    unchecked: 16000, window: 512, hop: 256, fft: 512, framing: .centred, spectrum: .power,
    mel: Mel(bands: 96, lowest: 0, highest: 8000, scale: .slaney, norm: .slaney, construction: .librosa),
    compression: .log(base: .ten, scale: 10000, offset: 1),
    patch: Patch(frames: 187, hop: 187, tail: .dropIncomplete))

  private static let presets: [(name: String, frontEnd: FrontEnd)] = [
    ("yamnet", yamnet), ("musicnn", musicnn),
  ]

  /// The names `preset(named:)` knows.
  public static var presetNames: [String] { presets.map(\.name) }

  /// The front end of that name.
  ///
  /// - Throws: `.unknownPreset`, whose message lists the names there are.
  public static func preset(named name: String) throws(AudioError) -> FrontEnd {
    guard let preset = presets.first(where: { $0.name == name }) else { throw .unknownPreset(name: name) }
    return preset.frontEnd
  }
}
