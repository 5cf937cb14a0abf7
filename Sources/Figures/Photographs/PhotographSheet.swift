/// Photographs in rows and columns, each row with a title before it and words behind it: the stages of dreams.
public struct PhotographSheet: Sendable {
  public struct Row: Sendable {
    public var title: String
    /// Behind the row; shortened to the room there is.
    public var note: String
    /// From the left; of any sizes, each drawn pixel for pixel in the middle of its cell.
    public var pictures: [Photograph]

    public init(title: String, note: String = "", pictures: [Photograph]) {
      (self.title, self.note, self.pictures) = (title, note, pictures)
    }
  }

  public var rows: [Row]
  /// Over the columns; may be empty.
  public var columns: [String]

  public init(rows: [Row], columns: [String] = []) { (self.rows, self.columns) = (rows, columns) }

  private static let gap = 4.0
  private static let titleWidth = 96.0
  private static let noteWidth = 190.0

  /// The sheet as a PNG.
  ///
  /// - Throws: `FigureError` where there is nothing, or more than Cairo draws.
  public func png() throws(FigureError) -> [UInt8] {
    let count = rows.map(\.pictures.count).max() ?? 0
    guard count > 0 else { throw .shape(what: "the list of pictures", shape: [0], expected: "one at least") }
    let across = Double(rows.flatMap { $0.pictures.map(\.width) }.max() ?? 1)
    let heights = rows.map { Double($0.pictures.map(\.height).max() ?? 1) }
    let left = rows.contains { !$0.title.isEmpty } ? Self.titleWidth : Self.gap
    let right = rows.contains { !$0.note.isEmpty } ? Self.noteWidth : Self.gap
    let top = columns.isEmpty ? Self.gap : 24.0
    let width = left + Double(count) * (across + Self.gap) + right
    let height = top + heights.reduce(0) { $0 + $1 + Self.gap }
    guard width <= 32_000, height <= 32_000 else {
      throw .value(
        what: "the sheet", value: "\(Int(width)) x \(Int(height)) pixels",
        expected: "32000 at most; choose fewer or smaller")
    }
    let surface = try Surface.image(width: width, height: height, scale: 1)
    for (column, title) in columns.prefix(count).enumerated() {
      try surface.text(
        title, x: left + Double(column) * (across + Self.gap) + across / 2, y: 17, .tick, anchor: .middle)
    }
    var y = top
    for (row, tall) in zip(rows, heights) {
      try surface.text(row.title, x: left - 8, y: y + tall / 2 + 4, .label, anchor: .end)
      for (column, picture) in row.pictures.enumerated() {
        let x = left + Double(column) * (across + Self.gap) + (across - Double(picture.width)) / 2
        let down = y + (tall - Double(picture.height)) / 2
        try Self.draw(picture, x: x.rounded(), y: down.rounded(), on: surface)
      }
      let noteX = left + Double(count) * (across + Self.gap) + 6
      let lines = try surface.wrapped(
        row.note, .tick, width: Self.noteWidth - 12, limit: max(1, Int(tall / 15)))
      for (index, line) in lines.enumerated() {
        try surface.text(
          line, x: noteX, y: y + tall / 2 + 4 + 15 * (Double(index) - Double(lines.count - 1) / 2), .tick)
      }
      y += tall + Self.gap
    }
    return try surface.png()
  }

  /// The sheet as a page shows it.
  public func picture(alternative: String) throws(FigureError) -> Report.Picture {
    Report.Picture(
      png: try png(), alternative: alternative,
      geometry: PlotGeometry(left: 0, top: 0, right: 1, bottom: 1, startTime: 0, endTime: 0))
  }

  private static func draw(
    _ picture: Photograph, x: Double, y: Double, on surface: borrowing Surface
  ) throws(FigureError) {
    let raster = try Raster(width: picture.width, height: picture.height) { pixels, pitch in
      for row in 0..<picture.height {
        for column in 0..<picture.width {
          pixels[row * pitch + column] = picture.colour(at: row * picture.width + column)
        }
      }
    }
    try surface.draw(
      raster,
      in: Rectangle(left: x, top: y, right: x + Double(picture.width), bottom: y + Double(picture.height)))
  }
}
