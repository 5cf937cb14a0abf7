/// A front end as data: how a network listens, from samples to patches of log-mel frames.
///
/// Every `hop` samples a window of `window` samples is weighted (periodic Hann), transformed (FFT of `fft` points),
/// turned into magnitudes or powers, summed into mel bands and compressed; then the frames are cut into patches. A
/// value of this type is always usable: what cannot be, such as a highest band beyond half the sample rate, is
/// refused when it is made. It reads and writes itself as JSON.
///
/// ```swift
/// let sound = try Recording.read("dog.mp3").resampled(to: FrontEnd.yamnet.sampleRate)
/// let logMel = FrontEnd.yamnet.logMel(sound.mono)       // [frames, 64]
/// let batch = FrontEnd.yamnet.patches(of: logMel)       // [patches, 96, 64]
/// ```
public struct FrontEnd: Sendable, Hashable {
  /// The rate the samples must have, in hertz.
  public let sampleRate: Int
  /// The length of a window, in samples.
  public let window: Int
  public let windowShape: WindowShape
  /// From one window to the next, in samples.
  public let hop: Int
  /// The points of the transform, at least `window`; the rest is zeros.
  public let fft: Int
  public let framing: Framing
  public let spectrum: Spectrum
  public let mel: Mel
  public let compression: Compression
  public let patch: Patch

  public enum WindowShape: String, Sendable, Codable, CaseIterable {
    /// `w[i] = 0.5 − 0.5 cos(2π i / window)`
    case hann
  }

  public enum Framing: String, Sendable, Codable, CaseIterable {
    /// Window `t` is centred on sample `t · hop`; silence lies before the first sample and after the last.
    /// librosa's `center=True, pad_mode="constant"`.
    case centred
    /// Window `t` begins at sample `t · hop`; only whole windows count. TensorFlow's `stft`.
    case fromStart = "from-start"
  }

  public enum Spectrum: String, Sendable, Codable, CaseIterable {
    /// `|X|`
    case magnitude
    /// `|X|²`
    case power
  }

  /// The triangles that sum a spectrum into bands.
  public struct Mel: Sendable, Hashable {
    public let bands: Int
    /// Where the first triangle begins and the last ends, in hertz.
    public let lowest: Double
    public let highest: Double
    public let scale: MelScale
    public let norm: Norm
    public let construction: Construction

    public enum Norm: String, Sendable, Codable, CaseIterable {
      /// Triangles of height 1.
      case none
      /// Triangles of area 1 over hertz: height `2 / (upper edge − lower edge)`.
      case slaney
    }

    public enum Construction: String, Sendable, Codable, CaseIterable {
      /// Straight in mel, without the bin at 0 Hz: `tf.signal.linear_to_mel_weight_matrix`.
      case tensorflow
      /// Straight in hertz: `librosa.filters.mel`.
      case librosa
    }

    public init(
      bands: Int, lowest: Double, highest: Double, scale: MelScale, norm: Norm, construction: Construction
    ) {
      (self.bands, self.lowest, self.highest) = (bands, lowest, highest)
      (self.scale, self.norm, self.construction) = (scale, norm, construction)
    }
  }

  /// What is done to a band's energy `m`.
  public enum Compression: Sendable, Hashable {
    /// `log(scale · m + offset)`
    case log(base: LogBase, scale: Double, offset: Double)
    /// `10 log₁₀(max(m, floor))`
    case decibels(floor: Double)
    case none

    public enum LogBase: String, Sendable, Codable, CaseIterable {
      case natural
      case ten
    }
  }

  /// The stretch of frames a network sees at once.
  public struct Patch: Sendable, Hashable {
    public let frames: Int
    /// From one patch to the next, in frames.
    public let hop: Int
    public let tail: Tail

    public enum Tail: String, Sendable, Codable, CaseIterable {
      /// The samples are padded with zeros to one patch, and beyond it to a whole number of patch hops.
      case padToHop = "pad-to-hop"
      /// A sound shorter than one patch is padded with zeros to one; an incomplete last patch is dropped.
      case dropIncomplete = "drop-incomplete"
    }

    public init(frames: Int, hop: Int, tail: Tail) {
      (self.frames, self.hop, self.tail) = (frames, hop, tail)
    }
  }

  /// A front end of the given parts.
  ///
  /// - Throws: `.badFrontEnd`, naming the first value that cannot be, as ``check()`` lists them.
  public init(
    sampleRate: Int, window: Int, windowShape: WindowShape = .hann, hop: Int, fft: Int, framing: Framing,
    spectrum: Spectrum, mel: Mel, compression: Compression, patch: Patch
  ) throws(AudioError) {
    self.init(
      unchecked: sampleRate, window: window, windowShape: windowShape, hop: hop, fft: fft, framing: framing,
      spectrum: spectrum, mel: mel, compression: compression, patch: patch)
    try check()
  }

  /// For presets, whose values are known to be right.
  init(
    unchecked sampleRate: Int, window: Int, windowShape: WindowShape = .hann, hop: Int, fft: Int,
    framing: Framing, spectrum: Spectrum, mel: Mel, compression: Compression, patch: Patch
  ) {
    (self.sampleRate, self.window, self.windowShape, self.hop) = (sampleRate, window, windowShape, hop)
    (self.fft, self.framing, self.spectrum) = (fft, framing, spectrum)
    (self.mel, self.compression, self.patch) = (mel, compression, patch)
  }
}
