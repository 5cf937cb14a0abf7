/// The front ends of networks that listen to animals, and of those that see sounds as pictures.
extension FrontEnd {
  /// BirdNET's: windows of 3 s of samples; a last one of less than a second is left out. Kahl et al., 2021;
  /// BirdNET-Analyzer's `split_signal`. The spectrograms are inside the network.
  public static let birdnet = FrontEnd(
    unchecked: 48000, analysis: nil,
    patch: Patch(frames: 144_000, hop: 144_000, tail: .padToHop, shortestTail: 48000))

  /// Perch's: windows of 5 s of samples, each without its mean and at a peak of 0.25. perch-hoplite.
  ///
  /// A shorter sound is filled up behind its end; the original puts it in the middle.
  public static let perch = FrontEnd(
    unchecked: 32000, analysis: nil,
    patch: Patch(
      frames: 160_000, hop: 160_000, tail: .dropIncomplete,
      steps: [
        .values(.standardise(PictureStep.Standardisation(over: .all, scales: false))), .values(.unitPeak),
        .values(.affine(scale: 0.25, shift: 0)),
      ]))

  /// OpenSoundscape's: clips of 5 s, powers of 512 samples every 256 in dB, -80 to 0 as 0 to 1, high frequencies on
  /// top, three copies of 224 x 224, `(x − 0.5) / 0.5`. `SpectrogramPreprocessor`'s defaults at 32 kHz.
  public static let openSoundscape = FrontEnd(
    unchecked: 32000,
    analysis: Analysis(
      window: 512, windowScaling: .length, hop: 256, fft: 512, framing: .fromStart, spectrum: .power,
      bands: .linear(lowest: 0, highest: 16000),
      compression: .log(base: .ten, scale: 1, offset: 1e-10)),
    steps: [.affine(scale: 10, shift: 0)],
    patch: Patch(
      frames: 624, hop: 624, tail: .dropIncomplete,
      steps: [
        .values(.affine(scale: 1 / 80, shift: 1)), .values(.clip(lowest: 0, highest: 1)), .flip(.bands),
        .resize(frames: 224, bands: 224, mode: .bilinear), .copies(3),
        .channelStatistics(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5]),
      ]))

  /// Hear and See's: librosa's mel spectrogram in dB below the maximum as a picture in matplotlib's magma, high
  /// frequencies on top, 224 x 224, with ImageNet's statistics. thommiano/hear-and-see_peerj, without its JPEG files.
  public static let hearAndSee = FrontEnd(
    unchecked: 22050, analysis: librosaAnalysis(.decibels(floor: 1e-10, reference: .maximum, range: 80)),
    patch: .any(steps: [
      .values(.unitRange(epsilon: 0)),
      .colours(PatchStep.Colours(.magma, isInterpolated: false)), .flip(.bands),
      .resize(frames: 224, bands: 224, mode: .bilinear),
      .channelStatistics(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]),
    ]))

  /// IMINET's for vocal imitations: 39 bands over 0-5 kHz of 133 samples side by side, dB below the maximum, each
  /// example of mean 0 and deviation 1; 4 s. Zhang, Pardo and Duan, 2019; Siamese-Vocal-Imitations'
  /// `preprocessing.py`.
  public static let iminetImitation = iminet(
    sampleRate: 16000, window: 133, bands: .slaney(39, 0, 5000), frames: 482, kept: 482)

  /// IMINET's for recordings: 128 bands of 1024 samples side by side at 44.1 kHz, the first 128 frames of 4 s.
  public static let iminetRecording = iminet(
    sampleRate: 44100, window: 1024, bands: .slaney(128, 0, 22050), frames: 173, kept: 128)

  private static func iminet(sampleRate: Int, window: Int, bands: Bands, frames: Int, kept: Int) -> FrontEnd {
    FrontEnd(
      unchecked: sampleRate, sound: Sound(length: 4 * sampleRate),
      analysis: Analysis(
        window: window, hop: window, fft: window, framing: .centred, spectrum: .power, bands: bands,
        compression: .decibels(floor: 1e-10)),
      patch: Patch(
        frames: frames, hop: frames, tail: .dropIncomplete,
        steps: [
          .values(.subtractMaximum), .values(.raiseToRange(80)), .cut(frames: kept),
          .values(.standardise(PictureStep.Standardisation(over: .all))),
        ]))
  }
}
