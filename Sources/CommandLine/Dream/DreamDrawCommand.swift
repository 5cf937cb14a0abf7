import ArgumentParser
import Audio
import Explain
import Files
import Jobs
import Models
import Probe

/// `dream draw`, and `dream` alone: one verb for pictures and for sounds.
struct DreamDrawCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw",
    abstract:
      "Draw into pictures what a network begins to see in them, or into sounds what a model begins to hear.",
    usage: """
      otoscope dream [<picture> ...] [--model <model>] [<options>]
      otoscope dream <sound> ... [--model <model>] [<options>]
      otoscope dream render [--classes <classes>] [<options>]
      """,
    discussion: """
      DeepDream. Pictures (PNG, JPEG, WebP, GIF, BMP, TIFF) are dreamt upon by an image network, sounds by a model that \
      listens; without a file the dream grows from noise. Which of the two is told by --model, and without it by the files. \
      'otoscope dream render --help' tells how sequences are made beforehand, for many classes.

      Of pictures DIR gets NAME.dream.png and NAME.stages.png, with --film also .webm and .mp4; of sounds NAME.dream.png,
      .svg, .npz and .wav. DIR/index.html shows all, DIR/report.json tells it.

      EXAMPLES:
        otoscope dream dog.jpg --output dog-dream
        otoscope dream --target rooster --size 400 --frames 120 --film --sound rooster.mp3
        otoscope dream sky.jpg --guide dog.jpg --layer LAYER
        otoscope dream sky.jpg --layer LAYER --channel 7 --octaves 3
        otoscope dream dog.mp3 --output dog-dream
        otoscope dream street.wav --target Siren --steps 40
      """,
    helpNames: [.short, .long])

  @Argument(help: "Pictures, or sound or video files; '-' is standard input. None: noise.")
  var files: [String] = []
  @Option(
    help: """
      An image network (\(BundledData.imageModelNames.joined(separator: ", "))), a model that listens \
      (\(BundledData.modelNames.joined(separator: ", "))), or the path of an ONNX file.
      """)
  var model: String?
  @OptionGroup(title: "What is drawn out") var goal: DreamGoalOptions
  @OptionGroup(title: "Steps") var steps: DreamStepOptions
  @OptionGroup(title: "Pictures") var picture: DreamPictureOptions
  @OptionGroup(title: "Sounds") var stretch: DreamStretchOptions
  @OptionGroup(title: "How a model listens") var listening: ListeningOptions
  @Flag(help: "Also write a film of the dream, as WebM and MP4; of a sound with the sound at its end.")
  var film = false
  @Option(help: ArgumentHelp("A sound under the film of pictures.", valueName: "file"))
  var sound: String?
  @Flag(
    help:
      "Also write the colours of pictures without rounding, as NAME.dream.npz: 'picture', 0 to 255, [3, height, width]."
  )
  var arrays = false
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-dream"
  @Flag(help: "Print a JSON object for each dream.")
  var json = false

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
    guard sound == nil || film else { throw ValidationError("--sound goes under a film: add --film") }
  }

  func run() throws {
    switch try DreamKind(of: files, model: model) {
    case .pictures(let model): try dreamUponPictures(model)
    case .sounds(let model): try dreamUponSounds(model)
    }
  }
}

/// Which stretch of sounds is dreamt upon.
struct DreamStretchOptions: ParsableArguments {
  @Option(help: "Where to begin in each sound, in seconds.")
  var start: Double = 0
  @Option(help: "How much of each sound to use, in seconds (default: all).")
  var duration: Double?

  func validate() throws {
    guard start >= 0, start.isFinite else { throw ValidationError("--start must be seconds from 0 on") }
    if let duration, !(duration > 0 && duration.isFinite) {
      throw ValidationError("--duration must be more than 0 seconds")
    }
  }
}

/// Whether a dream is of pictures or of sounds, and the model for it.
enum DreamKind {
  case pictures(model: String)
  case sounds(model: String)

  private static let imageModel = BundledData.imageModelNames[0]
  private static let soundModel = BundledData.modelNames[0]

  /// - Parameter model: as the user named it.
  /// - Throws: `Misuse` where the files and the model do not go together; what keeps a model from being read.
  init(of files: [String], model: String?) throws {
    let pictures = files.filter { $0 != "-" && DecodedPicture.isPicture($0) }
    let others = files.filter { $0 != "-" && !DecodedPicture.isPicture($0) }
    if let model {
      if try ImageModel.isOne(model) {
        // What is no picture is refused when it is read, in its own words.
        self = .pictures(model: model)
      } else {
        guard !files.isEmpty else {
          throw Misuse("\(model) listens: name the sounds to dream upon, or an image network with --model")
        }
        if let picture = pictures.first {
          throw Misuse(
            "\(PathText.shown(picture)) is a picture, and \(model) listens; leave out --model, or name an image network"
          )
        }
        self = .sounds(model: model)
      }
    } else if let picture = pictures.first, let sound = others.first {
      throw Misuse(
        "\(PathText.shown(picture)) is a picture and \(PathText.shown(sound)) is none; dream upon pictures and sounds one after the other"
      )
    } else if !pictures.isEmpty || files.isEmpty {
      self = .pictures(model: Self.imageModel)
    } else {
      self = .sounds(model: Self.soundModel)
    }
  }
}
