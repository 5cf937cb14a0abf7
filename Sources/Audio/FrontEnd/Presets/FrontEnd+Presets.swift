extension FrontEnd {
  private static let presets: [(name: String, frontEnd: FrontEnd)] = [
    ("yamnet", yamnet), ("musicnn", musicnn), ("vggish", vggish), ("panns", panns), ("panns-16k", panns16k),
    ("ast", ast), ("kaldi", kaldi), ("whisper", whisper), ("wav2vec2", wav2vec2), ("clap", clap),
    ("birdnet", birdnet), ("perch", perch), ("crepe", crepe), ("openl3", openl3), ("librosa", librosa),
    ("torchaudio", torchaudio), ("opensoundscape", openSoundscape), ("speechbrain", speechBrain),
    ("openwakeword", openWakeWord), ("hear-and-see", hearAndSee), ("iminet-imitation", iminetImitation),
    ("iminet-recording", iminetRecording),
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
