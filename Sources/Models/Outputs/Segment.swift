import Tensors

/// A stretch of a clip in which a class is heard all the time.
public struct Segment: Sendable, Hashable {
  public let index: Int
  /// In seconds from the clip's beginning.
  public let start: Double
  public let end: Double
  /// The mean of the class's scores over time.
  public let score: Float
  /// The highest of them.
  public let peak: Float
}

extension Listening {
  /// When which class is heard: stretches in which its score is at least `threshold`; without one, where it is at least ½
  /// of classes that can come together, and else where it is the highest. In the order of their beginnings.
  ///
  /// Where patches overlap, the scores of an instant are the means of the moments that it lies in. A score of one class
  /// that is no probability has no such threshold, and no segments.
  ///
  /// - Parameter duration: of the clip in seconds; what is heard in the padding behind it does not count.
  public func segments(threshold: Float? = nil, within duration: Double = .infinity) -> [Segment] {
    let classes = scores.shape[1]
    let isIndependent = meaning.activation == .sigmoid || threshold != nil
    guard isIndependent || classes > 1 else { return [] }
    let least = threshold ?? 0.5
    var open: [Int: Running] = [:]
    var found: [Segment] = []
    func close(_ indices: some Collection<Int>) {
      for index in indices {
        if let running = open.removeValue(forKey: index) { found.append(running.segment(index)) }
      }
    }
    var last = -Double.infinity
    for var interval in intervals() where interval.start < duration {
      interval.end = min(interval.end, duration)
      // Nobody listened in between.
      if interval.start > last + Self.resolution { close(Array(open.keys)) }
      last = interval.end
      let means = mean(of: interval.rows)
      let heard =
        isIndependent ? means.indices.filter { means[$0] >= least } : means.ranking.prefix(1).map { $0 }
      close(open.keys.filter { !heard.contains($0) })
      for index in heard {
        open[index, default: Running(start: interval.start)].add(means[index], interval.start, interval.end)
      }
    }
    close(Array(open.keys))
    return found.sorted { ($0.start, -$0.score, $0.index) < ($1.start, -$1.score, $1.index) }
  }

  /// Times closer than that are the same.
  private static let resolution = 1e-6

  private struct Running {
    let start: Double
    var end = 0.0
    var weighted = 0.0
    var peak = -Float.infinity

    init(start: Double) { self.start = start }

    mutating func add(_ score: Float, _ start: Double, _ end: Double) {
      weighted += Double(score) * (end - start)
      peak = max(peak, score)
      self.end = end
    }

    func segment(_ index: Int) -> Segment {
      Segment(
        index: index, start: start, end: end,
        score: Float(weighted / max(end - start, .leastNormalMagnitude)),
        peak: peak)
    }
  }

  /// The times between two ends of moments, each with the moments that reach over it.
  private func intervals() -> [(start: Double, end: Double, rows: [Int])] {
    var ends: [Double] = []
    for time in moments.flatMap({ [$0.start, $0.end] }).sorted()
    where time > (ends.last ?? -1) + Self.resolution {
      ends.append(time)
    }
    let order = moments.indices.sorted { moments[$0].start < moments[$1].start }
    var (next, active) = (0, [Int]())
    return zip(ends, ends.dropFirst()).compactMap { start, end in
      while next < order.count, moments[order[next]].start <= start + Self.resolution {
        active.append(order[next])
        next += 1
      }
      active.removeAll { moments[$0].end <= start + Self.resolution }
      return active.isEmpty ? nil : (start, end, active)
    }
  }

  private func mean(of rows: [Int]) -> [Float] {
    let classes = scores.shape[1]
    return scores.withUnsafeValues { values in
      (0..<classes).map { index in
        Float(rows.reduce(0.0) { $0 + Double(values[$1 * classes + index]) } / Double(rows.count))
      }
    }
  }
}
