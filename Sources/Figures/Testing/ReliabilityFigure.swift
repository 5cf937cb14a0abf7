/// A reliability diagram: how often answers of each confidence are right (DeGroot and Fienberg, 1983; Guo et al., ICML 2017), and
/// how many there are of each.
///
/// On the diagonal a network is as sure as it may be; below it, it is too sure. The line through a dot is the 95 % interval of
/// the share.
public struct ReliabilityFigure: Sendable {
  /// One line above both plots.
  public var title: String
  /// Small type under them, wrapped.
  public var caption: String
  /// From low to high confidence.
  public var bins: [Bin]

  public struct Bin: Sendable, Hashable {
    public var low: Double
    public var high: Double
    public var count: Int
    /// The mean confidence; nil for none.
    public var confidence: Double?
    /// The share that was right, and its interval.
    public var accuracy: IntervalsFigure.Value?

    public init(low: Double, high: Double, count: Int, confidence: Double?, accuracy: IntervalsFigure.Value?)
    {
      (self.low, self.high, self.count) = (low, high, count)
      (self.confidence, self.accuracy) = (confidence, accuracy)
    }
  }

  public init(title: String, caption: String = "", bins: [Bin]) {
    (self.title, self.caption, self.bins) = (title, caption, bins)
  }

  /// The figure as a PNG of `1000 * scale` pixels' width.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8.
  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let lines = try captionLines
    let surface = try Surface.image(width: Self.width, height: Self.height(lines), scale: scale)
    try draw(lines, on: surface)
    return try surface.png()
  }

  /// The figure as an SVG file, 1000 points wide, with title and description for readers and search.
  public func svg() throws(FigureError) -> [UInt8] {
    let lines = try captionLines
    let surface = try Surface.svg(width: Self.width, height: Self.height(lines), scale: 1)
    try draw(lines, on: surface)
    return SVG.described(try surface.svg(), title: title, description: alternativeText)
  }

  /// The figure as a page shows it.
  public func picture(scale: Double = 2) throws(FigureError) -> Report.Picture {
    Report.Picture(png: try png(scale: scale), alternative: alternativeText, geometry: .none)
  }

  /// What can be seen, for those who cannot.
  public var alternativeText: String {
    bins.filter { $0.count > 0 }.reduce(title.isEmpty ? "" : "\(title).") { text, bin in
      let range = "\(Decimals.text(bin.low, places: 2)) to \(Decimals.text(bin.high, places: 2))"
      let share = bin.accuracy.map { Ticks.compact($0.value) } ?? "unknown"
      return text + " Confidence \(range): \(bin.count) answers, \(share) of them right."
    }
  }

  // MARK: - Drawing

  private static let width = 1000.0
  private static let square = Rectangle(left: 76, top: 44, right: 496, bottom: 464)
  private static let histogram = Rectangle(left: 580, top: 44, right: 976, bottom: 464)

  private static func height(_ lines: [String]) -> Double { square.bottom + 62 + 16 * Double(lines.count) }

  private var captionLines: [String] {
    get throws(FigureError) {
      let ruler = try Surface.image(width: 1, height: 1, scale: 1)
      return try ruler.wrapped(caption, .caption, width: Self.width - 40, limit: 8)
    }
  }

  private func draw(_ lines: [String], on surface: borrowing Surface) throws(FigureError) {
    try surface.text(try surface.shortened(title, .title, toFit: Self.width - 40), x: 20, y: 26, .title)
    try drawDiagram(on: surface)
    try drawHistogram(on: surface)
    for (index, line) in lines.enumerated() {
      try surface.text(line, x: 20, y: Self.square.bottom + 60 + Double(index) * 16, .caption)
    }
  }

  private func drawDiagram(on surface: borrowing Surface) throws(FigureError) {
    let plot = Self.square
    func point(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
      (plot.left + plot.width * min(max(x, 0), 1), plot.bottom - plot.height * min(max(y, 0), 1))
    }
    try drawGrid(of: plot, up: "share that is right", on: surface)
    try surface.polyline([point(0, 0), point(1, 1)], .quietInk, thickness: 1.2, dashes: [5, 4])
    for bin in bins {
      guard let accuracy = bin.accuracy, let confidence = bin.confidence else { continue }
      // The gap to the diagonal, over the bin's width.
      let (left, right) = (point(bin.low, 0).x + 1, point(bin.high, 0).x - 1)
      let ends = [point(0, accuracy.value).y, point(0, confidence).y]
      try surface.fill(
        Rectangle(left: left, top: ends.min() ?? 0, right: right, bottom: ends.max() ?? 0),
        accuracy.value < confidence ? .tooSure : .tooUnsure, opacity: 0.28)
    }
    let known = bins.compactMap { bin in
      bin.accuracy.flatMap { accuracy in bin.confidence.map { (accuracy, $0) } }
    }
    for (accuracy, confidence) in known {
      if let low = accuracy.low, let high = accuracy.high {
        try surface.line(from: point(confidence, low), to: point(confidence, high), .right, thickness: 1.4)
      }
      try surface.dot(at: point(confidence, accuracy.value), radius: 4, .right)
    }
    try surface.outline(plot, .quietInk, thickness: 1)
  }

  private func drawHistogram(on surface: borrowing Surface) throws(FigureError) {
    let plot = Self.histogram
    let most = Double(max(1, bins.map(\.count).max() ?? 1))
    try drawGrid(of: plot, up: "answers", highest: most, on: surface)
    for bin in bins where bin.count > 0 {
      let height = plot.height * Double(bin.count) / most
      try surface.fill(
        Rectangle(
          left: plot.left + plot.width * bin.low + 1, top: plot.bottom - height,
          right: plot.left + plot.width * bin.high - 1, bottom: plot.bottom), .right, opacity: 0.75)
    }
    try surface.outline(plot, .quietInk, thickness: 1)
  }

  private func drawGrid(
    of plot: Rectangle, up title: String, highest: Double = 1, on surface: borrowing Surface
  ) throws(FigureError) {
    for tick in Ticks.linear(in: 0...1, wanted: 5) {
      let x = plot.left + plot.width * tick.value
      try surface.line(from: (x, plot.bottom), to: (x, plot.bottom + 4), .quietInk, thickness: 1)
      try surface.text(tick.label, x: x, y: plot.bottom + 19, .tick, anchor: .middle)
    }
    for tick in Ticks.linear(in: 0...highest, wanted: 5) {
      let y = plot.bottom - plot.height * tick.value / highest
      try surface.line(from: (plot.left, y), to: (plot.right, y), .rule, thickness: 1)
      try surface.text(tick.label, x: plot.left - 8, y: y + 4.3, .tick, anchor: .end)
    }
    try surface.text(
      "confidence (probability)", x: (plot.left + plot.right) / 2, y: plot.bottom + 39, .label,
      anchor: .middle)
    try surface.text(
      title, x: plot.left - 52, y: (plot.top + plot.bottom) / 2, .label, anchor: .middle, turned: true)
  }
}

extension Color {
  fileprivate static let right = Color(0, 114, 178)
  fileprivate static let tooSure = Color(213, 94, 0)
  fileprivate static let tooUnsure = Color(0, 158, 115)
  fileprivate static let rule = Color(228, 231, 235)
}
