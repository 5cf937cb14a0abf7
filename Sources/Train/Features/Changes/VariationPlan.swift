import Audio
import Files
import Tensors

/// Which variations the clips of a training set get: those of a variant, and one for each setting of its augmentations.
///
/// What is drawn depends on the seed, the clip's file name and its stretch alone: neither on the order of the clips nor on where
/// the data set lies. Augmentations come before the padding of a variant, so that all clips end equally long.
public struct VariationPlan: Sendable, Hashable, Codable {
  public var variant: Variant
  /// The length that clips are padded to, in seconds.
  public var seconds: Double
  public var augmentations: [SoundAugmentation]
  public var seed: UInt64

  public init(
    _ variant: Variant = .baseline, seconds: Double = 4, augmentations: [SoundAugmentation] = [],
    seed: UInt64 = 0
  ) {
    (self.variant, self.seconds, self.augmentations, self.seed) = (variant, seconds, augmentations, seed)
  }

  /// How many variations every clip has.
  public var count: Int { variant.variations().count + augmentations.reduce(0) { $0 + $1.count } }

  /// The variations of a clip, those of the variant first.
  public func variations(of clip: LabelledClip) -> [Variation] {
    let plain = variant.variations(seconds: seconds)
    var generator = SplitMix64(seed: seed ^ Self.fingerprint(clip))
    return plain + augmentations.flatMap { $0.changes(&generator) }.map { [$0] + (plain.first ?? []) }
  }

  private static func fingerprint(_ clip: LabelledClip) -> UInt64 {
    var hash = FNV1a()
    for byte in Folder.name(of: clip.path).utf8 { hash.add(UInt64(byte)) }
    for bound in [clip.stretch?.lowerBound, clip.stretch?.upperBound] { hash.add((bound ?? -1).bitPattern) }
    return SplitMix64.mixed(hash.fingerprint)
  }
}

/// One kind of change, in several settings, each of which makes one more clip of every clip.
public enum SoundAugmentation: Sendable, Hashable, Codable {
  case stretch(rates: [Double])
  case pitch(semitones: [Double])
  /// Each of the recordings, with a weight and from a place that are drawn for each clip.
  case backgrounds([Background], weights: ClosedRange<Double>)
  /// So many times by decibels that are drawn for each clip.
  case gain(decibels: ClosedRange<Double>, copies: Int)
  /// So many times by seconds that are drawn for each clip.
  case shift(seconds: ClosedRange<Double>, copies: Int)

  /// A recording that clips are mixed with.
  public struct Background: Sendable, Hashable, Codable {
    public var path: String
    /// How long it is.
    public var seconds: Double

    public init(path: String, seconds: Double) { (self.path, self.seconds) = (path, seconds) }

    /// The recording at `path`.
    ///
    /// - Throws: `AudioError` where it cannot be read.
    public init(path: String) throws {
      let known = try Recording.probe(path).duration
      self.init(path: path, seconds: try known ?? Recording.read(path, limit: SoundChange.longest).duration)
    }
  }

  // Salamon and Bello's four sets that need no other tool, and their weights of backgrounds.
  public static let stretches = SoundAugmentation.stretch(rates: [0.81, 0.93, 1.07, 1.23])
  public static let smallPitches = SoundAugmentation.pitch(semitones: [-2, -1, 1, 2])
  public static let largePitches = SoundAugmentation.pitch(semitones: [-3.5, -2.5, 2.5, 3.5])

  /// With a weight of 0.1 to 0.5.
  public static func backgrounds(_ recordings: [Background]) -> SoundAugmentation {
    .backgrounds(recordings, weights: 0.1...0.5)
  }

  /// How many clips it makes of one.
  public var count: Int {
    switch self {
    case .stretch(let rates): rates.count
    case .pitch(let semitones): semitones.count
    case .backgrounds(let recordings, _): recordings.count
    case .gain(_, let copies), .shift(_, let copies): copies
    }
  }

  fileprivate func changes(_ generator: inout SplitMix64) -> [SoundChange] {
    switch self {
    case .stretch(let rates): return rates.map { .stretched(rate: $0) }
    case .pitch(let semitones): return semitones.map { .pitched(semitones: $0) }
    case .backgrounds(let recordings, let weights):
      return recordings.map { recording in
        .background(
          path: recording.path, weight: generator.uniform(weights),
          offset: recording.seconds * generator.uniform())
      }
    case .gain(let decibels, let copies):
      return (0..<copies).map { _ in .gain(decibels: generator.uniform(decibels)) }
    case .shift(let seconds, let copies):
      return (0..<copies).map { _ in .shifted(seconds: generator.uniform(seconds)) }
    }
  }
}
