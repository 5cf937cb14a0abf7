/// Where the parts of a figure of curves lie, in points, measured from the texts in it.
struct CurveLayout {
  static let width = 1000.0
  static let captionLine = 16.0
  /// From one series' name to the next.
  static let labelPitch = 17.0
  private static let widestName = 240.0
  /// From the axes to the names: room for what leads from the one to the other.
  static let labelGap = 58.0

  let plot: Rectangle
  let height: Double
  let x: CurveScale
  let y: CurveScale
  let captionLines: [String]
  let labels: [Label]

  /// A series' name beside its end.
  struct Label {
    /// Of the series in the figure.
    let index: Int
    let name: String
    /// Where its text is centred.
    let y: Double
    /// Where the curve leaves the axes; nil if it ends within them or has no values.
    let end: Double?
  }

  init(_ figure: CurveFigure) throws(FigureError) {
    guard figure.series.count <= CurveFigure.mostSeries else {
      throw .value(
        what: "the number of series", value: "\(figure.series.count)",
        expected: "\(CurveFigure.mostSeries) at most, to be told apart")
    }
    let points = figure.series.flatMap(\.points)
    if let point = points.first(where: { !$0.x.isFinite }) {
      throw .value(what: "a point's x", value: "\(point.x)", expected: "a finite number")
    }
    let drawn = points.filter(\.y.isFinite)
    x = try CurveScale(figure.x, "the x axis", values: drawn.map(\.x), margin: 0, wanted: 7)
    let heights = drawn.flatMap { point in
      [point.y] + (point.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
    }
    y = try CurveScale(figure.y, "the y axis", values: heights, margin: 0.04, wanted: 5)

    let ruler = try Surface.image(width: 1, height: 1, scale: 1)
    var nameWidth = 0.0
    var names: [String] = []
    for series in figure.series {
      let name = try ruler.shortened(series.name, .label, toFit: Self.widestName)
      nameWidth = max(nameWidth, try ruler.textWidth(name, .label))
      names.append(name)
    }
    var tickWidth = 0.0
    for tick in y.ticks { tickWidth = max(tickWidth, try ruler.textWidth(tick.label, .tick)) }
    let top = figure.title.isEmpty ? 14.0 : 40
    let plotHeight = max(300, Double(figure.series.count) * Self.labelPitch)
    let plot = Rectangle(
      left: 44 + tickWidth, top: top,
      right: Self.width - (figure.series.isEmpty ? 24 : Self.labelGap + nameWidth + 12),
      bottom: top + plotHeight)
    self.plot = plot
    captionLines = try ruler.wrapped(
      figure.caption, .caption, width: Self.width - plot.left - 20, limit: 8)
    height = plot.bottom + 56 + Double(captionLines.count) * Self.captionLine
    labels = Self.labels(of: figure, names, x, y, plot)
  }

  /// The names in the order of their curves' ends; where these are one, of the curves' means. Apart by
  /// `labelPitch`, and each as near its end as that allows.
  private static func labels(
    of figure: CurveFigure, _ names: [String], _ x: CurveScale, _ y: CurveScale, _ plot: Rectangle
  ) -> [Label] {
    let ends = figure.series.map { series -> (level: Double, mean: Double, isAtEdge: Bool)? in
      let values = series.points.filter(\.y.isFinite)
      guard let last = values.max(by: { $0.x < $1.x }) else { return nil }
      let level = min(max(y.position(of: last.y), 0), 1)
      let mean = values.reduce(0) { $0 + y.position(of: $1.y) / Double(values.count) }
      return (level, mean, abs(x.position(of: last.x) - 1) < 0.01)
    }
    let order = figure.series.indices.sorted { a, b in
      guard let left = ends[a], let right = ends[b] else {
        return ends[a] != nil && ends[b] == nil || (ends[a] == nil) == (ends[b] == nil) && a < b
      }
      let (one, other) = ((50 * left.level).rounded(), (50 * right.level).rounded())
      return (one, left.mean, Double(b)) > (other, right.mean, Double(a))
    }
    let wanted = order.map { plot.bottom - plot.height * (ends[$0]?.level ?? 0) }
    let places = apart(wanted, by: labelPitch, within: plot.top...plot.bottom)
    return zip(order, places).map { index, place in
      let end = ends[index].flatMap { $0.isAtEdge ? plot.bottom - plot.height * $0.level : nil }
      return Label(index: index, name: names[index], y: place, end: end)
    }
  }

  /// The places nearest to the `wanted` ones that are `pitch` apart, within `range` if that is long enough.
  private static func apart(_ wanted: [Double], by pitch: Double, within range: ClosedRange<Double>)
    -> [Double]
  {
    var places: [Double] = []
    // Down from the top, each no higher than the one before allows; then up from the bottom likewise.
    for place in wanted {
      places.append(max(place, (places.last ?? range.lowerBound - pitch / 2) + pitch))
    }
    var limit = range.upperBound - pitch / 2
    for index in places.indices.reversed() {
      places[index] = min(places[index], limit)
      limit = places[index] - pitch
    }
    return places
  }
}

extension CurveFigure.Point {
  /// From low to high, if both are finite.
  var interval: ClosedRange<Double>? {
    guard let low, let high, low.isFinite, high.isFinite else { return nil }
    return min(low, high)...max(low, high)
  }
}
