public import ArgumentParser
public import Explain

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

  var parameters: MethodParameters {
    var parameters = MethodParameters()
    parameters.samples = samples
    parameters.sigma = sigma
    parameters.seed = seed
    parameters.steps = steps
    parameters.tolerance = tolerance
    parameters.window = window
    parameters.strides = stride
    parameters.segments = segments
    parameters.baseline = baseline
    parameters.background = background
    return parameters
  }
}

extension BaselineChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension AttributionMethod: ExpressibleByArgument {
  public init?(argument: String) {
    guard let method = try? AttributionMethod(named: argument) else { return nil }
    self = method
  }
}

extension MethodSelection {
  /// - Throws: `ValidationError`.
  init(option text: String) throws {
    do { try self.init(text) } catch {
      throw ValidationError(
        "--method: \(error); there are \(AttributionMethod.namesForSounds), 'all', and combinations such as "
          + "guided-backprop+smoothgrad")
    }
  }
}
