public import Tensors

/// Where the evidence of an attribution lies: what share of its magnitude each moment, each band and each octave holds.
public struct EvidenceShares: Sendable, Hashable {
  /// An octave band, by its nominal centre (ISO 266).
  public struct Octave: Sendable, Hashable {
    /// In hertz.
    public var centre: Double
    /// Of all evidence, 0...1.
    public var share: Double
  }

  /// One for each frame; they sum to 1, or are all 0 where there is no evidence.
  public let overTime: [Float]
  /// One for each band.
  public let overBands: [Float]
  /// Those that some band's centre lies in, from low to high.
  public let octaves: [Octave]

  /// - Parameters:
  ///   - attribution: `[frames, bands]`.
  ///   - bandCentres: in hertz.
  public init(of attribution: Tensor, bandCentres: [Double]) {
    let bands = bandCentres.count
    var time = [Double](repeating: 0, count: bands == 0 ? 0 : attribution.count / bands)
    var frequency = [Double](repeating: 0, count: bands)
    attribution.withUnsafeValues { values in
      for (place, value) in values.enumerated() {
        time[place / bands] += Double(abs(value))
        frequency[place % bands] += Double(abs(value))
      }
    }
    let whole = frequency.reduce(0, +)
    let scale = whole > 0 && whole.isFinite ? 1 / whole : 0
    overTime = time.map { Float($0 * scale) }
    overBands = frequency.map { Float($0 * scale) }
    octaves = Self.centres.compactMap { centre in
      // Edges half an octave off the exact centre, 1000 · 2ⁿ.
      let exact = 1000 * (centre / 1000).exactOctave
      let inside = bandCentres.indices.filter {
        bandCentres[$0] >= exact / 2.0.squareRoot() && bandCentres[$0] < exact * 2.0.squareRoot()
      }
      guard !inside.isEmpty else { return nil }
      return Octave(centre: centre, share: inside.reduce(0) { $0 + frequency[$1] * scale })
    }
  }

  private static let centres: [Double] = [
    16, 31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000, 31500, 63000,
  ]
}

extension Double {
  /// The power of two nearest to this ratio: 63 Hz stands for 62.5.
  fileprivate var exactOctave: Double {
    var power = 1.0
    while power * 1.4 < self { power *= 2 }
    while power / 1.4 > self { power /= 2 }
    return power
  }
}
