/// A measure of a sound that somebody thought of, by its key in tables.
///
/// Those of librosa are of its default frames: 2048 samples at 22,050 Hz, centred on every 512th; those of Essentia of
/// frames at 44,100 Hz centred on the same moments.
public enum Descriptor: String, Sendable, CaseIterable, Codable {
  case rms
  case zeroCrossingRate = "zero_crossing_rate"
  case centroid = "centroid_hz"
  case bandwidth = "bandwidth_hz"
  case rolloff = "rolloff_hz"
  case flatness
  case flux
  case onsetStrength = "onset_strength"
  case onsetRate = "onset_rate_hz"
  case stevensLoudness = "loudness_stevens"
  case loudness = "loudness_lufs"
  case shortTermLoudness = "loudness_short_term_lufs"
  case harmonicShare = "harmonic_share"
  case pitchSalience = "pitch_salience"
  case tuning = "tuning_cents"
  case mfcc
  case chroma
  case hpcp

  /// How many values it has.
  public var count: Int {
    switch self {
    case .mfcc: 13
    case .chroma, .hpcp: 12
    default: 1
    }
  }

  /// Whether it has a value for each frame; the others are of whole clips only.
  public var isOfFrames: Bool { self != .onsetRate && self != .tuning }

  /// Of its values; empty where it is a number of no unit.
  public var unit: String {
    switch self {
    case .centroid, .bandwidth, .rolloff: "Hz"
    case .onsetRate: "onsets/s"
    case .onsetStrength, .mfcc: "dB"
    case .loudness, .shortTermLoudness: "LUFS"
    case .tuning: "cents"
    default: ""
    }
  }

  /// The names of its values in tables: the key, with a suffix where there are several.
  public var names: [String] {
    switch self {
    case .mfcc: (0..<count).map { "mfcc_\($0)" }
    case .chroma: Self.pitchClasses.map { "chroma_\($0)" }
    case .hpcp: (0..<count).map { "hpcp_\(Self.pitchClasses[($0 + 9) % 12])" }
    default: [rawValue]
    }
  }

  /// From C upwards.
  private static let pitchClasses = [
    "c", "c_sharp", "d", "d_sharp", "e", "f", "f_sharp", "g", "g_sharp", "a", "a_sharp", "b",
  ]
}
