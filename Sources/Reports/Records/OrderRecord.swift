package import Explain
package import Figures

/// Whether a target hangs on the order of time or of bands.
package struct OrderRecord: Codable, Sendable {
  package let verdict: String
  package let words: String
  package let score: Float
  package let time: Loss
  package let bands: Loss
  package let draws: Int
  package let seed: UInt64

  package struct Loss: Codable, Sendable {
    package let scoreDrop: Drop
    @OrNull package var probabilityDrop: Drop?

    private enum CodingKeys: String, CodingKey {
      case scoreDrop = "score_drop"
      case probabilityDrop = "probability_drop"
    }

    init(_ loss: OrderTest.Loss) {
      scoreDrop = Drop(loss.score)
      probabilityDrop = loss.probability.map(Drop.init)
    }
  }

  package struct Drop: Codable, Sendable {
    package let mean: Double
    package let deviation: Double

    init(_ drop: OrderTest.Drop) { (mean, deviation) = (drop.mean, drop.deviation) }
  }

  /// - Parameter unit: of the score.
  package init(_ test: OrderTest, unit: String) {
    (verdict, words) = (test.verdict.rawValue, test.words(unit: unit))
    (score, draws, seed) = (test.score, test.draws, test.seed)
    (time, bands) = (Loss(test.time), Loss(test.bands))
  }
}

extension OrderTest {
  /// The line on a page.
  package func remark(on question: String, unit: String) -> Report.Parameter {
    Report.Parameter("Time or frequency? \(question)", words(unit: unit))
  }
}
