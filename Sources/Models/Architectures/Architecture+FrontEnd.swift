public import Audio

extension Architecture {
  /// How the published network listens, patch length included.
  public var frontEnd: FrontEnd {
    switch self {
    case .sbCNN: Self.sbCNNFrontEnd
    // ResNet-50 on these: Hershey et al., 2017. The others have no front end of their own for sounds.
    case .vggish, .resNet18, .resNet50: .vggish
    case .mobileNetV1, .mobileNetV2: .yamnet
    case .fcn4, .musicTaggerCNN: Self.musicTaggerFrontEnd
    case .mmCNN, .mmCNNMulti: Self.mmCNNFrontEnd
    case .musicnn: .musicnn
    case .iminetImitation: .iminetImitation
    case .iminetRecording: .iminetRecording
    case .m5: Self.m5FrontEnd
    }
  }

  /// 128 mel bands over 0-22,050 Hz of 1024 samples side by side, patches of 128 frames (3 s), one starting every half.
  ///
  /// The paper says "log" and no more: here `log₁₀(10000 m + 1)`, as musicnn's, whose values are of order 1, which a
  /// network without batch normalization needs, and 0 for silence.
  private static let sbCNNFrontEnd = FrontEnd(
    unchecked: 44100,
    analysis: FrontEnd.Analysis(
      window: 1024, hop: 1024, fft: 1024, framing: .centred, spectrum: .power,
      bands: .slaney(128, 0, 22050), compression: .log(base: .ten, scale: 10000, offset: 1)),
    patch: FrontEnd.Patch(frames: 128, hop: 64, tail: .padToHop))

  /// 29.12 s of 96 mel bands of 512 samples every 256 at 12 kHz, in dB of the squared energy; a longer sound is cut, a
  /// shorter one filled up with zeros. keunwoochoi/music-auto_tagging-keras, `audio_processor.py`.
  private static let musicTaggerFrontEnd = FrontEnd(
    unchecked: 12000, sound: FrontEnd.Sound(length: 349_440), analysis: squaredDecibels,
    patch: FrontEnd.Patch(frames: 1366, hop: 1366, tail: .dropIncomplete))

  /// The same spectrogram in patches of 128 frames (2.7 s). Veleslavia/EUSIPCO2017.
  ///
  /// There the mean of the training set is taken off; here that of the patch.
  private static let mmCNNFrontEnd = FrontEnd(
    unchecked: 12000, analysis: squaredDecibels,
    patch: FrontEnd.Patch(
      frames: 128, hop: 128, tail: .dropIncomplete,
      steps: [.values(.standardise(FrontEnd.centring))]))

  /// `10 log₁₀(m²)` of at least 1e-10, at most 80 dB below the largest: librosa's `logamplitude(melspectrogram(…) ** 2)`.
  private static let squaredDecibels = FrontEnd.Analysis(
    window: 512, hop: 256, fft: 512, framing: .centred, padding: .reflect, spectrum: .power,
    bands: .slaney(96, 0, 6000), compression: .decibels(floor: 1e-5, factor: 20, range: 80))

  /// 4 s of samples at 8 kHz, of mean 0 and deviation 1.
  private static let m5FrontEnd = FrontEnd(
    unchecked: 8000, sound: FrontEnd.Sound(scaling: .standard(epsilon: 1e-7)), analysis: nil,
    patch: FrontEnd.Patch(frames: 32000, hop: 32000, tail: .dropIncomplete))
}

extension FrontEnd {
  /// The mean of a patch taken off.
  fileprivate static let centring = PictureStep.Standardisation(over: .all, scales: false)
}
