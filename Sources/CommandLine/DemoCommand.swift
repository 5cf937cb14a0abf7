import ArgumentParser
import Audio
import Explain
import Files
import Jobs
import Models
import Reports

/// `demo`: explains bundled sounds, and a mixture of two of them for both classes.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Explain some bundled recordings and say which page to open.",
    discussion: """
      EXAMPLE:
        otoscope demo --output otoscope-demo
      """)

  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-demo"
  @OptionGroup var options: NetworkOptions

  /// Each with the class that is explained.
  private static let sounds = [
    ("dog.mp3", "Dog"), ("rooster.mp3", "Chicken, rooster"), ("misc_crow.flac", "Crow"),
    ("loop_tabla.flac", "Music"),
  ]
  /// Placed one after the other; each class should be found in its own half.
  private static let mixture = (first: ("dog.mp3", "Dog"), second: ("rooster.mp3", "Chicken, rooster"))

  func run() throws {
    let request = ExplainRequest(
      sounds: [], model: ModelChoice("yamnet"), methods: MethodSelection([.gradCAM, .saliency, .smoothGrad]))
    let job = try ExplainJob(request, in: options.workspace)
    try WholeFile.makeFolder(output)
    var keeper = try ExplanationKeeper(
      job, in: FolderStore(output), request: Arguments.asTyped, title: "Otoscope: what YAMNet heard",
      count: Self.sounds.count + 1)
    var stems = StemNames()
    let progress = Progress("demo")
    func explain(_ clip: Clip, _ labels: [String], number: Int) throws {
      let control = progress.control.part(number, of: Self.sounds.count + 1)
      let found = try job.explain(clip, labels.map { .label($0) }, stems: &stems, control: control)
      try keeper.keep(
        SoundResult(
          number: number, path: clip.path, identity: nil, sound: found.sound,
          contributions: found.contributions))
    }
    for (number, (sound, label)) in Self.sounds.enumerated() {
      Terminal.note("explaining why \(sound) is '\(label)'")
      try explain(Clip(reading: try BundledData.soundPath(sound)), [label], number: number)
    }
    let (first, second) = Self.mixture
    Terminal.note("explaining \(first.0) followed by \(second.0), for both classes")
    let parts = try [first.0, second.0].map { try Recording.read(try BundledData.soundPath($0)) }
    let joined = try Recording.joined(parts)
    try writeWAV(joined.scaledToFullScaleIfLouder(), to: "\(output)/dog-then-rooster.wav")
    let clip = Clip(name: "\(first.0), then \(second.0)", stem: "dog-then-rooster", recording: joined)
    try explain(clip, [first.1, second.1], number: Self.sounds.count)
    progress.finish()
    if let (page, _) = try keeper.finish(nil as ClassAverages?, isWhole: true) {
      try Terminal.result("open \(Folder.path(to: page, in: output))")
    }
  }
}
