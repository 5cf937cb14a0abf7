public import Graphs

/// How a network is trained: everything that decides what the weights become, but the data and the first weights.
public struct TrainingPlan: Sendable, Hashable, Codable {
  public var epochs = 50
  public var batch = 32
  public var optimizer = Optimizer.adam()
  public var learningRate = 1e-3
  public var schedule = Schedule()
  /// nil: cross-entropy, or binary cross-entropy where a clip may be of several classes.
  public var loss: Loss?
  /// `t ← (1 − ε) t + ε / C`, or towards ½ where each class stands for itself. Szegedy et al., 2016.
  public var labelSmoothing = 0.0
  public var classWeights = ClassWeights.equal
  /// Gradients of a larger norm, all together, are scaled down to this one; nil for never.
  public var mostNorm: Double?
  /// Epochs without a smaller validation loss after which a training ends; nil for never.
  public var patience: Int?
  /// Parameters, by patterns of their names, that stay as they are.
  public var frozen: [String] = []
  /// What the learning rate is multiplied with for parameters of a pattern; the first that fits counts.
  public var rateFactors: [RateFactor] = []
  /// Patches of each clip and variation in an epoch, at random places; 0 for all, side by side.
  public var patchesPerClip = 1
  /// `α` of the Beta distribution from which mixing shares are drawn; 0 for no mixing. Zhang et al., ICLR 2018.
  public var mixup = 0.0
  /// `λ` of the penalty on gradients outside of annotated regions; 0 for none. See `AttentionPenalty`.
  public var attention = 0.0
  public var seed: UInt64 = 0

  public init() {}

  public enum ClassWeights: String, Sendable, Codable, CaseIterable {
    case equal
    /// `n / (C n[c])`, with `n[c]` the training clips of class `c`.
    case balanced
  }

  public struct RateFactor: Sendable, Hashable, Codable {
    public var pattern: String
    public var factor: Double

    public init(pattern: String, factor: Double) { (self.pattern, self.factor) = (pattern, factor) }
  }
}
