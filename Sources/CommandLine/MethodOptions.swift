import ArgumentParser
import Explain

/// What the methods can be told.
struct MethodOptions: ParsableArguments {
  @Option(help: "Noisy copies for smoothgrad.")
  var samples: Int = 50
  @Option(help: "Standard deviation of smoothgrad's noise, absolute (default: 15 % of each row's range).")
  var sigma: Float?
  @Option(help: "Seed of the drawn noise.")
  var seed: UInt64 = 0
  @Option(help: "Points on the path of integrated-gradients.")
  var steps: Int = 50
  @Option(
    parsing: .upToNextOption,
    help: "Extents of occlusion's window along the last axes, frames and bands for a sound (default: 16 16).")
  var window: [Int] = []
  @Option(
    parsing: .upToNextOption, help: "Distances between occlusion's windows (default: half a window each).")
  var stride: [Int] = []

  func validate() throws {
    guard (1...100_000).contains(samples) else { throw ValidationError("--samples must be from 1 to 100000") }
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 100000") }
    if let sigma, !(sigma >= 0 && sigma.isFinite) {
      throw ValidationError("--sigma must be a number from 0 on")
    }
    guard (window + stride).allSatisfy({ (1...1 << 30).contains($0) }) else {
      throw ValidationError("--window and --stride are counts of places, from 1 on")
    }
    guard stride.isEmpty || window.isEmpty || stride.count == window.count else {
      throw ValidationError("--stride takes as many numbers as --window")
    }
  }

  var settings: AttributionMethod.Settings {
    var settings = AttributionMethod.Settings()
    settings.samples = samples
    settings.sigma = sigma
    settings.seed = seed
    settings.steps = steps
    if !window.isEmpty { settings.window = window }
    settings.strides = stride.isEmpty ? settings.window.map { max(1, $0 / 2) } : stride
    return settings
  }
}
