import ArgumentParser
import Audio
import Explain
import Files
import Models

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
    let model = try AudioModel(named: "yamnet", threads: options.threadCount, memory: options.memory?.bytes)
    try WholeFile.makeFolder(output)
    var run = ExplanationRun(
      model: model, methods: [.gradCAM, .saliency, .smoothGrad], settings: [.init()], folder: output,
      title: "Otoscope: what YAMNet heard", printsJSON: false)
    let count = Self.sounds.count + 1
    for (index, (sound, label)) in Self.sounds.enumerated() {
      Terminal.note("explaining why \(sound) is '\(label)'")
      let clip = try Clip(reading: try BundledData.soundPath(sound))
      try run.add(clip, [.label(label)], share: (index, count))
    }
    let (first, second) = Self.mixture
    Terminal.note("explaining \(first.0) followed by \(second.0), for both classes")
    let parts = try [first.0, second.0].map { try Recording.read(try BundledData.soundPath($0)) }
    let joined = try Recording.joined(parts)
    try writeWAV(joined.scaledToFullScaleIfLouder(), to: "\(output)/dog-then-rooster.wav")
    let clip = Clip(
      name: "\(first.0), then \(second.0)", stem: "dog-then-rooster", recording: joined)
    try run.add(clip, [.label(first.1), .label(second.1)], share: (count - 1, count))
    try Terminal.result("open \(try run.finish())")
  }
}
