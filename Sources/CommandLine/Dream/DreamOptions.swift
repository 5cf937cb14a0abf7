import ArgumentParser
import Jobs
import Probe

/// What is drawn out.
struct DreamGoalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A layer whose activations are drawn out (default: one behind the middle of the network); of pictures several.",
      valueName: "tensor"))
  var layer: [String] = []
  @Option(help: "A share for each --layer of pictures, in their order (default: equal ones).")
  var weight: [Float] = []
  @Option(
    help: "Channels of the layer: all, or numbers and ranges as 0-7,12 (default: the layer as a whole).")
  var channel: String?
  @Option(
    help: """
      A class to draw out in place of a layer: a label or a number; may be repeated, or several with commas between. Of \
      pictures also a class of sound ('Bark'), which goes towards its picture.
      """)
  var target: [String] = []
  @Option(
    help: ArgumentHelp(
      "A picture, or a sound, that the layer's activations are to be like.", valueName: "file"))
  var guide: String?

  func validate() throws {
    guard target.isEmpty || layer.isEmpty && channel == nil && guide == nil else {
      throw ValidationError("--target draws out classes, --layer a layer: choose one")
    }
    guard channel == nil || guide == nil else {
      throw ValidationError("--guide follows all channels of a layer: leave out --channel")
    }
    if let channel, ChannelChoice(channel) == nil {
      throw ValidationError("--channel \(channel): give all, or numbers and ranges as 0-7,12")
    }
    guard channel == nil || layer.count == 1 else { throw ValidationError("--channel goes with one --layer") }
    guard weight.isEmpty || weight.count == layer.count else {
      throw ValidationError("--weight goes with --layer: give as many, or none")
    }
    guard weight.allSatisfy({ $0.isFinite && $0 != 0 }) else {
      throw ValidationError("--weight must be a number other than 0")
    }
  }

  /// - Parameter seeds: a folder of pictures of sound classes.
  func goals(seeds: String?) -> DreamGoals {
    var goals = DreamGoals()
    (goals.layers, goals.weights, goals.targets, goals.guide) = (layer, weight, target, guide)
    goals.channels = channel.flatMap(ChannelChoice.init)
    goals.seeds = seeds
    return goals
  }
}

/// How far and how often the gradient is followed.
struct DreamStepOptions: ParsableArguments {
  @Option(
    help: """
      How many sizes are dreamt upon, the smallest first (default: \(PictureDreamSettings().octaves.count) of pictures, \
      \(Octaves().count) of sounds).
      """)
  var octaves: Int?
  @Option(help: "From one size to the next.")
  var scale: Double = 1.4
  @Option(help: "Steps in each size.")
  var steps: Int = 20
  @Option(
    help: """
      How far a step goes on average: of pictures in grey levels of 255 (default: \(PictureDreamSettings().step.size)), of sounds as a \
      share of the range of values (default: 0.01).
      """)
  var step: Float?
  @Option(
    help: """
      The largest shift for each step: of pictures in pixels (default: \(PictureDreamSettings().step.jitter)), of sounds along time, as a \
      share of the clip (default: 0.05).
      """)
  var jitter: Double?
  @Option(help: "What random numbers begin with.")
  var seed: UInt64 = 0

  func validate() throws {
    guard octaves.map({ (1...12).contains($0) }) ?? true else {
      throw ValidationError("--octaves must be from 1 to 12")
    }
    guard scale > 1, scale <= 4 else { throw ValidationError("--scale must be more than 1 and at most 4") }
    guard (1...10_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 10000") }
    if let step, !(step > 0 && step <= 255) {
      throw ValidationError("--step must be more than 0 and at most 255")
    }
    if let jitter, !(jitter >= 0 && jitter <= 4096) {
      throw ValidationError("--jitter must be from 0 to 4096")
    }
  }
}

/// What only pictures have.
struct DreamPictureOptions: ParsableArguments {
  @Option(
    help: """
      The longer side of the dream in pixels (default: that of the picture, at most \(PictureDreamSettings.ownSize); \
      \(PictureDreamSettings.noiseSize) from noise).
      """)
  var size: Int?
  @Option(help: "The weight of total variation, which keeps neighbouring pixels alike.")
  var tv: Float = PictureDreamSettings().step.totalVariation
  @Option(help: "Pixels cropped from each border between two frames: the dream flies into itself.")
  var zoom: Int = PictureDreamSettings().zoom
  @Option(help: "How many times the dream is dreamt upon again, each time zoomed.")
  var frames: Int?
  @Option(help: "Frames of a film in a second.")
  var rate: Int = PictureDreamSettings().rate
  @Option(
    help: ArgumentHelp(
      "Your pictures of sound classes, named by the labels (Dog.jpg), in place of those that come along.",
      valueName: "folder"))
  var seeds: String?

  func validate() throws {
    let sizes = PictureDreamSettings.sizes
    if let size, !sizes.contains(size) {
      throw ValidationError("--size must be from \(sizes.lowerBound) to \(sizes.upperBound) pixels")
    }
    guard tv >= 0, tv <= 100 else { throw ValidationError("--tv must be from 0 to 100") }
    guard (0...512).contains(zoom) else { throw ValidationError("--zoom must be from 0 to 512 pixels") }
    if let size, 4 * zoom > size { throw ValidationError("--zoom must be at most a quarter of --size") }
    if let frames, !(1...100_000).contains(frames) {
      throw ValidationError("--frames must be from 1 to 100000")
    }
    guard (1...120).contains(rate) else {
      throw ValidationError("--rate must be from 1 to 120 frames a second")
    }
  }

  func settings(_ steps: DreamStepOptions, frames usual: Int) throws -> PictureDreamSettings {
    var settings = PictureDreamSettings()
    (settings.size, settings.zoom, settings.frames, settings.rate) = (size, zoom, frames ?? usual, rate)
    settings.octaves = Octaves(count: steps.octaves ?? settings.octaves.count, scale: steps.scale)
    settings.steps = steps.steps
    settings.step.totalVariation = tv
    settings.step.seed = steps.seed
    if let step = steps.step { settings.step.size = step }
    if let jitter = steps.jitter {
      guard jitter == jitter.rounded() else {
        throw ValidationError("--jitter is a whole number of pixels for pictures")
      }
      settings.step.jitter = Int(jitter)
    }
    return settings
  }
}
