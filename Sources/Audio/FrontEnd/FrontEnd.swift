/// A front end as data: how a network listens, a chain of steps from sound to what it is given.
///
/// | part | what it does | gives |
/// |---|---|---|
/// | `sound` | channels, scaling, mean removal, pre-emphasis | samples at `sampleRate` |
/// | `analysis` | windows, transform, bands, compression | a picture `[frames, bands]` |
/// | `steps` | normalisation of the whole sound's picture | the same shape |
/// | `patch` | cuts it, then steps for each patch alone | `[patches, channels, frames, bands]` |
///
/// Without an `analysis` the network takes the samples themselves: the picture is `[samples, 1]`, a frame for each
/// sample. A value of this type is always usable: what cannot be, such as a highest band beyond half the sample rate,
/// is refused when it is made. It reads and writes itself as JSON.
///
/// ```swift
/// let sound = try Recording.read("dog.mp3").resampled(to: FrontEnd.yamnet.sampleRate)
/// let logMel = FrontEnd.yamnet.logMel(sound.mono)       // [frames, 64]
/// let batch = FrontEnd.yamnet.patches(of: logMel)       // [patches, 96, 64]
/// ```
public struct FrontEnd: Sendable, Hashable {
  /// The rate the samples must have, in hertz.
  public let sampleRate: Int
  /// What is done to the samples before all else.
  public let sound: Sound
  /// How samples become bands; nil where the network takes the samples themselves.
  public let analysis: Analysis?
  /// What is done to the picture of the whole sound, in order.
  public let steps: [PictureStep]
  public let patch: Patch

  /// A front end of the given parts.
  ///
  /// - Throws: `.badFrontEnd`, naming the first value that cannot be, as ``check()`` lists them.
  public init(
    sampleRate: Int, sound: Sound = Sound(), analysis: Analysis?, steps: [PictureStep] = [], patch: Patch
  ) throws(AudioError) {
    self.init(unchecked: sampleRate, sound: sound, analysis: analysis, steps: steps, patch: patch)
    try check()
  }

  /// A front end of mel bands without further steps.
  ///
  /// - Throws: `.badFrontEnd`, naming the first value that cannot be, as ``check()`` lists them.
  public init(
    sampleRate: Int, window: Int, windowShape: WindowShape = .hann, hop: Int, fft: Int, framing: Framing,
    spectrum: Spectrum, mel: Mel, compression: Compression, patch: Patch
  ) throws(AudioError) {
    try self.init(
      sampleRate: sampleRate,
      analysis: Analysis(
        window: window, windowShape: windowShape, hop: hop, fft: fft, framing: framing, spectrum: spectrum,
        bands: .mel(mel), compression: compression),
      patch: patch)
  }

  /// For presets and published networks, whose values are known to be right.
  package init(
    unchecked sampleRate: Int, sound: Sound = Sound(), analysis: Analysis?, steps: [PictureStep] = [],
    patch: Patch
  ) {
    (self.sampleRate, self.sound, self.analysis) = (sampleRate, sound, analysis)
    (self.steps, self.patch) = (steps, patch)
  }
}

extension FrontEnd {
  /// Whether the network takes the samples themselves: each is a frame of one band.
  public var isSamples: Bool { analysis == nil }

  /// The length of a window, in samples; 1 where samples are taken as they are.
  public var window: Int { analysis?.window ?? 1 }

  /// From one window to the next, in samples; 1 where samples are taken as they are.
  public var hop: Int { analysis?.hop ?? 1 }

  /// The points of the transform, at least `window`; 1 where samples are taken as they are.
  public var fft: Int { analysis?.fft ?? 1 }

  public var framing: Framing { analysis?.framing ?? .fromStart }

  /// The mel triangles; nil where bands are of another kind.
  public var mel: Mel? {
    guard case .mel(let mel)? = analysis?.bands else { return nil }
    return mel
  }

  /// The values of a frame, of one channel: 1 where samples are taken as they are.
  public var bandCount: Int {
    let counted = analysis?.bands.count(sampleRate: sampleRate, fft: fft) ?? 1
    return steps.reduce(counted) { count, step in step.bands(of: count) }
  }

  /// The front ends of single windows that this one is made of: itself, where it has but one.
  var resolutions: [FrontEnd] {
    guard let analysis, !analysis.resolutions.isEmpty else { return [self] }
    let first = Analysis.Resolution(window: analysis.window, fft: analysis.fft)
    return ([first] + analysis.resolutions).map { resolution in
      var one = analysis
      (one.window, one.fft, one.resolutions) = (resolution.window, resolution.fft, [])
      return FrontEnd(unchecked: sampleRate, sound: sound, analysis: one, steps: steps, patch: patch)
    }
  }

  /// How many pictures it makes of a channel of sound.
  public var pictureCount: Int { 1 + (analysis?.resolutions.count ?? 0) }

  /// The same front end, whose bands are energies: without compression and without steps.
  public var withoutCompression: FrontEnd {
    var analysis = analysis
    analysis?.compression = .none
    var patch = patch
    patch.steps = []
    return FrontEnd(unchecked: sampleRate, sound: sound, analysis: analysis, patch: patch)
  }
}
