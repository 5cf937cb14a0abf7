/// Points of a plane: a map of many sounds, or one measurement against another.
///
/// Points are coloured by the group they belong to, by a value, or each as it is told. Groups have one of seven colours that the
/// colour-blind tell apart (Okabe and Ito, 2008) and one of five shapes, and stand in a legend, the largest first; those beyond
/// the 35 that can be told apart are drawn in grey, together. A point that is not finite is left out.
///
///     let figure = ScatterFigure(
///       title: "YAMNet's embedding", caption: "t-SNE of 965 clips.", points: points,
///       colouring: .groups(names: ["piano", "violin"], of: classes))
///     try WholeFile.write(figure.png(), to: "atlas.png")
public struct ScatterFigure: Sendable {
  /// One line above the points; what does not fit is replaced by an ellipsis.
  public var title: String
  /// Small type under them, wrapped.
  public var caption: String
  /// nil for a map, whose directions mean nothing: both axes then have one scale and no marks.
  public var axes: (x: CurveFigure.Axis, y: CurveFigure.Axis)?
  public var points: [Point]
  public var colouring: Colouring
  /// A straight line through the points: `y = intercept + slope · x`.
  public var line: (intercept: Double, slope: Double)?

  public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }

    var isFinite: Bool { x.isFinite && y.isFinite }
  }

  public enum Colouring: Sendable {
    /// All alike.
    case plain
    /// For each point the place of its group in `names`; a point beyond them has none, and is grey.
    case groups(names: [String], of: [Int])
    /// A number a point, on a scale of colours from the smallest to the largest; a value that is not finite is grey.
    case values([Double], label: String)
    /// A colour a point, and what the colours mean.
    case colours([Color], meaning: String)
  }

  public init(
    title: String, caption: String = "", axes: (x: CurveFigure.Axis, y: CurveFigure.Axis)? = nil,
    points: [Point], colouring: Colouring = .plain, line: (intercept: Double, slope: Double)? = nil
  ) {
    self.title = title
    self.caption = caption
    self.axes = axes
    self.points = points
    self.colouring = colouring
    self.line = line
  }

  /// The figure as a PNG of `1000 * scale` pixels' width.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8.
  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let layout = try ScatterLayout(self)
    let surface = try Surface.image(width: ScatterLayout.width, height: layout.height, scale: scale)
    try draw(layout, on: surface)
    return try surface.png()
  }

  /// The figure as an SVG file, 1000 points wide, with title and description for readers and search.
  public func svg() throws(FigureError) -> [UInt8] {
    let layout = try ScatterLayout(self)
    let surface = try Surface.svg(width: ScatterLayout.width, height: layout.height, scale: 2)
    try draw(layout, on: surface)
    return SVG.described(try surface.svg(), title: title, description: alternativeText)
  }

  /// What can be seen, for those who cannot.
  public var alternativeText: String {
    let count = points.count(where: \.isFinite)
    var text = "\(title): \(count) \(count == 1 ? "point" : "points")"
    if let axes { text += ", \(axes.y.title) over \(axes.x.title)" }
    switch colouring {
    case .plain: break
    case .groups(let names, _): text += " in \(names.count) groups"
    case .values(_, let label): text += ", coloured by \(label)"
    case .colours(_, let meaning): text += ", colours: \(meaning)"
    }
    return text + "."
  }
}
