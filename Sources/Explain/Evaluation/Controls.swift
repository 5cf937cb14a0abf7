public import Tensors

/// A map that knows nothing: numbers drawn at random, for each row anew, the same for the same row.
///
/// Whatever any method is worth must show against it.
public struct RandomMap: InputMethod {
  public init() {}

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    x.eachRow { _, row in
      var hash = FNV1a()
      for value in row.values { hash.add(UInt64(value.bitPattern)) }
      var generator = GaussianGenerator(seed: hash.fingerprint)
      return Tensor(unsafeUninitialized: row.shape) { values in
        for place in values.indices { values[place] = generator.uniform() }
      }
    }
  }
}

/// A map that knows the sound but not the network: how far each bin stands out of nothing.
public struct LoudnessMap: InputMethod {
  public let baseline: Baseline

  public init(baseline: Baseline) { self.baseline = baseline }

  public var usesBaseline: Bool { true }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let nothing = try baseline.rows(like: x)
    return Tensor(x.shape, zip(x.values, nothing.values).map { abs($0 - $1) })
  }
}

extension AttributionMethod {
  public static let randomMap = AttributionMethod(
    "random", title: "Random map", quantity: "random numbers"
  ) { _ in .input(RandomMap()) }

  public static let loudnessMap = AttributionMethod(
    "loudness", title: "Loudness map", quantity: "level above nothing"
  ) { settings in .input(LoudnessMap(baseline: settings.nothing)) }

  /// Maps that owe nothing to the network, for comparison.
  public static let controls: [AttributionMethod] = [randomMap, loudnessMap]
}
