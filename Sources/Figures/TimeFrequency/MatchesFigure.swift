import CCairo

/// Two pictures of one sound, one above the other, with lines between the places that are the same.
public struct MatchesFigure: Sendable {
  public var upper: TimeFrequencyFigure
  public var lower: TimeFrequencyFigure
  public var lines: [Line]
  public var caption: String

  /// Between a place of the upper picture and one of the lower: seconds and hertz.
  public struct Line: Sendable, Hashable {
    public var upper: Place
    public var lower: Place
    /// Whether both are the same place.
    public var isInPlace: Bool

    public init(upper: Place, lower: Place, isInPlace: Bool) {
      (self.upper, self.lower, self.isInPlace) = (upper, lower, isInPlace)
    }
  }

  public struct Place: Sendable, Hashable {
    public var time: Double
    public var hertz: Double

    public init(time: Double, hertz: Double) { (self.time, self.hertz) = (time, hertz) }
  }

  public init(upper: TimeFrequencyFigure, lower: TimeFrequencyFigure, lines: [Line], caption: String = "") {
    (self.upper, self.lower, self.lines, self.caption) = (upper, lower, lines, caption)
  }

  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let last = try Layout(caption: caption)
    let surface = try Surface.image(width: Layout.width, height: Self.pitch + last.height, scale: scale)
    try draw(last, on: surface)
    return try surface.png()
  }

  public func svg() throws(FigureError) -> [UInt8] {
    let last = try Layout(caption: caption)
    let surface = try Surface.svg(width: Layout.width, height: Self.pitch + last.height, scale: 2)
    try draw(last, on: surface)
    return SVG.described(
      try surface.svg(), title: upper.title,
      description: "\(try upper.alternativeText()) \(lines.count) matches with \(try lower.alternativeText())"
    )
  }

  private static let pitch = 388.0

  private func draw(_ last: Layout, on surface: borrowing Surface) throws(FigureError) {
    let contents = [try TimeFrequencyFigure.Content(upper), try TimeFrequencyFigure.Content(lower)]
    var captioned = lower
    captioned.caption = caption
    try upper.draw(contents[0], try Layout(caption: ""), on: surface)
    cairo_save(surface.context)
    cairo_translate(surface.context, 0, Self.pitch)
    try captioned.draw(contents[1], last, on: surface)
    cairo_restore(surface.context)
    let blue = CurvePen(4).color
    let orange = CurvePen(1).color
    for line in lines {
      let from = Self.place(line.upper, contents[0], top: 0)
      let to = Self.place(line.lower, contents[1], top: Self.pitch)
      let color = line.isInPlace ? blue : orange
      try surface.polyline([from, to], color, thickness: line.isInPlace ? 1.3 : 0.8)
      for end in [from, to] {
        try surface.dot(at: end, radius: 3.6, .white)
        try surface.dot(at: end, radius: 2.6, color)
      }
    }
  }

  private static func place(_ place: Place, _ content: TimeFrequencyFigure.Content, top: Double) -> (
    x: Double, y: Double
  ) {
    let (plot, times) = (Layout.plot, content.times)
    let across = (place.time - times.lowerBound) / (times.upperBound - times.lowerBound)
    let up = (content.axis.position(of: place.hertz) + 0.5) / Double(content.axis.centres.count)
    return (
      plot.left + plot.width * min(max(across, 0), 1), top + plot.bottom - plot.height * min(max(up, 0), 1)
    )
  }
}
