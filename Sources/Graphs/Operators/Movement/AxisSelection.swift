/// Which place of an operand's axis each place of a result's axis shows.
package struct AxisSelection: Sendable {
  /// nil: every place, in order.
  private let table: [Int]?
  /// How many places the result's axis has.
  let count: Int
  /// Places that show nothing of the operand.
  static let outside = -1

  private init(table: [Int]?, count: Int) {
    self.table = table
    self.count = count
  }

  /// Every place, in order.
  static func all(_ extent: Int) -> AxisSelection { AxisSelection(table: nil, count: extent) }

  /// These places, of an axis of extent `extent`; those that lie beyond it show nothing.
  init(_ places: [Int], of extent: Int) {
    let inOrder = places.count == extent && places.indices.allSatisfy { places[$0] == $0 }
    table =
      inOrder ? nil : places.map { (0..<extent).contains($0) ? $0 : Self.outside }
    count = places.count
  }

  /// Every place, in order.
  var isAll: Bool { table == nil }

  /// The place shown at `index`.
  subscript(index: Int) -> Int { table?[index] ?? index }

  /// Whether no place is shown twice.
  var isInjective: Bool {
    guard let table else { return true }
    var seen = Set<Int>()
    return table.allSatisfy { $0 == Self.outside || seen.insert($0).inserted }
  }
}

/// A selection of every axis of a tensor, ready to run: `y[i, j, …] = x[first[i], second[j], …]`.
///
/// The result is cut into rows that are made of segments: stretches whose elements lie evenly spaced in the operand, so
/// that most of the work is copying contiguous memory.
struct SelectionPlan: Sendable {
  private struct Segment {
    /// Where it begins in a row of the result, and in one of the operand; negative: it shows nothing.
    var destination: Int
    var source: Int
    var count: Int
    var step: Int
  }

  /// Where rows begin in the operand: row `r` at `outer[r / inner.count] + inner[r % inner.count]`; a negative
  /// part means that it shows nothing.
  private let outer: [Int]
  private let inner: [Int]
  private let segments: [Segment]
  private let rowLength: Int
  /// Elements of the operand in memory.
  private let sourceCount: Int
  /// Whether no element is shown twice, at all or by rows of different `outer`.
  private let isInjective: Bool
  private let outerIsInjective: Bool

  /// - Parameters:
  ///   - selections: one an axis, outermost in memory first.
  ///   - extents: of the operand, in the same order.
  init(_ selections: [AxisSelection], of extents: [Int]) {
    var strides = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    sourceCount = extents.reduce(1, *)
    // Trailing axes that are shown whole make up one unit of contiguous memory.
    let last = selections.lastIndex { !$0.isAll } ?? 0
    let unit = extents.isEmpty ? 1 : strides[last]
    segments =
      selections.isEmpty
      ? [Segment(destination: 0, source: 0, count: 1, step: 1)]
      : Self.segments(selections[last], unit: unit)
    rowLength = (selections.isEmpty ? 1 : selections[last].count) * unit
    func offsets(_ axes: Range<Int>) -> [Int] {
      gridOffsets(
        axes.map { axis in
          (0..<selections[axis].count).map { index in
            let place = selections[axis][index]
            return place < 0 ? AxisSelection.outside : place * strides[axis]
          }
        })
    }
    outer = offsets(0..<min(1, last))
    inner = offsets(min(1, last)..<last)
    outerIsInjective = last > 0 && selections[0].isInjective
    isInjective = selections.allSatisfy(\.isInjective)
  }

  private static func segments(_ selection: AxisSelection, unit: Int) -> [Segment] {
    var segments: [Segment] = []
    for index in 0..<selection.count {
      let place = selection[index]
      let source = place < 0 ? -1 : place * unit
      if let last = segments.last {
        let isNext = place >= 0 && last.source >= 0 && last.step == 1 && source == last.source + last.count
        if isNext || (place < 0 && last.source < 0) {
          segments[segments.count - 1].count += unit
          continue
        }
        // Single elements that follow one another at any other even distance.
        if unit == 1, place >= 0, last.source >= 0 {
          let step = last.count == 1 ? source - last.source : last.step
          if source == last.source + last.count * step {
            segments[segments.count - 1].step = step
            segments[segments.count - 1].count += 1
            continue
          }
        }
      }
      segments.append(Segment(destination: index * unit, source: source, count: unit, step: 1))
    }
    return segments
  }

  private var rows: Int { outer.count * inner.count }

  /// About how many elementary operations a run takes.
  var work: Int { saturatingProduct(rows, rowLength) }

  /// Fills `y` from `x`, and with `fill` where nothing of it is shown.
  func run(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, fill: Float, _ lanes: Lanes) {
    lanes.share(rows) { range in
      for row in range {
        let (first, second) = (outer[row / inner.count], inner[row % inner.count])
        let target = y + row * rowLength
        guard first >= 0, second >= 0 else {
          target.update(repeating: fill, count: rowLength)
          continue
        }
        let source = x + first + second
        for segment in segments {
          let to = target + segment.destination
          if segment.source < 0 {
            to.update(repeating: fill, count: segment.count)
          } else if segment.step == 1 {
            to.update(from: source + segment.source, count: segment.count)
          } else if segment.step == 0 {
            to.update(repeating: source[segment.source], count: segment.count)
          } else {
            let from = source + segment.source
            for index in 0..<segment.count { to[index] = from[index * segment.step] }
          }
        }
      }
    }
  }

  /// The gradient: each element of `x` becomes the sum of the elements of `y` that show it.
  func runBack(_ y: UnsafePointer<Float>, _ x: UnsafeMutablePointer<Float>, _ lanes: Lanes) {
    lanes.share(sourceCount) { range in
      (x + range.lowerBound).update(repeating: 0, count: range.count)
    }
    guard rows > 0 else { return }
    let rowsTogether = isInjective ? 1 : outerIsInjective ? inner.count : rows
    lanes.share(rows / rowsTogether) { range in
      for row in range.lowerBound * rowsTogether..<range.upperBound * rowsTogether {
        let (first, second) = (outer[row / inner.count], inner[row % inner.count])
        guard first >= 0, second >= 0 else { continue }
        let (from, target) = (y + row * rowLength, x + first + second)
        for segment in segments where segment.source >= 0 {
          let (part, to) = (from + segment.destination, target + segment.source)
          if isInjective, segment.step == 1 {
            to.update(from: part, count: segment.count)
          } else if segment.step == 1 {
            for index in 0..<segment.count { to[index] += part[index] }
          } else {
            for index in 0..<segment.count { to[index * segment.step] += part[index] }
          }
        }
      }
    }
  }
}
