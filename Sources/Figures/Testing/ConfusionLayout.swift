/// Where the parts of a confusion matrix lie, in points, measured from the names of its classes.
struct ConfusionLayout {
  static let captionLine = 16.0
  private static let leastWidth = 640.0
  private static let widestName = 230.0
  /// Between the matrix and what stands beside it.
  private static let gap = 8.0

  let width: Double
  let height: Double
  /// The side of a cell.
  let cell: Double
  let matrix: Rectangle
  let rowNames: [String]
  let columnNames: [String]
  /// The heads of columns are written upwards where they do not fit side by side.
  let isTurned: Bool
  let nameStyle: TextStyle
  let numberStyle: TextStyle
  /// Where the names of the answers end, and the axis' title stands.
  let columnTitle: Double
  let captionTop: Double
  let captionLines: [String]

  init(_ figure: ConfusionFigure) throws(FigureError) {
    let count = figure.classes.count
    guard count > 0, figure.counts.count == count, figure.counts.allSatisfy({ $0.count == count }) else {
      throw .shape(
        what: "the confusion matrix", shape: [figure.counts.count, figure.counts.first?.count ?? 0],
        expected: "a row and a column for each of \(count) classes, at least one")
    }
    // A name needs eleven points, however many classes there are.
    cell = count <= 10 ? min(90, max(52, 360 / Double(count))) : max(13, min(52, 640 / Double(count)))
    nameStyle = TextStyle(size: min(12.5, max(9.5, cell - 3)))
    numberStyle = TextStyle(size: min(14, cell >= 26 ? cell * 0.34 : cell * 0.5))

    let ruler = try Surface.image(width: 1, height: 1, scale: 1)
    var names: [String] = []
    var widest = 0.0
    for name in figure.classes {
      let fitting = try ruler.shortened(name, nameStyle, toFit: Self.widestName)
      names.append(fitting)
      widest = max(widest, try ruler.textWidth(fitting, nameStyle))
    }
    (rowNames, columnNames) = (names, names)
    isTurned = widest > cell - 6
    let side = cell * Double(count)
    let left = 40 + widest + Self.gap
    let top = figure.title.isEmpty ? 26.0 : 58
    matrix = Rectangle(left: left, top: top, right: left + side, bottom: top + side)
    width = max(Self.leastWidth, matrix.right + 74)
    columnTitle = matrix.bottom + Self.gap + (isTurned ? widest : nameStyle.size) + 20
    captionLines = try ruler.wrapped(figure.caption, .caption, width: width - 40, limit: 8)
    captionTop = columnTitle + 58
    height = captionTop + Double(captionLines.count) * Self.captionLine + 4
  }

  func area(row: Int, column: Int) -> Rectangle {
    let (left, top) = (matrix.left + cell * Double(column), matrix.top + cell * Double(row))
    return Rectangle(left: left, top: top, right: left + cell, bottom: top + cell)
  }
}
