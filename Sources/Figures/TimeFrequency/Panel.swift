/// What figures over time have in common: title, frame, time axis, colour bar and caption around a plot of one size, so
/// that pictures of a sound lie over one another.
struct Panel {
  let title: String
  /// Seconds at the plot's left and right edge.
  let times: ClosedRange<Double>
  let layout: Layout
  let colorBar: ColorBar

  func draw(on surface: borrowing Surface) throws(FigureError) {
    try surface.outline(Layout.plot, .ink, thickness: 1)
    let fitting = try surface.shortened(title, .title, toFit: Layout.width - Layout.plot.left - 20)
    try surface.text(fitting, x: Layout.plot.left, y: 25, .title)
    try drawTimeAxis(on: surface)
    try colorBar.draw(on: surface)
    for (index, line) in layout.captionLines.enumerated() {
      try surface.text(
        line, x: Layout.plot.left, y: Layout.captionTop + Double(index) * Layout.captionLine, .caption)
    }
  }

  private func drawTimeAxis(on surface: borrowing Surface) throws(FigureError) {
    let plot = Layout.plot
    // A tick that misses the axis by a pixel is written: frames rarely start at zero to the millisecond.
    let slack = (times.upperBound - times.lowerBound) / 600
    let ticks = Ticks.time(in: times.lowerBound - slack...times.upperBound + slack)
    for tick in ticks {
      let x = plot.left + plot.width * (tick.value - times.lowerBound) / (times.upperBound - times.lowerBound)
      try surface.line(from: (x, plot.bottom), to: (x, plot.bottom + 5), .ink, thickness: 1)
      try surface.text(tick.label, x: x, y: plot.bottom + 19, .tick, anchor: .middle)
    }
    try surface.text(
      Ticks.timeLabel(for: times), x: plot.left + plot.width / 2, y: plot.bottom + 38, .label, anchor: .middle
    )
  }

  /// Marks a value of the vertical axis at `y`, `label` beside it.
  static func drawTick(_ label: String, y: Double, on surface: borrowing Surface) throws(FigureError) {
    try surface.line(from: (Layout.plot.left - 5, y), to: (Layout.plot.left, y), .ink, thickness: 1)
    try surface.text(label, x: Layout.plot.left - 9, y: y + 4.3, .tick, anchor: .end)
  }

  /// Names the vertical axis.
  static func drawAxisLabel(_ label: String, on surface: borrowing Surface) throws(FigureError) {
    let plot = Layout.plot
    try surface.text(label, x: 22, y: (plot.top + plot.bottom) / 2, .label, anchor: .middle, turned: true)
  }
}
