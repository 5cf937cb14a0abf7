extension TimeFrequencyFigure {
  /// How large a thumbnail is, in points.
  public static let thumbnailSize = (width: 220.0, height: 140.0)

  /// The figure in small, to be compared with many others: no colour bar, no caption, the title in small type if there
  /// is one, and on the picture no more than what tells it from its neighbours.
  ///
  /// - Parameters:
  ///   - hasAxes: whether a few seconds and hertz are written at its edges. Of thumbnails of one sound one needs them.
  ///   - scale: pixels a point, 0.5 to 8.
  /// - Returns: a PNG with alternative text, and where its time axis lies.
  public func thumbnail(hasAxes: Bool = false, scale: Double = 2) throws(FigureError) -> Report.Picture {
    let content = try Content(self)
    let layout = ThumbnailLayout(hasTitle: !title.isEmpty, hasAxes: hasAxes)
    let surface = try Surface.image(
      width: Self.thumbnailSize.width, height: Self.thumbnailSize.height, scale: scale)
    try draw(content, layout, on: surface)
    return Report.Picture(
      png: try surface.png(), alternative: try alternativeText(),
      geometry: layout.geometry(times: content.times))
  }

  private func draw(
    _ content: Content, _ layout: ThumbnailLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    let plot = layout.plot
    let raster = try Heat.raster(
      content, width: Int((plot.width * surface.scale).rounded()),
      height: Int((plot.height * surface.scale).rounded()))
    try surface.draw(raster, in: plot)
    try drawRegions(content, in: plot, isLabelled: false, on: surface)
    if layout.hasTitle {
      let fitting = try surface.shortened(title, .small, toFit: Self.thumbnailSize.width - 2 * plot.left - 4)
      try surface.text(fitting, x: plot.left + 2, y: 12, .small)
    }
    guard layout.hasAxes else { return }
    try drawTimes(content.times, plot, on: surface)
    let pointsPerBand = plot.height / Double(content.bands)
    for tick in content.axis.ticks(spacing: 22 / pointsPerBand) {
      let y = plot.bottom - (content.axis.position(of: tick.value) + 0.5) * pointsPerBand
      try surface.line(from: (plot.left - 3, y), to: (plot.left, y), .quietInk, thickness: 0.75)
      let baseline = min(max(y + 3.2, plot.top + 7), plot.bottom)
      try surface.text(tick.label, x: plot.left - 4.5, y: baseline, .tiny, anchor: .end)
    }
  }

  /// Round times, as many as have room, the last with its unit.
  private func drawTimes(
    _ times: ClosedRange<Double>, _ plot: Rectangle, on surface: borrowing Surface
  ) throws(FigureError) {
    let ticks = Ticks.time(in: times, wanted: 3)
    var free = 0.0
    for (index, tick) in ticks.enumerated() {
      let isSeconds = !tick.label.contains(":")
      let label = index == ticks.count - 1 && isSeconds ? tick.label + " s" : tick.label
      let x = plot.left + plot.width * (tick.value - times.lowerBound) / (times.upperBound - times.lowerBound)
      let width = try surface.textWidth(label, .tiny)
      let left = min(x - width / 2, Self.thumbnailSize.width - width - 2)
      guard left >= free, x >= plot.left - 0.5, x <= plot.right + 0.5 else { continue }
      try surface.line(from: (x, plot.bottom), to: (x, plot.bottom + 3), .quietInk, thickness: 0.75)
      try surface.text(label, x: left, y: plot.bottom + 12, .tiny)
      free = left + width + 6
    }
  }
}

/// Where the parts of a thumbnail lie, in points: all is picture but what title and axes need.
private struct ThumbnailLayout {
  let hasTitle: Bool
  let hasAxes: Bool

  var plot: Rectangle {
    let (width, height) = TimeFrequencyFigure.thumbnailSize
    return Rectangle(
      left: hasAxes ? 28 : 0, top: hasTitle ? 17 : 0, right: width - (hasAxes ? 4 : 0),
      bottom: height - (hasAxes ? 16 : 0))
  }

  func geometry(times: ClosedRange<Double>) -> PlotGeometry {
    let (width, height) = TimeFrequencyFigure.thumbnailSize
    return PlotGeometry(
      left: plot.left / width, top: plot.top / height, right: plot.right / width,
      bottom: plot.bottom / height,
      startTime: times.lowerBound, endTime: times.upperBound)
  }
}

extension TextStyle {
  fileprivate static let small = TextStyle(size: 10.5, bold: true)
  fileprivate static let tiny = TextStyle(size: 9, color: .quietInk)
}
