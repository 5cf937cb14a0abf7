/// Numbers of classes side by side, each with its interval: a row a class, a column a number.
///
/// A value is a dot on a bar from 0, its interval a line through it. What is not known is a dash. The scale of every column
/// is the same, 0 to 1 unless said otherwise.
public struct IntervalsFigure: Sendable {
  /// One line above the rows.
  public var title: String
  /// Small type under them, wrapped.
  public var caption: String
  /// "precision", "recall", …
  public var columns: [String]
  public var rows: [Row]
  public var range: ClosedRange<Double>

  public struct Row: Sendable, Hashable {
    public var name: String
    /// Behind the name, in quiet type: "12 clips".
    public var note: String
    /// One for each column.
    public var values: [Value?]

    public init(name: String, note: String = "", values: [Value?]) {
      (self.name, self.note, self.values) = (name, note, values)
    }
  }

  public struct Value: Sendable, Hashable {
    public var value: Double
    /// The ends of its interval, if it has one.
    public var low: Double?
    public var high: Double?

    public init(_ value: Double, low: Double? = nil, high: Double? = nil) {
      (self.value, self.low, self.high) = (value, low, high)
    }
  }

  public init(
    title: String, caption: String = "", columns: [String], rows: [Row], range: ClosedRange<Double> = 0...1
  ) {
    (self.title, self.caption, self.columns, self.rows) = (title, caption, columns, rows)
    self.range = range
  }

  /// The figure as a PNG of `1000 * scale` pixels' width.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8.
  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let layout = try Layout(self)
    let surface = try Surface.image(width: Layout.width, height: layout.height, scale: scale)
    try draw(layout, on: surface)
    return try surface.png()
  }

  /// The figure as an SVG file, 1000 points wide, with title and description for readers and search.
  public func svg() throws(FigureError) -> [UInt8] {
    let layout = try Layout(self)
    let surface = try Surface.svg(width: Layout.width, height: layout.height, scale: 1)
    try draw(layout, on: surface)
    return SVG.described(try surface.svg(), title: title, description: alternativeText)
  }

  /// The figure as a page shows it.
  public func picture(scale: Double = 2) throws(FigureError) -> Report.Picture {
    Report.Picture(png: try png(scale: scale), alternative: alternativeText, geometry: .none)
  }

  /// What can be seen, for those who cannot.
  public var alternativeText: String {
    rows.reduce(title.isEmpty ? "" : "\(title).") { text, row in
      let values = zip(columns, row.values).map { "\($0) \($1.map { Ticks.compact($0.value) } ?? "unknown")" }
      return text + " \(row.name): \(values.joined(separator: ", "))."
    }
  }
}

extension IntervalsFigure {
  /// Where its parts lie, in points.
  private struct Layout {
    static let width = 1000.0
    static let pitch = 22.0
    let plots: [Rectangle]
    let names: [String]
    let noteRight: Double
    let height: Double
    let captionLines: [String]

    init(_ figure: IntervalsFigure) throws(FigureError) {
      guard !figure.columns.isEmpty, figure.rows.allSatisfy({ $0.values.count == figure.columns.count })
      else {
        throw .shape(
          what: "the values of a row", shape: figure.rows.map(\.values.count),
          expected: "one for each of \(figure.columns.count) columns")
      }
      guard figure.range.lowerBound < figure.range.upperBound else {
        throw .value(what: "the range", value: "\(figure.range)", expected: "some length")
      }
      let ruler = try Surface.image(width: 1, height: 1, scale: 1)
      var names: [String] = []
      var (nameWidth, noteWidth) = (0.0, 0.0)
      for row in figure.rows {
        let name = try ruler.shortened(row.name, .label, toFit: 250)
        names.append(name)
        nameWidth = max(nameWidth, try ruler.textWidth(name, .label))
        noteWidth = max(noteWidth, try ruler.textWidth(row.note, .caption))
      }
      self.names = names
      noteRight = 20 + nameWidth + (noteWidth > 0 ? 10 + noteWidth : 0)
      let (left, gap) = (noteRight + 18, 44.0)
      let width =
        (Self.width - 24 - left - gap * Double(figure.columns.count - 1)) / Double(figure.columns.count)
      let top = (figure.title.isEmpty ? 14.0 : 44) + 20
      let bottom = top + Self.pitch * Double(max(1, figure.rows.count))
      plots = figure.columns.indices.map { column in
        let start = left + (width + gap) * Double(column)
        return Rectangle(left: start, top: top, right: start + width, bottom: bottom)
      }
      captionLines = try ruler.wrapped(figure.caption, .caption, width: Self.width - 40, limit: 8)
      height = bottom + 46 + Double(captionLines.count) * 16
    }
  }

  private func draw(_ layout: Layout, on surface: borrowing Surface) throws(FigureError) {
    let fitting = try surface.shortened(title, .title, toFit: Layout.width - 40)
    try surface.text(fitting, x: 20, y: 26, .title)
    for (place, row) in rows.enumerated() {
      let y = layout.plots[0].top + Layout.pitch * (Double(place) + 0.5)
      if place % 2 == 1 {
        let stripe = Rectangle(
          left: 14, top: y - Layout.pitch / 2, right: Layout.width - 14, bottom: y + Layout.pitch / 2)
        try surface.fill(stripe, .stripe)
      }
      try surface.text(layout.names[place], x: 20, y: y + 4.3, .label)
      try surface.text(row.note, x: layout.noteRight, y: y + 4.3, .caption, anchor: .end)
    }
    for (column, plot) in layout.plots.enumerated() {
      try surface.text(
        try surface.shortened(columns[column], .label, toFit: plot.width), x: plot.left, y: plot.top - 8,
        TextStyle(size: TextStyle.label.size, bold: true))
      for tick in Ticks.linear(in: range, wanted: 4) {
        let x = place(tick.value, in: plot)
        try surface.line(from: (x, plot.top), to: (x, plot.bottom), .rule, thickness: 1)
        try surface.text(tick.label, x: x, y: plot.bottom + 17, .tick, anchor: .middle)
      }
      for (row, values) in rows.map(\.values).enumerated() {
        let y = plot.top + Layout.pitch * (Double(row) + 0.5)
        try draw(values[column], at: y, CurvePen(column).color, in: plot, on: surface)
      }
    }
    for (index, line) in layout.captionLines.enumerated() {
      try surface.text(line, x: 20, y: layout.plots[0].bottom + 42 + Double(index) * 16, .caption)
    }
  }

  private func draw(
    _ value: Value?, at y: Double, _ color: Color, in plot: Rectangle, on surface: borrowing Surface
  ) throws(FigureError) {
    guard let value, value.value.isFinite else {
      return try surface.text("–", x: plot.left + 4, y: y + 4.3, .tick)
    }
    let (origin, x) = (place(max(0, range.lowerBound), in: plot), place(value.value, in: plot))
    try surface.fill(
      Rectangle(left: min(origin, x), top: y - 5, right: max(origin, x), bottom: y + 5), color, opacity: 0.22)
    if let low = value.low, let high = value.high, low.isFinite, high.isFinite {
      let ends = (place(low, in: plot), place(high, in: plot))
      try surface.line(from: (ends.0, y), to: (ends.1, y), color, thickness: 1.6)
      for end in [ends.0, ends.1] {
        try surface.line(from: (end, y - 3.5), to: (end, y + 3.5), color, thickness: 1.6)
      }
    }
    try surface.dot(at: (x, y), radius: 3.6, color)
  }

  private func place(_ value: Double, in plot: Rectangle) -> Double {
    let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    return plot.left + plot.width * min(max(share, 0), 1)
  }
}

extension Color {
  fileprivate static let stripe = Color(246, 247, 248)
  fileprivate static let rule = Color(228, 231, 235)
}
