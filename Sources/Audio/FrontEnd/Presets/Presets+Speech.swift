/// The front ends of networks that listen to speech, and of the toolkits they are trained with.
extension FrontEnd {
  /// Kaldi's filterbank: 25 ms every 10 ms, mean off, pre-emphasis of 0.97 and Povey's window in each frame, 23 bands
  /// from 20 Hz on, natural logarithm. `torchaudio.compliance.kaldi.fbank` with its defaults, samples within ±1.
  public static let kaldi = FrontEnd(
    unchecked: 16000, analysis: kaldiAnalysis(bands: 23, windowShape: .povey), patch: .any())

  static func kaldiAnalysis(bands: Int, windowShape: WindowShape) -> Analysis {
    Analysis(
      window: 400, windowShape: windowShape, windowSymmetry: .symmetric, hop: 160, fft: 512,
      framing: .fromStart, removesFrameMean: true, framePreEmphasis: 0.97, spectrum: .power,
      bands: .mel(
        Mel(bands: bands, lowest: 20, highest: 8000, scale: .kaldi, norm: .none, construction: .kaldi)),
      compression: .log(base: .natural, scale: 1, offset: 0, floor: 1.1920928955078125e-07))
  }

  /// Whisper's: 80 Slaney bands of 25 ms every 10 ms, `log₁₀`, at most 8 below the largest of the 30 s, `(x + 4) / 4`.
  /// Radford et al., 2022; transformers' `WhisperFeatureExtractor`.
  public static let whisper = FrontEnd(
    unchecked: 16000,
    analysis: Analysis(
      window: 400, hop: 160, fft: 400, framing: .centred, padding: .reflect, dropsLastFrame: true,
      spectrum: .power, bands: .slaney(80, 0, 8000),
      compression: .log(base: .ten, scale: 1, offset: 0, floor: 1e-10)),
    patch: Patch(
      frames: 3000, hop: 3000, tail: .padToHop,
      steps: [.values(.raiseToRange(8)), .values(.affine(scale: 0.25, shift: 1))]))

  /// wav2vec 2.0's, HuBERT's and WavLM's: the samples, of mean 0 and deviation 1. Baevski et al., 2020; transformers'
  /// `Wav2Vec2FeatureExtractor`.
  public static let wav2vec2 = FrontEnd(
    unchecked: 16000, sound: Sound(scaling: .standard(epsilon: 1e-7)), analysis: nil,
    // What its convolutions make one frame of.
    patch: .any(shortest: 400))

  /// CREPE's: the samples, 1024 centred on every hundredth of a second, each window of mean 0 and deviation 1. Kim et
  /// al., 2018.
  public static let crepe = FrontEnd(
    unchecked: 16000, analysis: nil,
    patch: Patch(
      frames: 1024, hop: 160, tail: .dropIncomplete, isCentred: true,
      steps: [
        .values(.standardise(PictureStep.Standardisation(over: .all, epsilon: 1e-8, guarding: .least)))
      ]))

  /// SpeechBrain's `Fbank` with its defaults: 40 bands of 25 ms every 10 ms under a Hamming window, dB, at most 80
  /// below the largest.
  public static let speechBrain = FrontEnd(
    unchecked: 16000,
    analysis: Analysis(
      window: 400, windowShape: .hamming, hop: 160, fft: 400, framing: .centred, spectrum: .power,
      bands: .mel(
        Mel(bands: 40, lowest: 0, highest: 8000, scale: .htk, norm: .none, construction: .speechbrain)),
      compression: .decibels(floor: 1e-10, range: 80)),
    patch: .any())

  /// `librosa.feature.melspectrogram` and `power_to_db` with their defaults.
  public static let librosa = FrontEnd(
    unchecked: 22050, analysis: librosaAnalysis(.decibels(floor: 1e-10, range: 80)), patch: .any())

  static func librosaAnalysis(_ compression: Compression) -> Analysis {
    Analysis(
      window: 2048, hop: 512, fft: 2048, framing: .centred, spectrum: .power, bands: .slaney(128, 0, 11025),
      compression: compression)
  }

  /// `torchaudio.transforms.MelSpectrogram` with its defaults: energies.
  public static let torchaudio = FrontEnd(
    unchecked: 16000,
    analysis: Analysis(
      window: 400, hop: 200, fft: 400, framing: .centred, padding: .reflect, spectrum: .power,
      bands: .mel(
        Mel(bands: 128, lowest: 0, highest: 8000, scale: .htk, norm: .none, construction: .librosa)),
      compression: .none),
    patch: .any())
}
