public import Models

/// A stretch of a clip, or an instant, and how the scores of its moments become one.
///
/// Written `2.3`, `2.3-2.8`, or with a pooling `2.3-2.8:max`; in seconds from the beginning of what is explained.
public struct TimeSpan: Sendable, Hashable, Codable, CustomStringConvertible {
  /// From the scores `s` of the moments to one.
  public enum Pooling: String, Sendable, Hashable, Codable, CaseIterable {
    case mean
    /// The highest. Its gradient is that moment's.
    case maximum = "max"
    /// `log Σ exp(s)`: close to the maximum, but every moment has its share, `exp(s) / Σ exp(s)`, of the gradient.
    case logSumExp = "lse"
  }

  public let start: Double
  /// As `start` for an instant.
  public let end: Double
  public let pooling: Pooling

  public init(_ start: Double, _ end: Double, _ pooling: Pooling = .mean) {
    (self.start, self.end, self.pooling) = (start, end, pooling)
  }

  /// nil where the text is no stretch of time.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let ends = (parts.first ?? "").split(separator: "-", omittingEmptySubsequences: false).map {
      $0.first?.isNumber == true || $0.first == "." ? Double($0) : nil
    }
    guard (1...2).contains(parts.count), (1...2).contains(ends.count), let start = ends[0],
      let end = ends[ends.count - 1], start.isFinite, end.isFinite, start <= end
    else { return nil }
    guard let pooling = parts.count > 1 ? Pooling(rawValue: String(parts[1])) : .mean else { return nil }
    self.init(start, end, pooling)
  }

  public var description: String {
    (start == end ? "\(Self.short(start)) s" : "\(Self.short(start))-\(Self.short(end)) s")
      + (pooling == .mean ? "" : " (\(pooling.rawValue))")
  }

  private static func short(_ seconds: Double) -> String {
    let whole = seconds.rounded()
    return whole == seconds && abs(whole) < 1e9 ? String(Int(whole)) : String(Float(seconds))
  }
}

extension Listening {
  /// The moments that a stretch of time has a part in; of an instant those that it lies in, else the nearest one.
  ///
  /// - Returns: rows of `logits`; none where the stretch begins behind the last moment.
  public func moments(in span: TimeSpan) -> [Int] {
    let found = moments.indices.filter { row in
      let moment = moments[row]
      return span.start == span.end
        ? moment.start <= span.start && span.start < moment.end
        : moment.start < span.end && moment.end > span.start
    }
    guard found.isEmpty, let last = moments.map(\.end).max(), span.start <= last else { return found }
    func distance(_ moment: Moment) -> Double { max(moment.start - span.end, span.start - moment.end, 0) }
    return moments.indices.min { distance(moments[$0]) < distance(moments[$1]) }.map { [$0] } ?? []
  }
}
