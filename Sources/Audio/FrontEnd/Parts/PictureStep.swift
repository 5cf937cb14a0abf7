/// A step from one picture to another, of the whole sound or of one patch: `x[frame, band]` becomes `y[frame, band]`.
///
/// Among the steps of a front end, "all" is the whole file; among those of a patch it is the patch.
public enum PictureStep: Sendable, Hashable {
  /// `y = scale · x + shift`
  case affine(scale: Double, shift: Double)
  /// `y = (x − mean) / deviation`, one of each or one for every band.
  case statistics(mean: [Double], deviation: [Double])
  /// The same with the picture's own statistics.
  case standardise(Standardisation)
  /// `y = x − max x`
  case subtractMaximum
  /// `y = max(x, max x − range)`
  case raiseToRange(Double)
  /// `y = (x − min x) / (max x − min x + epsilon)`; 0 where all are equal.
  case unitRange(epsilon: Double)
  /// `y = x / max |x|`; 0 where all are.
  case unitPeak
  /// `y = min(max(x, lowest), highest)`
  case clip(lowest: Double, highest: Double)
  case cepstra(Cepstra)

  /// How values are brought to a mean of 0 and a deviation of 1.
  public struct Standardisation: Sendable, Hashable {
    public var over: Extent
    public var centres: Bool
    public var scales: Bool
    /// Whether the sum of squares is divided by one less than the number of values, as PyTorch's `std` does.
    public var isUnbiased: Bool
    public var epsilon: Double
    public var guarding: Guarding

    public init(
      over: Extent, centres: Bool = true, scales: Bool = true, isUnbiased: Bool = false, epsilon: Double = 0,
      guarding: Guarding = .addedToDeviation
    ) {
      (self.over, self.centres, self.scales) = (over, centres, scales)
      (self.isUnbiased, self.epsilon, self.guarding) = (isUnbiased, epsilon, guarding)
    }

    /// Which values have their statistics in common.
    public enum Extent: String, Sendable, Codable, CaseIterable {
      case all
      /// Those of a band, over time.
      case band
      /// Those of a frame, over its bands; where the network takes samples, those of a patch are `all`.
      case frame
    }

    /// How a deviation of 0 is kept from dividing; with an epsilon of 0 values are then 0.
    public enum Guarding: String, Sendable, Codable, CaseIterable {
      /// `√variance + epsilon`
      case addedToDeviation = "added-to-deviation"
      /// `√(variance + epsilon)`
      case addedToVariance = "added-to-variance"
      /// `max(√variance, epsilon)`
      case least
    }
  }

  /// A discrete cosine transform of each frame: the first `count` of
  /// `y[k] = lift[k] · norm[k] · Σ_b x[b] cos(π k (b + ½) / bands)`.
  ///
  /// Orthonormal: `norm[k] = √(2 / bands)`, `√(1 / bands)` for `k = 0`; otherwise 2, scipy's of type 2.
  /// `librosa.feature.mfcc`, `torchaudio.transforms.MFCC`, Kaldi's.
  public struct Cepstra: Sendable, Hashable {
    public var count: Int
    public var isOrthonormal: Bool
    public var lifter: Lifter

    /// What coefficient `k` is multiplied by.
    public enum Lifter: Sendable, Hashable {
      case none
      /// `1 + L/2 · sin(π (k + 1) / L)`
      case librosa(Double)
      /// `1 + L/2 · sin(π k / L)`
      case kaldi(Double)
    }

    public init(count: Int, isOrthonormal: Bool = true, lifter: Lifter = .none) {
      (self.count, self.isOrthonormal, self.lifter) = (count, isOrthonormal, lifter)
    }
  }

  /// How many bands it makes of so many.
  func bands(of count: Int) -> Int {
    guard case .cepstra(let cepstra) = self else { return count }
    return cepstra.count
  }
}
