/// Where the parts of a time-frequency figure lie, in points. Only the height depends on what is drawn: a caption of
/// more than two lines makes the picture taller.
struct Layout: Sendable {
  static let width = 1000.0
  static let plot = Rectangle(left: 74, top: 40, right: 892, bottom: 330)
  static let colorBar = Rectangle(left: 908, top: 40, right: 922, bottom: 330)
  static let captionTop = 392.0
  static let captionLine = 16.0
  static let captionLimit = 8

  let captionLines: [String]
  let height: Double

  init(caption: String) throws(FigureError) {
    // Measured on a surface of its own, so that PNG and SVG break their lines at the same words.
    let ruler = try Surface.image(width: 1, height: 1, scale: 1)
    captionLines = try ruler.wrapped(
      caption, .caption, width: Self.width - Self.plot.left - 20, limit: Self.captionLimit)
    height = Self.captionTop + Double(max(2, captionLines.count) - 1) * Self.captionLine + 12
  }

  /// What `draw` draws, as a PNG.
  func png(
    scale: Double, _ draw: (Layout, borrowing Surface) throws(FigureError) -> Void
  ) throws(FigureError) -> [UInt8] {
    let surface = try Surface.image(width: Self.width, height: height, scale: scale)
    try draw(self, surface)
    return try surface.png()
  }

  /// What `draw` draws, in memory.
  func pixels(
    scale: Double, _ draw: (Layout, borrowing Surface) throws(FigureError) -> Void
  ) throws(FigureError) -> Pixels {
    let surface = try Surface.image(width: Self.width, height: height, scale: scale)
    try draw(self, surface)
    return try surface.pixels()
  }

  /// What `draw` draws, as an SVG file.
  func svg(_ draw: (Layout, borrowing Surface) throws(FigureError) -> Void) throws(FigureError) -> [UInt8] {
    let surface = try Surface.svg(width: Self.width, height: height, scale: 2)
    try draw(self, surface)
    return try surface.svg()
  }

  func geometry(times: ClosedRange<Double>) -> PlotGeometry {
    PlotGeometry(
      left: Self.plot.left / Self.width, top: Self.plot.top / height, right: Self.plot.right / Self.width,
      bottom: Self.plot.bottom / height, startTime: times.lowerBound, endTime: times.upperBound)
  }
}
