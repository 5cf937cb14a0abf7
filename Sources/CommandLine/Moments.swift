import ArgumentParser

/// `12`, or `12-20`: places along an axis of time.
struct Moments: ExpressibleByArgument {
  let range: ClosedRange<Int>

  init?(argument: String) {
    let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, (1...2).contains(ends.count),
      first >= 0, first <= last
    else { return nil }
    range = first...last
  }
}
