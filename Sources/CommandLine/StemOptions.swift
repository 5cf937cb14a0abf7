import ArgumentParser
import Audio
import Models

/// What a sound has been taken apart into.
struct StemOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A part of the sound, as long as it, which audio-lime keeps or leaves out (given several times; what they leave of \
      the sound is one more part; default: its harmonic and percussive parts in bands).
      """, valueName: "sound"))
  var stem: [String] = []

  /// The stems, at the front end's rate, of the stretch that is explained.
  func stems(for model: AudioModel, _ part: StretchOptions) throws -> [Stem] {
    try stem.map { path in
      let clip = try Clip(reading: path, start: part.start, duration: part.duration)
      return Stem(name: clip.name, samples: try clip.recording.mono(at: model.frontEnd.sampleRate))
    }
  }

  /// - Throws: `ExplanationError.stem` for stems that are no parts of the clip, by how long they are. What encoders pad is
  ///   forgiven.
  func check(_ stems: [Stem], of clip: Recording, for model: AudioModel) throws {
    for (path, stem) in zip(stem, stems) {
      let seconds = Double(stem.samples.count) / Double(model.frontEnd.sampleRate)
      guard abs(seconds - clip.duration) < 0.1 else {
        throw ExplanationError.stem(path: path, seconds: seconds, sound: clip.duration)
      }
    }
  }
}
