import ArgumentParser

/// What a sound has been taken apart into.
struct StemOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A part of the sound, as long as it, which audio-lime keeps or leaves out (given several times; what they leave of \
      the sound is one more part; default: its harmonic and percussive parts in bands).
      """, valueName: "sound"))
  var stem: [String] = []
}
