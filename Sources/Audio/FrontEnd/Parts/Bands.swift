extension FrontEnd {
  /// Which sums of a spectrum's bins a picture shows.
  public enum Bands: Sendable, Hashable {
    case mel(Mel)
    /// The bins themselves, those from `lowest` to `highest` hertz.
    case linear(lowest: Double, highest: Double)
    /// The spectrum at frequencies evenly spaced on a logarithmic scale, from `lowest` to `highest` hertz, straight
    /// lines between bins.
    case logarithmic(count: Int, lowest: Double, highest: Double)
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
      /// Straight in hertz: `librosa.filters.mel`, `torchaudio.functional.melscale_fbanks`, transformers'
      /// `mel_filter_bank`.
      case librosa
      /// Straight in mel, without the bin at half the rate: Kaldi, `torchaudio.compliance.kaldi.get_mel_banks`.
      case kaldi
      /// Straight in hertz, both sides as wide as the lower one: SpeechBrain's `Filterbank`.
      case speechbrain
    }

    public init(
      bands: Int, lowest: Double, highest: Double, scale: MelScale, norm: Norm, construction: Construction
    ) {
      (self.bands, self.lowest, self.highest) = (bands, lowest, highest)
      (self.scale, self.norm, self.construction) = (scale, norm, construction)
    }
  }
}

extension FrontEnd.Bands {
  /// How many bands a spectrum has.
  func count(sampleRate: Int, fft: Int) -> Int {
    switch self {
    case .mel(let mel): mel.bands
    case .linear: bins(sampleRate: sampleRate, fft: fft).count
    case .logarithmic(let count, _, _): count
    }
  }

  /// The bins of a linear picture; empty where the range holds none.
  func bins(sampleRate: Int, fft: Int) -> Range<Int> {
    let (lowest, highest) = (range.lowerBound, range.upperBound)
    let width = Double(sampleRate) / Double(fft)
    // Bounds that are bins' own frequencies hold them, whatever rounding does.
    let first = Int(max(0, (lowest / width - 1e-6).rounded(.up)))
    let last = Int(min(Double(fft / 2), (highest / width + 1e-6).rounded(.down)))
    return first..<max(first, last + 1)
  }

  /// From the lowest to the highest frequency that counts, in hertz.
  var range: ClosedRange<Double> {
    switch self {
    case .mel(let mel): mel.lowest...max(mel.lowest, mel.highest)
    case .linear(let lowest, let highest), .logarithmic(_, let lowest, let highest):
      lowest...max(lowest, highest)
    }
  }
}
