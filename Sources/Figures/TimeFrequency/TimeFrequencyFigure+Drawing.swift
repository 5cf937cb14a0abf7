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
    let heat = content.heat
    try Panel(
      title: title, times: content.times, layout: layout,
      colorBar: ColorBar(
        scale: heat?.scale ?? content.loudness.scale, isHeat: heat != nil,
        label: heat == nil ? spectrogramLabel : overlayLabel)
    ).draw(on: surface)
    try drawFrequencyAxis(content, on: surface)
  }

  private func drawFrequencyAxis(_ content: Content, on surface: borrowing Surface) throws(FigureError) {
    let plot = Layout.plot
    let pointsPerBand = plot.height / Double(content.axis.centres.count)
    for tick in content.axis.ticks(spacing: 14 / pointsPerBand) {
      let y = plot.bottom - (content.axis.position(of: tick.value) + 0.5) * pointsPerBand
      try Panel.drawTick(tick.label, y: y, on: surface)
    }
    try Panel.drawAxisLabel(axisLabel, on: surface)
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
      plot.bottom - plot.height * (content.axis.position(of: frequency) + 0.5)
        / Double(content.axis.centres.count)
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
