public import ArgumentParser
import Audio
public import Explain
import Files
import Models
import Tensors

/// What the methods can be told.
struct MethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Noisy copies for smoothgrad (default: 50), draws for expected-gradients (200), masks for rise (4000), perturbed \
      copies for lime and audio-lime (1000), coalitions for kernel-shap (2048 and twice the segments), channels for \
      score-cam (all).
      """))
  var samples: Int?
  @Option(
    help:
      "Standard deviation of smoothgrad's noise, absolute (default: 15 % of each row's range; of magnitudes and samples 1 %)."
  )
  var sigma: Float?
  @Option(help: "Seed of what is drawn.")
  var seed: UInt64 = 0
  @Option(help: "Points on the path of integrated-gradients.")
  var steps: Int = 50
  @Option(
    help: ArgumentHelp(
      """
      How far the attributions of integrated-gradients may be from summing to the gain of the score, relative to it; \
      more points, up to 4000, are taken where the path needs them (default: as --steps leaves it).
      """, valueName: "share"))
  var tolerance: Double?
  @Option(
    parsing: .upToNextOption,
    help: "Extents of occlusion's window along the last axes, frames and bands for a sound (default: 16 16).")
  var window: [Int] = []
  @Option(
    parsing: .upToNextOption, help: "Distances between occlusion's windows (default: half a window each).")
  var stride: [Int] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Slices of time and groups of bands that lime and kernel-shap take for one (default: 10 4; kernel-shap 5 2; lime-time 10, \
      lime-frequency 8), cells of rise's masks (8 8).
      """, valueName: "frames bands"))
  var segments: [Int] = []
  @Option(
    help: ArgumentHelp(
      """
      What counts as nothing: silence (through the front end; the default for sounds), zero (the default for arrays), a \
      number, noise-floor (of each band, its 10 % quantile; noise-floor:0.2), local-mean (within 8 bins; local-mean:4), \
      noise, or a file: another sound, or for arrays an .npy.
      """, valueName: "what"))
  var baseline: BaselineChoice?
  @Option(
    help: ArgumentHelp(
      "Backgrounds for expected-gradients: a folder of sounds, or for arrays an .npy of rows.",
      valueName: "path"))
  var background: String?

  func validate() throws {
    if let samples, !(1...100_000).contains(samples) {
      throw ValidationError("--samples must be from 1 to 100000")
    }
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 100000") }
    if let tolerance, !(1e-5...1).contains(tolerance) {
      throw ValidationError("--tolerance must be from 0.00001 to 1")
    }
    if let sigma, !(sigma >= 0 && sigma.isFinite) {
      throw ValidationError("--sigma must be a number from 0 on")
    }
    guard (window + stride).allSatisfy({ (1...1 << 30).contains($0) }) else {
      throw ValidationError("--window and --stride are counts of places, from 1 on")
    }
    guard stride.isEmpty || window.isEmpty || stride.count == window.count else {
      throw ValidationError("--stride takes as many numbers as --window")
    }
    guard segments.isEmpty || segments.count == 2, segments.allSatisfy({ (1...4096).contains($0) }),
      segments.reduce(1, *) <= 4096
    else {
      throw ValidationError(
        "--segments takes two numbers from 1 on, slices of time and groups of bands, at most 4096 in all")
    }
  }

  /// For sounds that `model` listens to, explained in that domain.
  func settings(for model: AudioModel, in domain: Domain = .logMel) throws -> AttributionMethod.Settings {
    var settings = common
    settings.domain = domain
    settings.baseline = try baseline.flatMap { try self.baseline($0, for: model, in: domain) }
    if let background {
      let sounds = try Folder.visiblePaths(in: background)
      guard !sounds.isEmpty else { throw Misuse("--background \(background): the folder is empty") }
      settings.backgrounds = try sounds.map { .repeated(try Self.picture(of: $0, for: model, in: domain)) }
    }
    return settings
  }

  /// What a choice means for sounds that `model` listens to; nil for silence.
  func baseline(_ choice: BaselineChoice, for model: AudioModel, in domain: Domain = .logMel) throws
    -> Baseline?
  {
    try choice.baseline(seed: seed) { .repeated(try Self.picture(of: $0, for: model, in: domain)) }
  }

  /// For an array.
  func settings(for x: Tensor) throws -> AttributionMethod.Settings {
    var settings = common
    settings.baseline = try baseline?.baseline(seed: seed) { path in
      let tensor = try NumPy.read(path)
      try checkFinite(tensor, "baseline", path)
      return .given(tensor)
    }
    if let background {
      let rows = try NumPy.read(background)
      try checkFinite(rows, "background", background)
      guard rows.shape.rank > 0, rows.shape[0] > 0 else {
        throw Misuse("--background \(background): no rows")
      }
      settings.backgrounds = (0..<rows.shape[0]).map { .given(rows.rows($0..<$0 + 1)) }
    }
    return settings
  }

  private var common: AttributionMethod.Settings {
    var settings = AttributionMethod.Settings()
    settings.samples = samples
    settings.sigma = sigma
    settings.seed = seed
    settings.steps = steps
    settings.tolerance = tolerance
    if !window.isEmpty { settings.window = window }
    settings.segments = segments.isEmpty ? nil : segments
    settings.strides = stride.isEmpty ? settings.window.map { max(1, $0 / 2) } : stride
    return settings
  }

  /// The first two minutes of a sound as it is explained: `[frames, bands]` as the model takes it, in log-mel.
  private static func picture(of path: String, for model: AudioModel, in domain: Domain) throws -> Tensor {
    let recording = try Recording.read(path, from: 0, duration: Clip.longest)
    return domain.picture(of: try recording.mono(at: model.frontEnd.sampleRate), model.frontEnd)
  }
}

extension BaselineChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
