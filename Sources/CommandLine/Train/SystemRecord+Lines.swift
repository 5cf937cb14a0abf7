import Files
import Reports

extension SystemRecord {
  /// Several systems as lines of a table: accuracy and macro F1 with their intervals.
  static func lines(_ records: [SystemRecord]) -> [String] {
    func cell(_ value: Double?, _ interval: TestRecord.Interval?) -> String {
      guard let value else { return "-" }
      let middle = percent(value)
      guard let low = interval?.low, let high = interval?.high else { return "\(middle) %" }
      return "\(middle) % (\(percent(low)) to \(percent(high)))"
    }
    let rows = records.map { record in
      [
        record.name, "\(record.clips)", cell(record.accuracy, record.intervals["accuracy"]),
        cell(record.macroF1, record.intervals["macro_f1"]),
      ]
    }
    return TextTable.lines([["system", "clips", "accuracy", "macro F1"]] + rows, left: [0, 2, 3])
  }

  private static func percent(_ share: Double) -> String { NumberText.rounded(100 * share, digits: 3) }
}
