/// Curves over one axis, each with the band it lies in with 95 % confidence.
///
/// Every series has a colour that the colour-blind tell from the others (Okabe and Ito, 2008), from the eighth on a
/// dash pattern as well, and its name beside its end, in the order in which the ends lie. A point whose `y` is not
/// finite is a gap; one that has no neighbours is drawn as a dot.
///
///     let figure = CurveFigure(
///       title: "Deletion", caption: "Mean of 40 clips.", x: .init(title: "silenced (%)", range: 0...100),
///       y: .init(title: "probability", range: 0...1), series: [.init(name: "Grad-CAM", points: points)])
///     try WholeFile.write(figure.svg(), to: "deletion.svg")
public struct CurveFigure: Sendable {
  /// One line above the curves; what does not fit is replaced by an ellipsis. Without one they begin higher.
  public var title: String
  /// Small type under them, wrapped.
  public var caption: String
  public var x: Axis
  public var y: Axis
  public var series: [Series]
  /// Stretches of the x axis to point at, with a word on each.
  public var marks: [Mark] = []

  /// As many as there are pairs of colour and dash pattern.
  public static let mostSeries = CurvePen.count

  public init(title: String, caption: String = "", x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.caption = caption
    self.x = x
    self.y = y
    self.series = series
  }

  public struct Axis: Sendable, Hashable {
    /// What it measures, with its unit: "silenced (%)".
    public var title: String
    /// What it spans; nil for all there is. What lies beyond is cut off.
    public var range: ClosedRange<Double>?
    /// Of the bands of a filterbank, in hertz: the axis then spans them, all equally wide, whatever `range` says.
    public var bandCentres: [Double]?

    public init(title: String, range: ClosedRange<Double>? = nil) {
      self.title = title
      self.range = range
    }

    public init(title: String, bandCentres: [Double]) {
      self.title = title
      self.bandCentres = bandCentres
    }
  }

  /// A stretch of the x axis worth pointing at.
  public struct Mark: Sendable, Hashable {
    public var range: ClosedRange<Double>
    /// Written at its top; may be empty.
    public var label: String

    public init(_ range: ClosedRange<Double>, label: String = "") {
      (self.range, self.label) = (range, label)
    }
  }

  public struct Series: Sendable, Hashable {
    public var name: String
    /// Joined in the order they have here.
    public var points: [Point]

    public init(name: String, points: [Point]) {
      self.name = name
      self.points = points
    }
  }

  public struct Point: Sendable, Hashable {
    public var x: Double
    /// NaN for a gap.
    public var y: Double
    /// The ends of its interval; without both there is no band at this point.
    public var low: Double?
    public var high: Double?

    public init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      self.x = x
      self.y = y
      self.low = low
      self.high = high
    }
  }

  /// The figure as a PNG of `1000 * scale` pixels' width.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8.
  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    try png(try CurveLayout(self), scale: scale)
  }

  /// The figure as an SVG file, 1000 points wide, with title and description for readers and search.
  public func svg() throws(FigureError) -> [UInt8] {
    let layout = try CurveLayout(self)
    let surface = try Surface.svg(width: CurveLayout.width, height: layout.height, scale: 1)
    try draw(layout, on: surface)
    return SVG.described(try surface.svg(), title: title, description: alternativeText)
  }

  /// The figure as a page shows it. The times of its geometry are the ends of the x axis.
  public func picture(scale: Double = 2) throws(FigureError) -> Report.Picture {
    let layout = try CurveLayout(self)
    let (plot, across) = (layout.plot, layout.x.range)
    return Report.Picture(
      png: try png(layout, scale: scale), alternative: alternativeText,
      geometry: PlotGeometry(
        left: plot.left / CurveLayout.width, top: plot.top / layout.height,
        right: plot.right / CurveLayout.width, bottom: plot.bottom / layout.height,
        startTime: across.lowerBound, endTime: across.upperBound))
  }

  private func png(_ layout: CurveLayout, scale: Double) throws(FigureError) -> [UInt8] {
    let surface = try Surface.image(width: CurveLayout.width, height: layout.height, scale: scale)
    try draw(layout, on: surface)
    return try surface.png()
  }

  /// What can be seen, for those who cannot: where each curve begins and ends.
  public var alternativeText: String {
    var text = (title.isEmpty ? "" : "\(title): ") + "\(y.title) over \(x.title)."
    for (name, points) in series.map({ ($0.name, $0.points.filter(\.y.isFinite)) }) {
      guard let first = points.first, let last = points.last else {
        text += " \(name): no values."
        continue
      }
      text += " \(name): "
      if points.count > 1 { text += "from \(Ticks.compact(first.y)) at \(Ticks.compact(first.x)) to " }
      text += "\(Ticks.compact(last.y)) at \(Ticks.compact(last.x))."
    }
    return text
  }
}
