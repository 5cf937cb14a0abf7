import Tensors

extension TimeFrequencyFigure {
  /// The one drawing routine behind every format.
  func draw(_ content: Content, _ layout: Layout, on surface: borrowing Surface) throws(FigureError) {
    let plot = Layout.plot
    let scale = surface.scale
    let raster = try Heat.raster(
      content, width: Int((plot.width * scale).rounded()), height: Int((plot.height * scale).rounded()))
    try surface.draw(raster, in: plot)
    try drawRegions(content, in: plot, on: surface)
    try surface.outline(plot, .ink, thickness: 1)
    try drawTitle(on: surface)
    try drawTimeAxis(content, on: surface)
    try drawFrequencyAxis(content, on: surface)
    try drawColorBar(content, on: surface)
    for (index, line) in layout.captionLines.enumerated() {
      try surface.text(
        line, x: plot.left, y: Layout.captionTop + Double(index) * Layout.captionLine, .caption)
    }
  }

  private func drawTitle(on surface: borrowing Surface) throws(FigureError) {
    let fitting = try surface.shortened(title, .title, toFit: Layout.width - Layout.plot.left - 20)
    try surface.text(fitting, x: Layout.plot.left, y: 25, .title)
  }

  private func drawTimeAxis(_ content: Content, on surface: borrowing Surface) throws(FigureError) {
    let plot = Layout.plot
    let times = content.times
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

  private func drawFrequencyAxis(_ content: Content, on surface: borrowing Surface) throws(FigureError) {
    let plot = Layout.plot
    let pointsPerBand = plot.height / Double(content.bands)
    for tick in content.axis.ticks(spacing: 14 / pointsPerBand) {
      let y = plot.bottom - (content.axis.position(of: tick.value) + 0.5) * pointsPerBand
      try surface.line(from: (plot.left - 5, y), to: (plot.left, y), .ink, thickness: 1)
      try surface.text(tick.label, x: plot.left - 9, y: y + 4.3, .tick, anchor: .end)
    }
    try surface.text(
      "frequency (Hz, mel spacing)", x: 22, y: (plot.top + plot.bottom) / 2, .label, anchor: .middle,
      turned: true)
  }

  /// - Parameter isLabelled: whether their labels are written, too.
  func drawRegions(
    _ content: Content, in plot: Rectangle, isLabelled: Bool = true, on surface: borrowing Surface
  ) throws(FigureError) {
    let times = content.times
    func x(_ time: Double) -> Double {
      let fraction = (time - times.lowerBound) / (times.upperBound - times.lowerBound)
      return plot.left + plot.width * min(max(fraction, 0), 1)
    }
    func y(_ frequency: Double) -> Double {
      plot.bottom - plot.height * (content.axis.position(of: frequency) + 0.5) / Double(content.bands)
    }
    for region in regions where region.end > times.lowerBound && region.start < times.upperBound {
      let area = Rectangle(
        left: x(min(region.start, region.end)), top: y(max(region.low, region.high)),
        right: x(max(region.start, region.end)), bottom: y(min(region.low, region.high)))
      // Dark under light, to be seen on any ground.
      try surface.outline(area, .ink, thickness: 3)
      try surface.outline(area, .white, thickness: 1.5, dashes: [6, 4])
      guard isLabelled, !region.label.isEmpty else { continue }
      let style = TextStyle(size: 11.5, bold: true, color: .white)
      let label = try surface.shortened(region.label, style, toFit: 220)
      let width = try surface.textWidth(label, style) + 10
      let left = min(area.left, plot.right - width)
      let top = area.top - plot.top >= 18 ? area.top - 18 : min(area.top + 2, plot.bottom - 18)
      try surface.fill(
        Rectangle(left: left, top: top, right: left + width, bottom: top + 17), .ink, opacity: 0.8)
      try surface.text(label, x: left + 5, y: top + 12.7, style)
    }
  }
}
