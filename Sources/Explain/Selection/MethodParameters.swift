import Audio
import Files
public import Models
public import Tensors

/// What a user tells the methods: for `AttributionMethod.Settings`, which also hold what is read from files.
public struct MethodParameters: Sendable, Codable, Hashable {
  /// As `AttributionMethod.Settings.samples`.
  public var samples: Int?
  public var sigma: Float?
  public var seed: UInt64 = 0
  public var steps = 50
  public var tolerance: Double?
  /// Empty for the methods' own.
  public var window: [Int] = []
  /// Empty for half a window each.
  public var strides: [Int] = []
  /// Slices of time and groups of bands; empty for the methods' own.
  public var segments: [Int] = []
  public var baseline: BaselineChoice?
  /// A folder of sounds, or an `.npy` of rows, that expected gradients begin from.
  public var background: String?

  public init() {}

  /// For sounds that `model` listens to, explained in that domain.
  ///
  /// - Throws: `AudioError`, `FileError`; `InputError.noBackgrounds`.
  public func settings(for model: AudioModel, in domain: Domain = .logMel) throws
    -> AttributionMethod.Settings
  {
    var settings = common
    settings.domain = domain
    settings.baseline = try baseline.flatMap { try self.baseline($0, for: model, in: domain) }
    if let background {
      let sounds = try Folder.visiblePaths(in: background)
      guard !sounds.isEmpty else { throw InputError.noBackgrounds(path: background) }
      settings.backgrounds = try sounds.map { .repeated(try Self.picture(of: $0, for: model, in: domain)) }
    }
    return settings
  }

  /// What a choice means for sounds that `model` listens to; nil for silence.
  public func baseline(_ choice: BaselineChoice, for model: AudioModel, in domain: Domain = .logMel) throws
    -> Baseline?
  {
    try choice.baseline(seed: seed) { .repeated(try Self.picture(of: $0, for: model, in: domain)) }
  }

  /// For an array.
  ///
  /// - Throws: `NumPyError`, `InputError`.
  public func settings(for x: Tensor) throws -> AttributionMethod.Settings {
    var settings = common
    if window.isEmpty {
      // No larger than the input, and along no more axes than it has.
      let extents = x.shape.dimensions.dropFirst().suffix(settings.window.count)
      settings.window = zip(settings.window.suffix(extents.count), extents).map { min($0, $1) }
      if strides.isEmpty { settings.strides = settings.window.map { max(1, $0 / 2) } }
    }
    settings.baseline = try baseline?.baseline(seed: seed) { path in
      let tensor = try NumPy.read(path)
      try checkFinite(tensor, "baseline", path)
      return .given(tensor)
    }
    if let background {
      let rows = try NumPy.read(background)
      try checkFinite(rows, "background", background)
      guard rows.shape.rank > 0, rows.shape[0] > 0 else { throw InputError.noBackgrounds(path: background) }
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
    settings.strides = strides.isEmpty ? settings.window.map { max(1, $0 / 2) } : strides
    return settings
  }

  /// As much of a sound as is explained at once: `[frames, bands]` as the model takes it, in log-mel.
  private static func picture(of path: String, for model: AudioModel, in domain: Domain) throws -> Tensor {
    let recording = try Recording.read(path, from: 0, duration: Clip.longest)
    return try model.picture(of: recording.mono(at: model.sampleRate), in: domain)
  }
}
