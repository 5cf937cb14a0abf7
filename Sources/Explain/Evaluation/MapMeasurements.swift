public import Tensors

/// What the criteria that look at one map of one input say of it.
public struct MapMeasurements: Sendable {
  public let deletion: PerturbationCurve
  public let insertion: PerturbationCurve
  public let masked: MaskedProbability
  public let infidelity: Infidelity
  /// ``Concentration/sparseness(_:)``
  public let sparseness: Double
  /// ``Concentration/entropy(_:)``
  public let complexity: Double
  /// nil where nobody knows where the answer lies.
  public let localisation: Localisation.Finding?

  /// - Parameters:
  ///   - map: one value for each place of the trial's input.
  ///   - shown: the map as it is shown, which bins are taken away and put in by; nil for `map` itself.
  ///   - steps: of deletion and insertion.
  ///   - disturbances: for infidelity.
  ///   - region: 1 where the answer is known to lie, a value for each place.
  /// - Throws: `ExplainError.map` for shapes that do not fit, and what the trial's questions throw.
  public init(
    _ map: Tensor, shown: Tensor? = nil, _ trial: Trial, steps: Int = 10, disturbances: Disturbances,
    region: Tensor? = nil
  ) throws {
    if let region, region.count != map.count {
      throw ExplainError.map(expected: "a region of \(map.shape)", got: region.shape)
    }
    deletion = try trial.deletion(shown ?? map, steps: steps)
    insertion = try trial.insertion(shown ?? map, steps: steps)
    masked = try trial.masked(by: map)
    infidelity = try Infidelity(map, of: disturbances)
    sparseness = Concentration.sparseness(map)
    complexity = Concentration.entropy(map)
    localisation = region.map { Localisation.Finding(map, in: $0) }
  }
}

extension Localisation {
  /// What a map says of one region.
  public struct Finding: Sendable, Hashable {
    public let points: Bool
    public let mass: Double
    public let rank: Double

    public init(_ map: Tensor, in region: Tensor) {
      points = Localisation.points(map, into: region)
      mass = Localisation.mass(map, in: region)
      rank = Localisation.rank(map, in: region)
    }
  }
}
