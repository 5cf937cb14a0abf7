extension Evaluation {
  /// What an evaluation spends.
  public struct Budget: Sendable {
    /// Of the network, for each explanation, where a method takes as many as it is given; a gradient counts as two.
    public var evaluations = 64
    /// What bins become when faithfulness takes them away. The local mean leaves a picture that could be one: with silence,
    /// a tenth of the bins drawn at random already ends every class of YAMNet, and no map is better than another.
    public var removal: Baseline = .localMean(radius: 8)
    /// Steps of deletion and insertion.
    public var steps = 10
    /// Disturbances of infidelity and max-sensitivity.
    public var disturbances = 10
    /// Clips that robustness, sanity and cost are measured on.
    public var closeLooks = 3
    /// How many times weights are shuffled, from the last layer's alone to all.
    public var sanityStages = 3
    /// Clips, and classes in sounds with known answers, that are shown.
    public var examples = 2
    public var seed: UInt64 = 0

    public init() {}
  }
}

extension AttributionMethod.Settings {
  /// With no more evaluations of the network than these, where the method takes as many as it is told; a gradient counts
  /// as two.
  func limited(to evaluations: Int, for method: AttributionMethod) -> Self {
    var settings = self
    settings.samples = samples ?? (method.isMadeOfManyGradients ? max(1, evaluations / 2) : evaluations)
    settings.steps = min(steps, max(1, evaluations / 2))
    settings.strides = strides ?? window
    return settings
  }
}

extension AttributionMethod {
  /// Whether its samples are gradients.
  fileprivate var isMadeOfManyGradients: Bool {
    guard case .input(let input) = procedure(Settings()) else { return false }
    return input is SmoothGrad || input is ExpectedGradients
  }
}
