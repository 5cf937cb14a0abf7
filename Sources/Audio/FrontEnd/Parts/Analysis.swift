extension FrontEnd {
  /// How samples become the bands of a picture: frames, their spectra, sums of these, and compression.
  ///
  /// Every `hop` samples, `window` samples are weighted, transformed by an FFT of `fft` points (the rest is zeros),
  /// turned into `|X|^exponent`, summed into bands and compressed.
  public struct Analysis: Sendable, Hashable {
    /// The length of a window, in samples.
    public var window: Int
    public var windowShape: WindowShape
    public var windowSymmetry: WindowSymmetry
    public var windowScaling: WindowScaling
    /// From one window to the next, in samples.
    public var hop: Int
    /// The points of the transform, at least `window`; the rest is zeros.
    public var fft: Int
    public var framing: Framing
    public var padding: Padding
    /// Whether the mean of a frame is taken off it before it is weighted.
    public var removesFrameMean: Bool
    /// `y[i] = x[i] − framePreEmphasis · x[i − 1]` within a frame, `x[0]` before its first; 0 for none. As Kaldi.
    public var framePreEmphasis: Double
    /// Whether the last frame is left out, as Whisper does.
    public var dropsLastFrame: Bool
    public var spectrum: Spectrum
    public var bands: Bands
    public var compression: Compression
    /// Further windows of the same sound, each of which gives a picture of its own, one channel behind another.
    public var resolutions: [Resolution]

    public init(
      window: Int, windowShape: WindowShape = .hann, windowSymmetry: WindowSymmetry = .periodic,
      windowScaling: WindowScaling = .none, hop: Int, fft: Int, framing: Framing, padding: Padding? = nil,
      removesFrameMean: Bool = false, framePreEmphasis: Double = 0, dropsLastFrame: Bool = false,
      spectrum: Spectrum, bands: Bands, compression: Compression, resolutions: [Resolution] = []
    ) {
      (self.window, self.windowShape, self.windowSymmetry) = (window, windowShape, windowSymmetry)
      (self.windowScaling, self.hop, self.fft, self.framing) = (windowScaling, hop, fft, framing)
      self.padding = padding ?? framing.usualPadding
      (self.removesFrameMean, self.framePreEmphasis) = (removesFrameMean, framePreEmphasis)
      (self.dropsLastFrame, self.spectrum, self.bands) = (dropsLastFrame, spectrum, bands)
      (self.compression, self.resolutions) = (compression, resolutions)
    }

    /// Another window, with the same hop and the same bands.
    public struct Resolution: Sendable, Hashable {
      /// The length of the window, in samples.
      public var window: Int
      /// The points of the transform, at least `window`.
      public var fft: Int

      public init(window: Int, fft: Int) { (self.window, self.fft) = (window, fft) }
    }
  }

  public enum Framing: String, Sendable, Codable, CaseIterable {
    /// Window `t` is centred on sample `t · hop`. librosa's `center=True`.
    case centred
    /// Window `t` begins at sample `t · hop`. TensorFlow's `stft`; Kaldi's frames with `snip-edges`.
    case fromStart = "from-start"
    /// Transform `t` begins at sample `t · hop`, and the window lies amid it; only whole transforms count.
    /// `torch.stft(center=False)`.
    case insideTransform = "inside-transform"
    /// Window `t` is centred on sample `(t + ½) · hop`, and there are as many as hops, rounded. Kaldi's frames without
    /// `snip-edges`.
    case hopCentred = "hop-centred"

    /// What lies beyond the ends where nothing says.
    var usualPadding: Padding {
      switch self {
      case .centred: .constant
      case .fromStart, .insideTransform: .none
      case .hopCentred: .symmetric
      }
    }
  }

  /// What lies before the first sample and after the last.
  public enum Padding: String, Sendable, Codable, CaseIterable {
    /// Nothing: only whole windows count.
    case none
    /// Zeros.
    case constant
    /// The sound mirrored at its first and last sample: `c b | a b c`.
    case reflect
    /// The sound mirrored at its ends: `b a | a b c`, as Kaldi does.
    case symmetric
    /// The first and the last sample.
    case edge
  }

  /// `|X|^exponent`.
  public struct Spectrum: Sendable, Hashable {
    public let exponent: Double

    public init(exponent: Double) { self.exponent = exponent }

    /// `|X|`
    public static let magnitude = Spectrum(exponent: 1)
    /// `|X|²`
    public static let power = Spectrum(exponent: 2)
  }
}
