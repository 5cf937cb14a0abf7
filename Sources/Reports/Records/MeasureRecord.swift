package import Explain
package import Graphs
package import Models

/// What `measure` found, as JSON: an array for each criterion, a value a row.
package struct MeasureRecord {
  let judged: [MapMeasurements]
  let steadiness: Steadiness?
  let probabilities: AudioModel.Scores
  /// What the maps explain.
  let score: TensorName
  let header: [(String, JSON)]

  package init(
    judged: [MapMeasurements], steadiness: Steadiness?, probabilities: AudioModel.Scores, score: TensorName,
    header: [(String, JSON)]
  ) {
    self.judged = judged
    self.steadiness = steadiness
    self.probabilities = probabilities
    self.score = score
    self.header = header
  }

  package var json: JSON {
    var members =
      header + [
        ("score", .string(score)), ("probabilities", .string(source)),
        ("rows", .number(Double(judged.count))),
        ("probability", values { $0.masked.whole }), ("deletion", values { $0.deletion.area }),
        ("deletion_curve", curves { $0.deletion }), ("insertion", values { $0.insertion.area }),
        ("insertion_curve", curves { $0.insertion }),
        ("masked_probability", values { $0.masked.masked }), ("average_drop", values { $0.masked.drop }),
        ("increase", values { $0.masked.increase }), ("average_gain", values { $0.masked.gain }),
        ("infidelity", values { $0.infidelity.value(isScaled: false) }),
        ("infidelity_normalized", values { $0.infidelity.value() }),
        ("sparseness", values { $0.sparseness }), ("complexity", values { $0.complexity }),
      ]
    let found = judged.compactMap(\.localisation)
    if found.count == judged.count {
      members += [
        ("pointing_game", .array(found.map { .number($0.points ? 1 : 0) })),
        ("relevance_mass", .array(found.map { .number($0.mass) })),
        ("relevance_rank", .array(found.map { .number($0.rank) })),
      ]
    }
    if let steadiness {
      let means = steadiness.correlations.map { stages in
        stages.reduce(0) { $0 + abs($1) } / Double(max(1, stages.count))
      }
      members += [
        ("max_sensitivity", .array(steadiness.sensitivity.map { $0.map { .number($0) } ?? .null })),
        ("parameter_randomisation", .array(means.map { .number($0) })),
        (
          "parameter_randomisation_stages",
          .array(steadiness.correlations.map { .array($0.map { .number($0) }) })
        ),
        ("shuffled_layers", .array(steadiness.layers.map { .number(Double($0)) })),
      ]
    }
    return .object(members)
  }

  private var source: String {
    switch probabilities {
    case .tensor(let name): name
    case .activation(.none): score
    case .activation(let activation): "\(activation.rawValue) of \(score)"
    }
  }

  private func values(_ value: (MapMeasurements) -> Double) -> JSON {
    .array(judged.map { .number(value($0)) })
  }

  private func curves(_ curve: (MapMeasurements) -> PerturbationCurve) -> JSON {
    .array(judged.map { .array(curve($0).values.map { .number($0) }) })
  }
}
