package import Explain
package import Graphs
package import Models

/// What `measure` found: an array for each criterion, a value a row.
package struct MeasureRecord: Codable, Sendable {
  package let model: String
  package let target: Int
  /// The file of the maps, or the method that made them.
  package let maps: String
  @OrNull package var method: String?
  package let baseline: String
  package let seed: UInt64
  /// The tensor that the maps explain.
  package let score: String
  /// Where the probabilities come from.
  package let probabilities: String
  package let rows: Int

  package let probability: [Double?]
  package let deletion: [Double?]
  package let deletionCurve: [[Double?]]
  package let insertion: [Double?]
  package let insertionCurve: [[Double?]]
  package let maskedProbability: [Double?]
  package let averageDrop: [Double?]
  package let increase: [Double?]
  package let averageGain: [Double?]
  package let infidelity: [Double?]
  package let infidelityNormalized: [Double?]
  package let sparseness: [Double?]
  package let complexity: [Double?]

  // With a region.
  package var pointingGame: [Double?]?
  package var relevanceMass: [Double?]?
  package var relevanceRank: [Double?]?

  // With a method.
  package var maxSensitivity: [Double?]?
  package var parameterRandomisation: [Double?]?
  package var parameterRandomisationStages: [[Double?]]?
  package var shuffledLayers: [Int]?

  private enum CodingKeys: String, CodingKey {
    case model, target, maps, method, baseline, seed, score, probabilities, rows, probability, deletion,
      insertion
    case increase, infidelity, sparseness, complexity
    case deletionCurve = "deletion_curve"
    case insertionCurve = "insertion_curve"
    case maskedProbability = "masked_probability"
    case averageDrop = "average_drop"
    case averageGain = "average_gain"
    case infidelityNormalized = "infidelity_normalized"
    case pointingGame = "pointing_game"
    case relevanceMass = "relevance_mass"
    case relevanceRank = "relevance_rank"
    case maxSensitivity = "max_sensitivity"
    case parameterRandomisation = "parameter_randomisation"
    case parameterRandomisationStages = "parameter_randomisation_stages"
    case shuffledLayers = "shuffled_layers"
  }

  /// What the maps are and how they were judged.
  package struct Header: Sendable {
    package let model: String
    package let target: Int
    package let maps: String
    package let method: String?
    package let baseline: String
    package let seed: UInt64

    package init(
      model: String, target: Int, maps: String, method: String?, baseline: String, seed: UInt64
    ) {
      (self.model, self.target, self.maps, self.method) = (model, target, maps, method)
      (self.baseline, self.seed) = (baseline, seed)
    }
  }

  package init(
    _ header: Header, judged: [MapMeasurements], steadiness: Steadiness?, probabilities: ReportedScores,
    score: TensorName
  ) {
    func values(_ value: (MapMeasurements) -> Double) -> [Double?] { judged.map { value($0).finite } }
    func curves(_ curve: (MapMeasurements) -> PerturbationCurve) -> [[Double?]] {
      judged.map { curve($0).values.map(\.finite) }
    }
    (model, target, maps, seed) = (header.model, header.target, header.maps, header.seed)
    baseline = header.baseline
    (self.score, rows) = (score, judged.count)
    self.probabilities =
      switch probabilities {
      case .tensor(let name, let isLogarithm): isLogarithm ? "exponential of \(name)" : name
      case .activation(.none): score
      case .activation(let activation): "\(activation.rawValue) of \(score)"
      }
    probability = values { $0.masked.whole }
    (deletion, deletionCurve) = (values { $0.deletion.area }, curves { $0.deletion })
    (insertion, insertionCurve) = (values { $0.insertion.area }, curves { $0.insertion })
    (maskedProbability, averageDrop) = (values { $0.masked.masked }, values { $0.masked.drop })
    (increase, averageGain) = (values { $0.masked.increase }, values { $0.masked.gain })
    infidelity = values { $0.infidelity.value(isScaled: false) }
    infidelityNormalized = values { $0.infidelity.value() }
    (sparseness, complexity) = (values { $0.sparseness }, values { $0.complexity })
    method = header.method
    let found = judged.compactMap(\.localisation)
    if found.count == judged.count {
      pointingGame = found.map { $0.points ? 1 : 0 }
      relevanceMass = found.map(\.mass.finite)
      relevanceRank = found.map(\.rank.finite)
    }
    if let steadiness {
      maxSensitivity = steadiness.sensitivity.map { $0?.finite }
      parameterRandomisation = steadiness.correlations.map { stages in
        (stages.reduce(0) { $0 + abs($1) } / Double(max(1, stages.count))).finite
      }
      parameterRandomisationStages = steadiness.correlations.map { $0.map(\.finite) }
      shuffledLayers = steadiness.layers
    }
  }
}
