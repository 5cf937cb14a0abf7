import Tensors

/// Parts that are kept together, and how much their score counts in a regression.
struct Coalition {
  /// For each part, whether it is kept.
  let kept: [Bool]
  let weight: Double
}

/// The score as a function of which parts of an input are kept: all that the regressions of LIME and kernel SHAP see.
struct CoalitionGame {
  let parts: Int
  /// How many coalitions are evaluated together.
  let step: Int
  /// The scores of some coalitions.
  let scores: ([[Bool]]) throws -> [Double]
  /// Called with the number of coalitions done.
  var progress: (Int) throws -> Void = { _ in }

  /// Parts so few that their coalitions come up again, and their scores are kept: 65,536 at most.
  private static let rememberedParts = 16

  /// The regression of `score − reference` on the coalitions.
  func regression(on coalitions: some Sequence<Coalition>, reference: Double) throws -> CoalitionRegression {
    var regression = CoalitionRegression(parts: parts)
    var known: [[Bool]: Double] = [:]
    var coalitions = coalitions.makeIterator()
    var done = 0
    while true {
      // As many as make one batch of new ones.
      var batch: [Coalition] = []
      var new: Set<[Bool]> = []
      var questions: [[Bool]] = []
      while questions.count < step, let coalition = coalitions.next() {
        batch.append(coalition)
        if parts > Self.rememberedParts {
          questions.append(coalition.kept)
        } else if known[coalition.kept] == nil, new.insert(coalition.kept).inserted {
          questions.append(coalition.kept)
        }
      }
      guard !batch.isEmpty else { return regression }
      let answers = questions.isEmpty ? [] : try scores(questions)
      if parts > Self.rememberedParts {
        for (coalition, score) in zip(batch, answers) { regression.add(coalition, score: score - reference) }
      } else {
        for (kept, score) in zip(questions, answers) { known[kept] = score }
        for coalition in batch {
          regression.add(coalition, score: (known[coalition.kept] ?? reference) - reference)
        }
      }
      done += batch.count
      try progress(done)
    }
  }
}

extension Segments {
  /// The game of keeping these segments of one row, the others replaced by `nothing`.
  func game(
    _ function: some ScoreFunction, _ row: Tensor, over nothing: Tensor,
    progress: @escaping (Int) throws -> Void
  ) -> CoalitionGame {
    CoalitionGame(
      parts: count, step: copiesAtOnce(ofRow: row.count, atMost: 64),
      scores: { choices in
        try function.scores(at: copies(of: row, over: nothing, keeping: choices)).map(Double.init)
      }, progress: progress)
  }
}
