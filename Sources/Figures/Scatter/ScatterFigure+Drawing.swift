extension ScatterFigure {
  /// The one drawing routine behind every format.
  func draw(_ layout: ScatterLayout, on surface: borrowing Surface) throws(FigureError) {
    let plot = layout.plot
    let fitting = try surface.shortened(title, .title, toFit: ScatterLayout.width - plot.left - 20)
    try surface.text(fitting, x: plot.left, y: 25, .title)
    if axes != nil { try drawAxes(layout, on: surface) }
    try surface.clip(to: plot)
    if let line, line.intercept.isFinite, line.slope.isFinite {
      let range = layout.x.range
      try surface.polyline(
        [range.lowerBound, range.upperBound].map { layout.place($0, line.intercept + line.slope * $0) },
        .quietInk, thickness: 1.5, dashes: [6, 4])
    }
    let scale = valueScale
    for (index, point) in points.enumerated() where point.isFinite {
      try surface.mark(
        pen(of: index, layout, scale), at: layout.place(point.x, point.y), radius: layout.radius)
    }
    try surface.unclip()
    try surface.outline(plot, .quietInk, thickness: 1)
    if !points.contains(where: \.isFinite) {
      try surface.text(
        "no points", x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2, .label, anchor: .middle
      )
    }
    for (index, entry) in layout.legend.enumerated() {
      let y = plot.top + 8 + Double(index) * ScatterLayout.legendPitch
      let x = plot.right + ScatterLayout.legendGap
      try surface.mark(entry.pen, at: (x, y), radius: 4.2)
      try surface.text(entry.name, x: x + 12, y: y + 4.3, .label)
    }
    if case .values(_, let label) = colouring { try drawBar(scale, label, layout, on: surface) }
    for (index, line) in layout.captionLines.enumerated() {
      try surface.text(
        line, x: plot.left,
        y: plot.bottom + (axes == nil ? 24 : 62) + Double(index) * ScatterLayout.captionLine,
        .caption)
    }
  }

  /// From the smallest to the largest finite value; nil where there is none.
  private var valueScale: ClosedRange<Double>? {
    guard case .values(let values, _) = colouring else { return nil }
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return nil }
    return low...high
  }

  private func pen(of index: Int, _ layout: ScatterLayout, _ scale: ClosedRange<Double>?) -> GroupPen {
    switch colouring {
    case .plain: return .plain(CurvePen(0).color)
    case .groups(_, let groups):
      let group = groups.indices.contains(index) ? groups[index] : -1
      return layout.pens.indices.contains(group) ? layout.pens[group] : .none
    case .values(let values, _):
      guard values.indices.contains(index), values[index].isFinite, let scale else { return .none }
      let length = scale.upperBound - scale.lowerBound
      return .plain(Self.colour(length > 0 ? (values[index] - scale.lowerBound) / length : 0.5))
    case .colours(let colours, _):
      return colours.indices.contains(index) ? .plain(colours[index]) : .none
    }
  }

  /// Viridis, less its lightest end, which is lost on white.
  private static func colour(_ position: Double) -> Color { Colormap.viridis[position * 0.93] }

  private func drawAxes(_ layout: ScatterLayout, on surface: borrowing Surface) throws(FigureError) {
    let plot = layout.plot
    let grid = Color(232, 234, 238)
    for tick in layout.y.ticks {
      let y = plot.bottom - plot.height * layout.y.position(of: tick.value)
      try surface.line(from: (plot.left, y), to: (plot.right, y), grid, thickness: 1)
      try surface.text(tick.label, x: plot.left - 8, y: y + 4.3, .tick, anchor: .end)
    }
    for tick in layout.x.ticks {
      let x = plot.left + plot.width * layout.x.position(of: tick.value)
      try surface.line(from: (x, plot.top), to: (x, plot.bottom), grid, thickness: 1)
      try surface.text(tick.label, x: x, y: plot.bottom + 19, .tick, anchor: .middle)
    }
    let across = try surface.shortened(layout.x.title, .label, toFit: plot.width)
    try surface.text(across, x: (plot.left + plot.right) / 2, y: plot.bottom + 39, .label, anchor: .middle)
    let up = try surface.shortened(layout.y.title, .label, toFit: plot.height)
    try surface.text(up, x: 22, y: (plot.top + plot.bottom) / 2, .label, anchor: .middle, turned: true)
  }

  private func drawBar(
    _ scale: ClosedRange<Double>?, _ label: String, _ layout: ScatterLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    guard let scale else { return }
    let plot = layout.plot
    let bar = Rectangle(left: plot.right + 16, top: plot.top, right: plot.right + 30, bottom: plot.bottom)
    let (rows, columns) = (Int((bar.height * surface.scale).rounded()), Int((14 * surface.scale).rounded()))
    let raster = try Raster(width: columns, height: rows) { pixels, pitch in
      for row in 0..<rows {
        let color = Self.colour(1 - (Double(row) + 0.5) / Double(rows))
        let pixel = UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
        pixels[row * pitch..<row * pitch + columns].update(repeating: pixel)
      }
    }
    try surface.draw(raster, in: bar)
    try surface.outline(bar, .ink, thickness: 1)
    let length = scale.upperBound - scale.lowerBound
    for tick in length > 0 ? Ticks.linear(in: scale, wanted: 5) : [] {
      let y = bar.bottom - (tick.value - scale.lowerBound) / length * bar.height
      try surface.line(from: (bar.right, y), to: (bar.right + 4, y), .ink, thickness: 1)
      try surface.text(tick.label, x: bar.right + 7, y: y + 4.3, .tick)
    }
    let fitting = try surface.shortened(label, .label, toFit: bar.height)
    try surface.text(
      fitting, x: ScatterLayout.width - 12, y: (bar.top + bar.bottom) / 2, .label, anchor: .middle,
      turned: true)
  }
}
