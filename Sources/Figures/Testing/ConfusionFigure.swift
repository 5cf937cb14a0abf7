/// A confusion matrix: a row a class, a column an answer; what is right in blue, what is wrong in orange.
///
/// A cell is the darker, the larger its share of the row: classes of many and of few clips can be compared. Cells that are
/// large enough hold the number of clips, or the share in percent. A class without a clip has a grey row. The figure grows with
/// the classes, so that every name can be read.
///
///     let figure = ConfusionFigure(title: "276 clips", classes: ["birds", "door"], counts: [[20, 8], [1, 8]])
///     try WholeFile.write(figure.svg(), to: "confusion.svg")
public struct ConfusionFigure: Sendable {
  /// One line above the matrix.
  public var title: String
  /// Small type under it, wrapped.
  public var caption: String
  public var classes: [String]
  /// `[class][answer]`.
  public var counts: [[Int]]
  public var content: Content

  public enum Content: Sendable, Hashable {
    /// How many clips.
    case counts
    /// Percent of the row.
    case shares
  }

  public init(
    title: String, caption: String = "", classes: [String], counts: [[Int]], content: Content = .counts
  ) {
    (self.title, self.caption, self.classes) = (title, caption, classes)
    (self.counts, self.content) = (counts, content)
  }

  /// The figure as a PNG.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8.
  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let layout = try ConfusionLayout(self)
    let surface = try Surface.image(width: layout.width, height: layout.height, scale: scale)
    try draw(layout, on: surface)
    return try surface.png()
  }

  /// The figure as an SVG file, with title and description for readers and search.
  public func svg() throws(FigureError) -> [UInt8] {
    let layout = try ConfusionLayout(self)
    let surface = try Surface.svg(width: layout.width, height: layout.height, scale: 1)
    try draw(layout, on: surface)
    return SVG.described(try surface.svg(), title: title, description: alternativeText)
  }

  /// The figure as a page shows it. Its geometry is that of the matrix.
  public func picture(scale: Double = 2) throws(FigureError) -> Report.Picture {
    let layout = try ConfusionLayout(self)
    let matrix = layout.matrix
    return Report.Picture(
      png: try png(scale: scale), alternative: alternativeText,
      geometry: PlotGeometry(
        left: matrix.left / layout.width, top: matrix.top / layout.height, right: matrix.right / layout.width,
        bottom: matrix.bottom / layout.height, startTime: 0, endTime: 1))
  }

  /// How many clips a row has.
  func support(_ row: Int) -> Int { counts[row].reduce(0, +) }

  /// What can be seen, for those who cannot: how much is right, and the most frequent mistakes.
  public var alternativeText: String {
    let whole = counts.reduce(0) { $0 + $1.reduce(0, +) }
    let right = counts.indices.reduce(0) { $0 + counts[$1][$1] }
    var text = (title.isEmpty ? "" : "\(title): ") + "\(right) of \(whole) clips are right."
    let mistakes = counts.indices.flatMap { row in
      counts[row].indices.filter { $0 != row && counts[row][$0] > 0 }.map { (row, $0, counts[row][$0]) }
    }.sorted { ($1.2, $0.0, $0.1) < ($0.2, $1.0, $1.1) }
    for (row, column, count) in mistakes.prefix(5) {
      text += " \(classes[row]) taken for \(classes[column]): \(count)."
    }
    return text
  }
}

extension PlotGeometry {
  /// Of a picture without an axis of time.
  static let none = PlotGeometry(left: 0, top: 0, right: 1, bottom: 1, startTime: 0, endTime: 1)
}
