/// Where the parts of a figure of points lie, in points, measured from the texts in it.
struct ScatterLayout {
  static let width = 1000.0
  static let captionLine = 16.0
  static let legendPitch = 17.0
  private static let widestName = 200.0
  /// From the plot to the legend.
  static let legendGap = 22.0

  let plot: Rectangle
  let height: Double
  let x: CurveScale
  let y: CurveScale
  let captionLines: [String]
  let legend: [Entry]
  /// What each group is drawn with, by its place in the figure.
  let pens: [GroupPen]
  let radius: Double

  /// A line of the legend.
  struct Entry {
    let pen: GroupPen
    let name: String
  }

  init(_ figure: ScatterFigure) throws(FigureError) {
    let drawn = figure.points.filter(\.isFinite)
    let ruler = try Surface.image(width: 1, height: 1, scale: 1)
    (legend, pens) = try Self.legend(of: figure, ruler)
    var legendWidth = 0.0
    for entry in legend { legendWidth = max(legendWidth, try ruler.textWidth(entry.name, .label)) }
    let hasBar = if case .values = figure.colouring { true } else { false }
    let beside = hasBar ? 104 : legend.isEmpty ? 24 : legendWidth + Self.legendGap + 34
    let top = figure.title.isEmpty ? 14.0 : 40
    let least = Double(legend.count) * Self.legendPitch
    if let axes = figure.axes {
      x = try CurveScale(axes.x, "the x axis", values: drawn.map(\.x), margin: 0.04, wanted: 7)
      y = try CurveScale(axes.y, "the y axis", values: drawn.map(\.y), margin: 0.04, wanted: 5)
      var tickWidth = 0.0
      for tick in y.ticks { tickWidth = max(tickWidth, try ruler.textWidth(tick.label, .tick)) }
      plot = Rectangle(
        left: 44 + tickWidth, top: top, right: Self.width - beside, bottom: top + max(420, least))
    } else {
      let left = 24.0
      let across = Self.width - beside - left
      let up = max(min(across, 700), least)
      let ranges = Self.square(drawn, across / up)
      x = try CurveScale(.init(title: "", range: ranges.x), "the x axis", values: [], margin: 0, wanted: 3)
      y = try CurveScale(.init(title: "", range: ranges.y), "the y axis", values: [], margin: 0, wanted: 3)
      plot = Rectangle(left: left, top: top, right: left + across, bottom: top + up)
    }
    captionLines = try ruler.wrapped(
      figure.caption, .caption, width: Self.width - plot.left - 20, limit: 8)
    height =
      plot.bottom + (figure.axes == nil ? 22 : 56) + Double(captionLines.count) * Self.captionLine
      + (captionLines.isEmpty ? 0 : 4)
    radius = drawn.count > 2000 ? 2.2 : drawn.count > 500 ? 3 : 4
  }

  /// Ranges of one scale around all points, as wide for their height as `aspect` says.
  private static func square(_ points: [ScatterFigure.Point], _ aspect: Double) -> (
    x: ClosedRange<Double>, y: ClosedRange<Double>
  ) {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let bottom = points.map(\.y).min(), let top = points.map(\.y).max()
    else { return (0...1, 0...1) }
    let size = max((right - left) / aspect, top - bottom)
    let half = size > 0 ? size * 0.53 : max(1, abs(right), abs(top)) * 0.5
    let (x, y) = ((left + right) / 2, (bottom + top) / 2)
    return (x - half * aspect...x + half * aspect, y - half...y + half)
  }

  /// The groups that have points, largest first, with their pens.
  private static func legend(
    of figure: ScatterFigure, _ ruler: borrowing Surface
  ) throws(FigureError) -> ([Entry], [GroupPen]) {
    guard case .groups(let names, let groups) = figure.colouring else { return ([], []) }
    var counts = [Int](repeating: 0, count: names.count)
    for (point, group) in zip(figure.points, groups) where counts.indices.contains(group) && point.isFinite {
      counts[group] += 1
    }
    let order = names.indices.filter { counts[$0] > 0 }.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
    var pens = [GroupPen](repeating: .none, count: names.count)
    var entries: [Entry] = []
    for (rank, group) in order.enumerated() {
      guard let pen = GroupPen(rank) else { break }
      pens[group] = pen
      let name = "\(names[group]) (\(counts[group]))"
      entries.append(Entry(pen: pen, name: try ruler.shortened(name, .label, toFit: widestName)))
    }
    if order.count > entries.count {
      entries.append(Entry(pen: .none, name: "\(order.count - entries.count) other groups"))
    }
    return (entries, pens)
  }

  /// Where a point lies on the page; what is far beyond the axes, no farther than Cairo's numbers reach.
  func place(_ across: Double, _ up: Double) -> (x: Double, y: Double) {
    func bounded(_ position: Double) -> Double { min(max(position, -100), 100) }
    return (
      plot.left + plot.width * bounded(x.position(of: across)),
      plot.bottom - plot.height * bounded(y.position(of: up))
    )
  }
}
