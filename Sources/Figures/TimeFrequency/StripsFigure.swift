public import Tensors

/// A spectrogram with strips of colour below it, moment by moment: what is heard, and how alike a network finds its moments.
///
///     let figure = StripsFigure(spectrogram, strips: [.init(name: "conv3", start: 0.02, hop: 0.04, colours: colours)])
public struct StripsFigure: Sendable {
  public var spectrogram: TimeFrequencyFigure
  /// From top to bottom.
  public var strips: [Strip]
  public var caption: String

  public struct Strip: Sendable {
    /// Written above it: "layer 5, 512 channels".
    public var name: String
    /// Where each of its moments begins and ends, in seconds.
    public var spans: [ClosedRange<Double>]
    /// Red, green and blue of each, in 0...1.
    public var colours: Tensor

    public init(name: String, spans: [ClosedRange<Double>], colours: Tensor) {
      (self.name, self.spans, self.colours) = (name, spans, colours)
    }
  }

  public init(_ spectrogram: TimeFrequencyFigure, strips: [Strip], caption: String = "") {
    (self.spectrogram, self.strips, self.caption) = (spectrogram, strips, caption)
  }

  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let layout = try StripsLayout(self)
    let surface = try Surface.image(width: Layout.width, height: layout.height, scale: scale)
    try draw(layout, on: surface)
    return try surface.png()
  }

  public func svg() throws(FigureError) -> [UInt8] {
    let layout = try StripsLayout(self)
    let surface = try Surface.svg(width: Layout.width, height: layout.height, scale: 2)
    try draw(layout, on: surface)
    return SVG.described(
      try surface.svg(), title: spectrogram.title, description: try spectrogram.alternativeText())
  }

  private func draw(_ layout: StripsLayout, on surface: borrowing Surface) throws(FigureError) {
    let content = try TimeFrequencyFigure.Content(spectrogram)
    try spectrogram.draw(content, try Layout(caption: ""), on: surface)
    let (times, plot) = (content.times, Layout.plot)
    for (index, strip) in strips.enumerated() {
      guard strip.colours.shape == [strip.spans.count, 3] else {
        throw .shape(
          what: "the colours of '\(strip.name)'", shape: strip.colours.shape.dimensions,
          expected: "[\(strip.spans.count), 3]")
      }
      let area = layout.area(of: index)
      let name = try surface.shortened(strip.name, .caption, toFit: plot.width)
      try surface.text(name, x: plot.left, y: area.top - 5, .caption)
      func x(_ time: Double) -> Double {
        let share = (time - times.lowerBound) / (times.upperBound - times.lowerBound)
        return area.left + area.width * min(max(share, 0), 1)
      }
      let colours = strip.colours.values
      for (moment, span) in strip.spans.enumerated() {
        func channel(_ place: Int) -> UInt8 { UInt8(min(max(colours[3 * moment + place], 0), 1) * 255) }
        let (left, right) = (x(span.lowerBound), x(span.upperBound))
        guard right > left else { continue }
        // A little wider, so that no seam of the ground shows between neighbours.
        try surface.fill(
          Rectangle(left: left, top: area.top, right: min(area.right, right + 0.4), bottom: area.bottom),
          Color(channel(0), channel(1), channel(2)))
      }
      try surface.outline(area, .quietInk, thickness: 1)
    }
    for (index, line) in layout.captionLines.enumerated() {
      try surface.text(
        line, x: plot.left, y: layout.captionTop + Double(index) * Layout.captionLine, .caption)
    }
  }
}

/// Where strips lie below a spectrogram.
private struct StripsLayout {
  private static let top = 392.0
  private static let pitch = 50.0
  private static let stripHeight = 26.0

  let captionLines: [String]
  let captionTop: Double
  let height: Double

  init(_ figure: StripsFigure) throws(FigureError) {
    let ruler = try Surface.image(width: 1, height: 1, scale: 1)
    captionLines = try ruler.wrapped(
      figure.caption, .caption, width: Layout.width - Layout.plot.left - 20, limit: Layout.captionLimit)
    captionTop = Self.top + Double(figure.strips.count) * Self.pitch + 8
    height = captionTop + Double(captionLines.count) * Layout.captionLine + 4
  }

  func area(of strip: Int) -> Rectangle {
    let top = Self.top + 6 + Double(strip) * Self.pitch
    return Rectangle(
      left: Layout.plot.left, top: top, right: Layout.plot.right, bottom: top + Self.stripHeight)
  }
}
