import Files

extension SystemRecord {
  /// Several systems as lines of a table: accuracy and macro F1 with their intervals.
  package static func table(_ records: [SystemRecord]) -> [String] {
    let width = records.map(\.name.count).max() ?? 0
    func cell(_ value: Double?, _ interval: TestRecord.Interval?) -> String {
      guard let value else { return "-" }
      let middle = percent(value)
      guard let low = interval?.low, let high = interval?.high else { return "\(middle) %" }
      return "\(middle) % (\(percent(low)) to \(percent(high)))"
    }
    let rows = records.map { record in
      (
        record.name.padding(width), "\(record.clips)",
        cell(record.accuracy, record.intervals["accuracy"]),
        cell(record.macroF1, record.intervals["macro_f1"])
      )
    }
    let third = max(8, rows.map(\.2.count).max() ?? 0)
    return ["\("system".padding(width))  clips  \("accuracy".padding(third))  macro F1"]
      + rows.map {
        "\($0.0)  \(String(repeating: " ", count: max(0, 5 - $0.1.count)))\($0.1)  \($0.2.padding(third))  \($0.3)"
      }
  }

  private static func percent(_ share: Double) -> String { NumberText.rounded(100 * share, digits: 3) }
}

extension String {
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
