/// The front ends of networks that tag sounds and music.
extension FrontEnd {
  /// YAMNet's: 25 ms magnitudes every 10 ms, 64 HTK-mel triangles over 125-7500 Hz, `ln(m + 0.001)`, patches of
  /// 0.96 s every 0.48 s. Gemmeke et al.; TensorFlow Models, `audioset/yamnet`.
  public static let yamnet = tensorFlow(
    offset: 0.001, patch: Patch(frames: 96, hop: 48, tail: .padToHop))

  /// VGGish's: YAMNet's with `ln(m + 0.01)` and whole patches of 0.96 s side by side. Hershey et al., 2017; TensorFlow
  /// Models, `audioset/vggish`.
  public static let vggish = tensorFlow(
    offset: 0.01, patch: Patch(frames: 96, hop: 96, tail: .dropIncomplete))

  private static func tensorFlow(offset: Double, patch: Patch) -> FrontEnd {
    FrontEnd(
      unchecked: 16000,
      analysis: Analysis(
        window: 400, hop: 160, fft: 512, framing: .fromStart, spectrum: .magnitude,
        bands: .mel(
          Mel(bands: 64, lowest: 125, highest: 7500, scale: .htk, norm: .none, construction: .tensorflow)),
        compression: .log(base: .natural, scale: 1, offset: offset)),
      patch: patch)
  }

  /// musicnn's: librosa's power mel spectrogram of 512 points every 256, 96 Slaney bands over 0-8000 Hz,
  /// `log₁₀(10000 m + 1)`, patches of 187 frames (3 s) side by side. Pons and Serra, 2019.
  public static let musicnn = FrontEnd(
    unchecked: 16000,
    analysis: Analysis(
      window: 512, hop: 256, fft: 512, framing: .centred, spectrum: .power,
      bands: .slaney(96, 0, 8000), compression: .log(base: .ten, scale: 10000, offset: 1)),
    patch: Patch(frames: 187, hop: 187, tail: .dropIncomplete))

  /// PANNs' at 32 kHz, as of CNN14: torchlibrosa's dB of 64 Slaney bands over 50-14000 Hz, sounds of any length. Kong
  /// et al., 2020.
  public static let panns = torchLibrosa(sampleRate: 32000, window: 1024, hop: 320, highest: 14000)

  /// PANNs' at 16 kHz, as of `Cnn14_16k`: bands over 50-8000 Hz.
  public static let panns16k = torchLibrosa(sampleRate: 16000, window: 512, hop: 160, highest: 8000)

  private static func torchLibrosa(sampleRate: Int, window: Int, hop: Int, highest: Double) -> FrontEnd {
    FrontEnd(
      unchecked: sampleRate,
      analysis: Analysis(
        window: window, hop: hop, fft: window, framing: .centred, padding: .reflect, spectrum: .power,
        bands: .slaney(64, 50, highest), compression: .decibels(floor: 1e-10)),
      // Five halvings of time leave one frame.
      patch: .any(shortest: 32))
  }

  /// The Audio Spectrogram Transformer's: Kaldi's filterbank of 128 bands with a symmetric Hann window, 1024 frames
  /// filled up with 0, AudioSet's mean and twice its deviation. Gong et al., 2021; transformers'
  /// `ASTFeatureExtractor`.
  public static let ast = FrontEnd(
    unchecked: 16000, analysis: kaldiAnalysis(bands: 128, windowShape: .hann),
    patch: Patch(
      frames: 1024, hop: 1024, tail: .padFrames,
      steps: [.values(.statistics(mean: [-4.2677393], deviation: [2 * 4.5689974]))]))

  /// CLAP's: dB of 64 Slaney bands over 50-14000 Hz, sounds of 10 s, shorter ones repeated as often as they fit
  /// whole. Wu et al., 2023; transformers' `ClapFeatureExtractor` with `rand_trunc` and `repeatpad`, as
  /// `laion/clap-htsat-unfused`.
  public static let clap = FrontEnd(
    unchecked: 48000,
    analysis: Analysis(
      window: 1024, hop: 480, fft: 1024, framing: .centred, padding: .reflect, spectrum: .power,
      bands: .slaney(64, 50, 14000), compression: .decibels(floor: 1e-10)),
    patch: Patch(frames: 1001, hop: 1001, tail: .padToHop, fill: .copies))

  /// OpenL3's (mel 256, music or environment): 1 s of dB below the window's maximum, 256 Slaney bands over 0-24 kHz.
  /// Cramer et al., 2019.
  ///
  /// The original analyses each window of 1 s alone, every 0.1 s; here windows are stretches of one picture, every 20
  /// frames (0.1008 s), whose last frames see what follows them.
  public static let openl3 = FrontEnd(
    unchecked: 48000,
    analysis: Analysis(
      window: 2048, hop: 242, fft: 2048, framing: .fromStart, padding: .constant, spectrum: .magnitude,
      bands: .slaney(256, 0, 24000), compression: .decibels(floor: 1e-10)),
    patch: Patch(
      frames: 199, hop: 20, tail: .padToHop,
      steps: [.values(.subtractMaximum), .values(.raiseToRange(80))]))

  /// openWakeWord's: dB of 32 Slaney bands of 16-bit samples over 60-3800 Hz, at most 80 dB below the loudest, `x /
  /// 10 + 2`, windows of 76 frames every 8. The values of its `melspectrogram.onnx`.
  public static let openWakeWord = FrontEnd(
    unchecked: 16000, sound: Sound(scaling: .factor(32768)),
    analysis: Analysis(
      window: 400, hop: 160, fft: 512, framing: .insideTransform, spectrum: .power,
      bands: .slaney(32, 60, 3800), compression: .decibels(floor: 1e-10, range: 80)),
    steps: [.affine(scale: 0.1, shift: 2)], patch: Patch(frames: 76, hop: 8, tail: .dropIncomplete))
}

extension FrontEnd.Bands {
  /// librosa's usual mel bands.
  package static func slaney(_ bands: Int, _ lowest: Double, _ highest: Double) -> Self {
    .mel(
      FrontEnd.Mel(
        bands: bands, lowest: lowest, highest: highest, scale: .slaney, norm: .slaney,
        construction: .librosa))
  }
}

extension FrontEnd.Patch {
  /// The whole sound.
  static func any(shortest: Int = 1, steps: [PatchStep] = []) -> Self {
    Self(frames: shortest, hop: shortest, tail: .padToHop, isFree: true, steps: steps)
  }
}
