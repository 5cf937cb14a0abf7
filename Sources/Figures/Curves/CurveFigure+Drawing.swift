extension CurveFigure {
  /// The one drawing routine behind every format.
  func draw(_ layout: CurveLayout, on surface: borrowing Surface) throws(FigureError) {
    let plot = layout.plot
    let fitting = try surface.shortened(title, .title, toFit: CurveLayout.width - plot.left - 20)
    try surface.text(fitting, x: plot.left, y: 25, .title)
    try drawAxes(layout, on: surface)
    try surface.clip(to: plot)
    for mark in marks { try draw(mark, layout, on: surface) }
    // All bands under all lines.
    for (index, series) in series.enumerated() {
      try drawBands(of: series, CurvePen(index), layout, on: surface)
    }
    for (index, series) in series.enumerated() {
      try drawLines(of: series, CurvePen(index), layout, on: surface)
    }
    try surface.unclip()
    try surface.outline(plot, .quietInk, thickness: 1)
    if !series.contains(where: { $0.points.contains { $0.y.isFinite } }) {
      try surface.text(
        "no values", x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2, .label,
        anchor: .middle)
    }
    for label in layout.labels { try draw(label, plot, on: surface) }
    for (index, line) in layout.captionLines.enumerated() {
      try surface.text(
        line, x: plot.left, y: plot.bottom + 62 + Double(index) * CurveLayout.captionLine, .caption)
    }
  }

  private func drawAxes(_ layout: CurveLayout, on surface: borrowing Surface) throws(FigureError) {
    let plot = layout.plot
    for tick in layout.y.ticks {
      let y = plot.bottom - plot.height * layout.y.position(of: tick.value)
      try surface.line(from: (plot.left, y), to: (plot.right, y), .grid, thickness: 1)
      try surface.line(from: (plot.left - 4, y), to: (plot.left, y), .quietInk, thickness: 1)
      try surface.text(tick.label, x: plot.left - 8, y: y + 4.3, .tick, anchor: .end)
    }
    var free = -Double.infinity
    for tick in layout.x.ticks {
      let x = plot.left + plot.width * layout.x.position(of: tick.value)
      try surface.line(from: (x, plot.bottom), to: (x, plot.bottom + 4), .quietInk, thickness: 1)
      let width = try surface.textWidth(tick.label, .tick)
      guard x - width / 2 >= free else { continue }
      try surface.text(tick.label, x: x, y: plot.bottom + 19, .tick, anchor: .middle)
      free = x + width / 2 + 8
    }
    let across = try surface.shortened(layout.x.title, .label, toFit: plot.width)
    try surface.text(
      across, x: (plot.left + plot.right) / 2, y: plot.bottom + 39, .label, anchor: .middle)
    let up = try surface.shortened(layout.y.title, .label, toFit: plot.height)
    try surface.text(
      up, x: 22, y: (plot.top + plot.bottom) / 2, .label, anchor: .middle, turned: true)
  }

  private func draw(_ mark: Mark, _ layout: CurveLayout, on surface: borrowing Surface) throws(FigureError) {
    let plot = layout.plot
    let left = layout.place(mark.range.lowerBound, 0).x
    // As wide as can be seen.
    let right = max(left + 3, layout.place(mark.range.upperBound, 0).x)
    let area = Rectangle(left: left, top: plot.top, right: right, bottom: plot.bottom)
    try surface.fill(area, .mark, opacity: 0.16)
    for x in [left, right] {
      try surface.polyline([(x, plot.top), (x, plot.bottom)], .mark, thickness: 1.2, dashes: [4, 3])
    }
    let style = TextStyle(size: TextStyle.label.size, bold: true, color: .mark)
    let width = try surface.textWidth(mark.label, style)
    let isLeft = right + 6 + width > plot.right
    try surface.text(
      mark.label, x: isLeft ? left - 6 : right + 6, y: plot.top + 17, style, anchor: isLeft ? .end : .start)
  }

  private func drawBands(
    of series: Series, _ pen: CurvePen, _ layout: CurveLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    for run in Self.runs(in: series.points, where: { $0.y.isFinite && $0.interval != nil }) {
      let ends = run.compactMap { point in point.interval.map { (point.x, $0) } }
      let upper = ends.map { layout.place($0.0, $0.1.upperBound) }
      let lower = ends.map { layout.place($0.0, $0.1.lowerBound) }
      if upper.count > 1 {
        try surface.fill(polygon: upper + lower.reversed(), pen.color, opacity: 0.15)
      } else {
        try surface.polyline(upper + lower, pen.color, thickness: 1.2)
      }
    }
  }

  private func drawLines(
    of series: Series, _ pen: CurvePen, _ layout: CurveLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    for run in Self.runs(in: series.points, where: \.y.isFinite) {
      let places = run.map { layout.place($0.x, $0.y) }
      if places.count > 1 {
        try surface.polyline(places, pen.color, thickness: 2, dashes: pen.dashes)
      } else {
        try surface.dot(at: places[0], radius: 3.5, pen.color)
      }
    }
  }

  /// A sample of the series' line with its name, and what leads there from the curve's end.
  private func draw(
    _ label: CurveLayout.Label, _ plot: Rectangle, on surface: borrowing Surface
  ) throws(FigureError) {
    let pen = CurvePen(label.index)
    let start = plot.right + CurveLayout.labelGap
    if let end = label.end {
      try surface.line(from: (plot.right + 2, end), to: (start - 34, label.y), pen.color, thickness: 0.8)
    }
    try surface.polyline(
      [(start - 34, label.y), (start - 6, label.y)], pen.color, thickness: 2, dashes: pen.dashes)
    let hasValues = series[label.index].points.contains { $0.y.isFinite }
    try surface.text(
      label.name, x: start, y: label.y + 4.3,
      hasValues ? .label : TextStyle(size: TextStyle.label.size, color: .quietInk))
  }

  /// The longest stretches of neighbours that all are as `condition` says.
  private static func runs(in points: [Point], where condition: (Point) -> Bool) -> [[Point]] {
    points.split(whereSeparator: { !condition($0) }).map(Array.init)
  }
}

extension CurveLayout {
  /// Where a point lies on the page; what is far beyond the axes, no farther than Cairo's numbers reach.
  fileprivate func place(_ across: Double, _ up: Double) -> (x: Double, y: Double) {
    func bounded(_ position: Double) -> Double { min(max(position, -100), 100) }
    return (
      plot.left + plot.width * bounded(x.position(of: across)),
      plot.bottom - plot.height * bounded(y.position(of: up))
    )
  }
}

extension Color {
  fileprivate static let grid = Color(232, 234, 238)
  fileprivate static let mark = Color(190, 60, 0)
}
