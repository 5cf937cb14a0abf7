import CCairo

/// Pictures of one sound, one above another: spectrograms of different ranges that a network looks at side by side, or the
/// channels of a stereo sound.
///
/// Their overlays share one scale of colours, so that panels can be compared; each has its own axis of frequencies.
public struct PanelsFigure: TimeFigure {
  /// From top to bottom; at least one. Their titles stand behind the figure's own.
  public var panels: [TimeFrequencyFigure]
  public var title: String
  public var caption: String

  public init(_ panels: [TimeFrequencyFigure], title: String, caption: String = "") {
    (self.panels, self.title, self.caption) = (panels, title, caption)
  }

  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let contents = try contents()
    let last = try Layout(caption: caption)
    let surface = try Surface.image(
      width: Layout.width, height: Self.pitch * Double(contents.count - 1) + last.height, scale: scale)
    try draw(contents, last, on: surface)
    return try surface.png()
  }

  public func pixels(scale: Double = 2) throws(FigureError) -> Pixels {
    let contents = try contents()
    let last = try Layout(caption: caption)
    let surface = try Surface.image(
      width: Layout.width, height: Self.pitch * Double(contents.count - 1) + last.height, scale: scale)
    try draw(contents, last, on: surface)
    return try surface.pixels()
  }

  public func svg() throws(FigureError) -> [UInt8] {
    let contents = try contents()
    let last = try Layout(caption: caption)
    let surface = try Surface.svg(
      width: Layout.width, height: Self.pitch * Double(contents.count - 1) + last.height, scale: 2)
    try draw(contents, last, on: surface)
    return SVG.described(try surface.svg(), title: title, description: try alternativeText())
  }

  /// From the top of the first panel to the bottom of the last.
  public func plotGeometry() throws(FigureError) -> PlotGeometry {
    let contents = try contents()
    let height = Self.pitch * Double(contents.count - 1) + (try Layout(caption: caption).height)
    return PlotGeometry(
      left: Layout.plot.left / Layout.width, top: Layout.plot.top / height,
      right: Layout.plot.right / Layout.width,
      bottom: (Self.pitch * Double(contents.count - 1) + Layout.plot.bottom) / height,
      startTime: contents[0].times.lowerBound, endTime: contents[0].times.upperBound)
  }

  public func alternativeText() throws(FigureError) -> String {
    var texts: [String] = []
    for panel in titled { texts.append(try panel.alternativeText()) }
    return texts.joined(separator: " ")
  }

  /// The panels in small, the titles left out, one above another.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8.
  public func thumbnail(scale: Double = 2) throws(FigureError) -> Report.Picture {
    let (width, height) = TimeFrequencyFigure.thumbnailSize
    let contents = try contents()
    let surface = try Surface.image(width: width, height: height, scale: scale)
    let share = height / Double(contents.count)
    for (index, content) in contents.enumerated() {
      let plot = Rectangle(
        left: 0, top: share * Double(index) + (index == 0 ? 0 : 1), right: width,
        bottom: share * Double(index + 1) - (index == contents.count - 1 ? 0 : 1))
      let raster = try Heat.raster(
        content, width: Int((plot.width * scale).rounded()), height: Int((plot.height * scale).rounded()))
      try surface.draw(raster, in: plot)
      try panels[index].drawRegions(content, in: plot, isLabelled: false, on: surface)
    }
    return Report.Picture(
      png: try surface.png(), alternative: try alternativeText(),
      geometry: PlotGeometry(
        left: 0, top: 0, right: 1, bottom: 1, startTime: contents[0].times.lowerBound,
        endTime: contents[0].times.upperBound))
  }

  /// From one panel's top to the next one's: a plot with its title and its axis of time.
  private static let pitch = 388.0

  /// The panels with the figure's title before their own.
  private var titled: [TimeFrequencyFigure] {
    panels.map { panel in
      var panel = panel
      panel.title = [title, panel.title].filter { !$0.isEmpty }.joined(separator: " · ")
      return panel
    }
  }

  private func contents() throws(FigureError) -> [TimeFrequencyFigure.Content] {
    guard !panels.isEmpty else {
      throw .shape(what: "the list of panels", shape: [0], expected: "one at least")
    }
    var contents: [TimeFrequencyFigure.Content] = []
    for panel in panels { contents.append(try TimeFrequencyFigure.Content(panel)) }
    let heat = contents.flatMap { $0.heat?.values ?? [] }
    guard !heat.isEmpty else { return contents }
    let scale = ValueScale.relevance(heat)
    for index in contents.indices { contents[index].heat?.scale = scale }
    return contents
  }

  private func draw(
    _ contents: [TimeFrequencyFigure.Content], _ last: Layout, on surface: borrowing Surface
  ) throws(FigureError) {
    let plain = try Layout(caption: "")
    for (index, (panel, content)) in zip(titled, contents).enumerated() {
      cairo_save(surface.context)
      cairo_translate(surface.context, 0, Self.pitch * Double(index))
      try panel.draw(content, index == contents.count - 1 ? last : plain, on: surface)
      cairo_restore(surface.context)
    }
    try surface.check("drawing panels")
  }
}
