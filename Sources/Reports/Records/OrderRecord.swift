package import Explain
package import Figures

extension OrderTest {
  /// The entry in `report.json`.
  ///
  /// - Parameter unit: of the score.
  package func record(unit: String) -> JSON {
    .object([
      ("verdict", .string(verdict.rawValue)), ("words", .string(words(unit: unit))),
      ("score", .number(Double(score))), ("time", Self.record(time)), ("bands", Self.record(bands)),
      ("draws", .number(Double(draws))), ("seed", .number(Double(seed))),
    ])
  }

  private static func record(_ loss: Loss) -> JSON {
    func numbers(_ drop: Drop) -> JSON {
      .object([("mean", .number(drop.mean)), ("deviation", .number(drop.deviation))])
    }
    return .object([
      ("score_drop", numbers(loss.score)), ("probability_drop", loss.probability.map(numbers) ?? .null),
    ])
  }

  /// The line on a page.
  package func remark(on question: String, unit: String) -> Report.Parameter {
    Report.Parameter("Time or frequency? \(question)", words(unit: unit))
  }
}
