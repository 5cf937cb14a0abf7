import Tensors

/// Where the parts of a sheet lie, in points.
struct SheetLayout {
  static let width = 1000.0
  static let captionLine = 16.0
  private static let right = 896.0
  private static let top = 40.0
  /// Cairo's images end at 32,767 pixels, with eight of them a point.
  private static let mostHeight = 4000.0

  let contents: [SheetContent]
  /// The images, cell by cell.
  let plots: [Rectangle]
  /// Where a cell's title and note are written, and its image at most reaches.
  let boxes: [Rectangle]
  let columns: Int
  /// Whether all cells have the same axes.
  let sharesAxes: Bool
  let bar: Rectangle
  let barScale: ValueScale
  /// Where the name of the horizontal axes is written.
  let acrossLabelY: Double
  let captionLines: [String]
  let height: Double

  init(_ figure: SheetFigure) throws(FigureError) {
    let cells = figure.cells
    guard !cells.isEmpty else {
      throw .shape(what: "the list of cells", shape: [0], expected: "one at least")
    }
    (contents, barScale) = try Self.contents(of: figure)
    let count = cells.count
    let columns = min(count, figure.columns ?? Self.columns(for: count))
    guard columns >= 1, columns <= 24 else {
      throw .value(what: "the number of columns", value: "\(columns)", expected: "1 to 24")
    }
    self.columns = columns
    let sharesAxes =
      cells.allSatisfy { cell in
        cell.across == cells[0].across && cell.up == cells[0].up
          && (figure.fit != .squares || cell.values.shape == cells[0].values.shape)
      }
    self.sharesAxes = sharesAxes

    let left = sharesAxes ? 74.0 : 36.0
    let gutter = sharesAxes ? 0.0 : 30.0
    let gap = count > 100 ? 6.0 : 10.0
    let boxWidth = (Self.right - left - gap * Double(columns - 1)) / Double(columns)
    let hasTitles = cells.contains { !$0.title.isEmpty || $0.note != nil } || figure.scaling == .each
    let head = hasTitles ? 14.0 : 2.0
    let foot = sharesAxes ? gap - 2 : 24.0
    let room = (width: boxWidth - gutter, height: min(max(figure.aspect * (boxWidth - gutter), 24), 300))
    let sizes = Self.sizes(of: contents, figure.fit, room)
    var plots: [Rectangle] = []
    var boxes: [Rectangle] = []
    var y = Self.top
    for start in stride(from: 0, to: count, by: columns) {
      let row = start..<min(count, start + columns)
      let tallest = row.map { sizes[$0].height }.max() ?? 0
      for index in row {
        let x = left + Double(index - start) * (boxWidth + gap)
        boxes.append(Rectangle(left: x, top: y, right: x + boxWidth, bottom: y + head + tallest))
        let bottom = y + head + tallest
        plots.append(
          Rectangle(
            left: x + gutter, top: bottom - sizes[index].height, right: x + gutter + sizes[index].width,
            bottom: bottom))
      }
      y += head + tallest + foot
    }
    (self.plots, self.boxes) = (plots, boxes)
    let gridBottom = y - foot
    let barTop = Self.top + head
    bar = Rectangle(
      left: 908, top: barTop, right: 922, bottom: max(barTop + 60, min(gridBottom, barTop + 240)))
    acrossLabelY = max(gridBottom + 34, bar.bottom + 10)
    let ruler = try Surface.image(width: 1, height: 1, scale: 1)
    captionLines = try ruler.wrapped(figure.caption, .caption, width: Self.width - left - 20, limit: 8)
    height = acrossLabelY + 12 + Double(captionLines.count) * Self.captionLine + 8
    guard height <= Self.mostHeight else {
      throw .value(
        what: "the sheet's height", value: "\(Int(height)) points (\(count) cells in \(columns) columns)",
        expected: "\(Int(Self.mostHeight)) at most; draw fewer cells, or more columns")
    }
  }

  /// About as many columns as rows.
  private static func columns(for count: Int) -> Int {
    let most = count > 256 ? 16 : 8
    return min(most, max(min(count, 3), Int(Double(count).squareRoot().rounded(.up))))
  }

  /// The checked cells, each with the scale that it is drawn on, and the scale of the colour bar.
  private static func contents(
    of figure: SheetFigure
  ) throws(FigureError) -> ([SheetContent], ValueScale) {
    var contents: [SheetContent] = []
    for (index, cell) in figure.cells.enumerated() {
      contents.append(try SheetContent(cell, figure.reading, index: index))
    }
    let isSigned = figure.reading == .strength && contents.contains { !$0.isApart && $0.range.lowerBound < 0 }
    switch figure.scaling {
    case .shared:
      let scale = SheetContent.scale(
        of: contents.filter { !$0.isApart }.flatMap(\.grid.values), figure.reading, isSigned: isSigned)
      for index in contents.indices where !contents[index].isApart { contents[index].scale = scale }
      return (contents, scale)
    case .each:
      for index in contents.indices
      where isSigned && !contents[index].isApart && !contents[index].scale.isSigned {
        (contents[index].scale.low, contents[index].scale.isSigned) = (-contents[index].scale.high, true)
      }
      return (contents, ValueScale(low: isSigned ? -1 : 0, high: 1, isConstant: false, isSigned: isSigned))
    }
  }

  /// How large each image is drawn, at most `room`.
  private static func sizes(
    of contents: [SheetContent], _ fit: SheetFigure.Fit, _ room: (width: Double, height: Double)
  ) -> [(width: Double, height: Double)] {
    switch fit {
    case .fill: return contents.map { _ in room }
    case .toScale:
      let widths = contents.map { $0.across.upperBound - $0.across.lowerBound }
      let (longest, highest) = (widths.max() ?? 1, contents.map(\.up.extent).max() ?? 1)
      return zip(contents, widths).map { content, width in
        (max(2, room.width * width / longest), max(2, room.height * content.up.extent / highest))
      }
    case .squares:
      let frames = contents.map(\.grid.frames).max() ?? 1
      let bands = contents.map(\.grid.bands).max() ?? 1
      // High kernels may be higher than cells of pictures are.
      let unit = min(room.width / Double(frames), 240 / Double(bands), 28)
      return contents.map { (unit * Double($0.grid.frames), unit * Double($0.grid.bands)) }
    }
  }

  /// Whether no cell lies below that one.
  func isLowest(_ index: Int) -> Bool { index + columns >= plots.count }

  func isLeftmost(_ index: Int) -> Bool { index % columns == 0 }

  func geometry(ofCell index: Int) -> PlotGeometry {
    let (plot, across) = (plots[index], contents[index].across)
    return PlotGeometry(
      left: plot.left / Self.width, top: plot.top / height, right: plot.right / Self.width,
      bottom: plot.bottom / height, startTime: across.lowerBound, endTime: across.upperBound)
  }

  /// Where a place on a cell's axes lies on the sheet, at most at the cell's edges.
  func place(_ across: Double, _ up: Double, inCell index: Int) -> (x: Double, y: Double) {
    let (plot, content) = (plots[index], contents[index])
    let right = (across - content.across.lowerBound) / (content.across.upperBound - content.across.lowerBound)
    return (
      plot.left + plot.width * min(max(right, 0), 1),
      plot.bottom - plot.height * min(max(content.up.position(of: up), 0), 1)
    )
  }
}
