/// What a series is drawn with: one of seven colours and one of five dash patterns.
///
/// The colours are Okabe and Ito's ("Color universal design", 2008) without the yellow, which is lost on white: those
/// with any of the common colour deficiencies tell them apart.
package struct CurvePen: Sendable, Hashable {
  package let color: Color
  /// Points on, off, …; empty for a solid line.
  package let dashes: [Double]

  private static let colors = [
    Color(0, 114, 178), Color(213, 94, 0), Color(0, 158, 115), Color(204, 121, 167), Color(86, 180, 233),
    Color(230, 159, 0), Color(40, 40, 40),
  ]
  private static let patterns: [[Double]] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [16, 5]]

  package static let count = colors.count * patterns.count

  /// The pen of the series at `index`; no two below `count` are alike.
  package init(_ index: Int) {
    color = Self.colors[index % Self.colors.count]
    dashes = Self.patterns[index / Self.colors.count % Self.patterns.count]
  }
}
