public import ArgumentParser
import Files
import Jobs
public import Train

/// What is done to sounds and pictures before a network learns from them.
struct TrainingSoundOptions: ParsableArguments {
  @Option(
    help: """
      baseline (clips as they are), padded (to one length, with the last value), or rolled (also by 25, 50 and 75 % of their \
      length, to and fro: 7 times the data).
      """)
  var variant: Variant = .baseline
  @Option(help: ArgumentHelp("The length that variants pad clips to.", valueName: "seconds"))
  var paddedTo: Double = 4
  @Option(
    help: ArgumentHelp(
      """
      Further forms of every clip, with commas between: stretch (four rates), pitch (±1 and ±2 semitones), wide-pitch (±2.5 \
      and ±3.5), gain (two within ±6 dB), shift (two within ±0.5 s).
      """, valueName: "form,…"))
  var augment: String?
  @Option(
    help: ArgumentHelp(
      "Recordings that every clip is mixed with as a background (may be repeated).", valueName: "sound"))
  var background: [String] = []
  @Flag(help: "Roll every picture in time by a random number of frames.")
  var randomShift = false
  @Option(help: ArgumentHelp("Move every picture by a random gain, up or down.", valueName: "decibels"))
  var randomGain: Double = 0
  @Option(
    help: ArgumentHelp(
      "Mask so many random stretches of time and of bands in every picture (SpecAugment).", valueName: "masks"
    ))
  var specAugment: Int = 0
  @Option(
    help: ArgumentHelp(
      """
      A table of regions (file, start, end, and perhaps lowest and highest frequency and class) in which the evidence lies: \
      gradients outside of them are penalised.
      """, valueName: "table"))
  var attention: String?
  @Option(help: ArgumentHelp("How much that counts.", valueName: "lambda"))
  var attentionStrength: Double = 10
  @Option(
    help: ArgumentHelp(
      "Where computed pictures are kept (default: otoscope in the user's cache).", valueName: "folder")
  )
  var cache: String?

  func validate() throws {
    guard paddedTo > 0, paddedTo <= 3600 else {
      throw ValidationError("--padded-to must be more than 0 and at most 3600 seconds")
    }
    guard (0...60).contains(randomGain) else { throw ValidationError("--random-gain must be from 0 to 60") }
    guard (0...16).contains(specAugment) else { throw ValidationError("--spec-augment must be from 0 to 16") }
    guard attentionStrength >= 0, attentionStrength.isFinite else {
      throw ValidationError("--attention-strength must be 0 or more")
    }
    _ = try forms()
  }

  var cacheFolder: String { cache ?? Self.usualCacheFolder }

  static var usualCacheFolder: String { UserFolder.cache("otoscope/features") ?? "/tmp/otoscope/features" }

  func apply(to request: inout TrainRequest) throws {
    (request.variant, request.paddedSeconds) = (variant, paddedTo)
    request.augmentations = try forms()
    if !background.isEmpty {
      request.augmentations.append(.backgrounds(try background.map { try .init(path: $0) }))
    }
    request.augmentation.rollsInTime = randomShift
    (request.augmentation.timeMasks, request.augmentation.bandMasks) = (specAugment, specAugment)
    request.gain = randomGain
    request.regions = attention
    if attention != nil { request.plan.attention = attentionStrength }
  }

  private func forms() throws -> [SoundAugmentation] {
    try (augment ?? "").split(separator: ",").map { name in
      switch name {
      case "stretch": .stretches
      case "pitch": .smallPitches
      case "wide-pitch": .largePitches
      case "gain": .gain(decibels: -6...6, copies: 2)
      case "shift": .shift(seconds: -0.5...0.5, copies: 2)
      default:
        throw ValidationError("--augment: '\(name)' is none of stretch, pitch, wide-pitch, gain, shift")
      }
    }
  }
}

extension Variant: ExpressibleByArgument {}
