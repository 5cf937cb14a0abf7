import ArgumentParser
import Explain
import Files
import Jobs
import Models
import Reports

/// `dream render`: sequences of frames for many classes, made beforehand.
struct DreamRenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Make a sequence of dream pictures, and a film, for each of many classes beforehand.",
    discussion: """
      For machines too weak to dream live. Writes DIR/NAME/0001.png and so on for each class, DIR/NAME.webm and DIR/NAME.mp4, \
      and DIR/render.json. A run that was ended anywhere, even killed, goes on where it stood when the same command is \
      given again, to the same frames; a folder that was begun with other settings is refused. Classes may be added.

      EXAMPLES:
        otoscope dream render --output dreams
        otoscope dream render --classes dog,rooster,siren --frames 100 --size 200 --output dreams
        otoscope dream render --classes "Chicken, rooster" --classes "acoustic guitar" --zoom 4
      """,
    helpNames: [.short, .long])

  @Option(
    help: """
      Classes of sound ('dog', 'Bark'), or of the image network; with commas between, or repeated (default: the classes \
      that have a picture).
      """)
  var classes: [String] = []
  @Option(
    help:
      "An image network (\(BundledData.imageModelNames.joined(separator: ", "))) or the path of an ONNX file."
  )
  var model: String = BundledData.imageModelNames[0]
  @OptionGroup(title: "Steps") var steps: DreamRenderStepOptions
  @OptionGroup(title: "Pictures") var picture: DreamPictureOptions
  @Flag(help: "Begin each class with its picture, where it has one, instead of noise.")
  var fromPictures = false
  @Flag(inversion: .prefixedNo, help: "Make a film of each class.")
  var films = true
  @OptionGroup var network: NetworkOptions
  @Option(name: .shortAndLong, help: "The folder to fill.")
  var output: String = "otoscope-dreams"
  @Flag(help: "Print a JSON object for each class.")
  var json = false

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
  }

  func run() throws {
    var request = RenderRequest(model: model, classes: classes)
    request.settings = try picture.settings(steps.all, frames: Self.usualFrames)
    (request.seeds, request.makesFilms, request.startsWithPicture) = (picture.seeds, films, fromPictures)
    let job = try RenderJob(request, in: network.workspace)
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    let progress = Progress("render")
    try job.run(into: output, control: progress.control) { rendered in
      if json {
        try Terminal.result(RecordCoding.line(rendered))
      } else {
        let seen = rendered.seen.first.map { "; the network sees \($0.label)" } ?? ""
        try Terminal.result("\(rendered.label): \(rendered.frames) frames (\(rendered.made) new)\(seen)")
      }
    }
    progress.finish()
  }

  static let usualFrames = 100
}

/// Steps of a frame: fewer than of a single picture, since each frame goes on from the one before.
struct DreamRenderStepOptions: ParsableArguments {
  @Option(help: "How many sizes are dreamt upon in each frame, the smallest first.")
  var octaves: Int = 1
  @Option(help: "From one size to the next.")
  var scale: Double = 1.4
  @Option(help: "Steps in each size of a frame.")
  var steps: Int = 4
  @Option(help: "How far a step goes on average, in grey levels of 255.")
  var step: Float?
  @Option(help: "The largest shift for each step, in pixels.")
  var jitter: Double?
  @Option(help: "What random numbers begin with.")
  var seed: UInt64 = 0

  var all: DreamStepOptions {
    var all = DreamStepOptions()
    (all.octaves, all.scale, all.steps, all.step, all.jitter, all.seed) = (
      octaves, scale, steps, step, jitter, seed
    )
    return all
  }

  func validate() throws { try all.validate() }
}
