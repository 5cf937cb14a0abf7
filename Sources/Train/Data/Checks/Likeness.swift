import Files
import Synchronization
import Tensors

/// Which clips of a set are the same sound, and which are nearly.
struct Likeness {
  /// Clips with the same decoded samples, each list ascending, of two or more.
  let copies: [[Int]]
  /// Whether the files of a list are the same byte by byte.
  let areFilesEqual: [Bool]
  /// Pairs that are most likely one recording, less those in ``copies``; ascending.
  let near: [(Int, Int)]
  /// Whether near pairs were looked for: not among more than can be compared in a minute.
  let lookedForNear: Bool

  /// Durations of copies differ by at most this share: codecs add a frame.
  private static let durationShare = 0.02
  /// Pairs that are compared, at most.
  private static let mostPairs = 1_000_000_000

  init(_ clips: [LabelledClip], _ measures: [ClipMeasure?], threads: Int) {
    var byContent: [UInt64: [Int]] = [:]
    for (place, measure) in measures.enumerated() {
      // Silences are all alike.
      if let measure, measure.peak > 0 { byContent[measure.content, default: []].append(place) }
    }
    copies = byContent.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    areFilesEqual = copies.map { list in Self.areEqual(list.map { clips[$0].path }) }

    let order = measures.indices
      .filter { measures[$0]?.outline != nil }
      .sorted { (measures[$0]?.seconds ?? 0, $0) < (measures[$1]?.seconds ?? 0, $1) }
    let outlines = order.compactMap { measures[$0]?.outline }
    let seconds = order.map { measures[$0]?.seconds ?? 0 }
    // Of each clip, those behind it that are not too long.
    var (ends, end, pairs) = ([Int](), 0, 0)
    for place in order.indices {
      while end < order.count, seconds[end] <= seconds[place] * (1 + Self.durationShare) { end += 1 }
      ends.append(end)
      pairs += end - place - 1
    }
    lookedForNear = pairs <= Self.mostPairs
    guard lookedForNear else {
      near = []
      return
    }
    let found = Mutex<[(Int, Int)]>([])
    concurrently(order.count, lanes: threads) { [ends] first in
      for second in first + 1..<max(first + 1, ends[first]) where outlines[first].isNear(outlines[second]) {
        let (one, other) = (order[first], order[second])
        guard measures[one]?.content != measures[other]?.content else { continue }
        found.withLock { $0.append((min(one, other), max(one, other))) }
      }
    }
    near = found.withLock { $0.sorted { $0 < $1 } }
  }

  /// Whether all files have the same bytes.
  private static func areEqual(_ paths: [String]) -> Bool {
    guard let first = paths.first, let bytes = try? WholeFile.read(first) else { return false }
    return paths.dropFirst().allSatisfy { (try? WholeFile.read($0)) == bytes }
  }
}
