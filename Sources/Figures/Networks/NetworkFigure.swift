/// A network drawn: a box for each node with its kind, name and output shape, in layers from top to bottom, and the
/// edges between them; branches run side by side.
public struct NetworkFigure: Sendable {
  /// What a node does, roughly: its colour.
  public enum Family: Sendable, CaseIterable {
    case end, product, sequence, normalization, pooling, joining, movement, function

    var color: Color {
      switch self {
      case .end: Color(236, 238, 241)
      case .product: Color(197, 220, 246)
      case .sequence: Color(214, 205, 245)
      case .normalization: Color(250, 236, 190)
      case .pooling: Color(201, 236, 208)
      case .joining: Color(247, 208, 221)
      case .movement: Color(247, 247, 248)
      case .function: Color(253, 222, 197)
      }
    }
  }

  public struct Box: Sendable {
    public var kind: String
    public var name: String
    public var shape: String
    public var family: Family
    /// The boxes whose results it reads, by their places in the list: all before its own.
    public var inputs: [Int]
    /// Whether its result is one of the network's.
    public var isOutput: Bool

    public init(
      kind: String, name: String, shape: String, family: Family, inputs: [Int], isOutput: Bool = false
    ) {
      self.kind = kind
      self.name = name
      self.shape = shape
      self.family = family
      self.inputs = inputs
      self.isOutput = isOutput
    }
  }

  /// Nobody reads larger drawings.
  public static let mostBoxes = 3000

  public var title: String
  public var subtitle: String
  public var boxes: [Box]

  public init(title: String, subtitle: String, boxes: [Box]) {
    self.title = title
    self.subtitle = subtitle
    self.boxes = boxes
  }

  /// An SVG file.
  public func svg() throws(FigureError) -> [UInt8] {
    let drawing = try Drawing(of: self)
    let surface = try Surface.svg(width: drawing.width, height: drawing.height, scale: 1)
    try drawing.draw(on: surface)
    let kinds = Set(boxes.map(\.kind)).count
    return SVG.described(
      try surface.svg(), title: title,
      description: "A network of \(boxes.count) nodes of \(kinds) kinds, \(subtitle).")
  }

  /// A PNG file of `scale` pixels a point.
  public func png(scale: Double = 1) throws(FigureError) -> [UInt8] {
    let drawing = try Drawing(of: self)
    let surface = try Surface.image(width: drawing.width, height: drawing.height, scale: scale)
    try drawing.draw(on: surface)
    return try surface.png()
  }
}

/// A figure measured and laid out.
private struct Drawing {
  let figure: NetworkFigure
  let layout: LayeredLayout
  let width: Double
  let height: Double
  private let boxWidths: [Double]
  private let names: [String]

  private static let kind = TextStyle(size: 12.5, bold: true)
  private static let shape = TextStyle(size: 11.5)
  private static let name = TextStyle(size: 10.5, color: .quietInk)
  private static let margin = 24.0
  private static let header = 56.0
  private static let boxHeight = 36.0
  private static let layerPitch = 62.0
  private static let padding = 10.0
  private static let widestName = 210.0

  init(of figure: NetworkFigure) throws(FigureError) {
    self.figure = figure
    let ruler = try Surface.image(width: 1, height: 1, scale: 1)
    var widths: [Double] = []
    var names: [String] = []
    for box in figure.boxes {
      let name = try ruler.shortened(box.name, Self.name, toFit: Self.widestName)
      let head = try ruler.textWidth(box.kind, Self.kind) + 12 + ruler.textWidth(box.shape, Self.shape)
      widths.append(max(head, try ruler.textWidth(name, Self.name)) + 2 * Self.padding)
      names.append(name)
    }
    boxWidths = widths
    self.names = names
    layout = LayeredLayout(widths: widths, inputs: figure.boxes.map(\.inputs))
    let head = max(
      try ruler.textWidth(figure.title, .title), try ruler.textWidth(figure.subtitle, .caption))
    width = (max(layout.width, head) + 2 * Self.margin).rounded(.up)
    height = Self.header + Double(layout.layerCount) * Self.layerPitch + Self.margin
  }

  func draw(on surface: borrowing Surface) throws(FigureError) {
    try surface.text(figure.title, x: Self.margin, y: 26, .title)
    try surface.text(figure.subtitle, x: Self.margin, y: 44, .caption)
    for edge in layout.edges { try draw(edge, on: surface) }
    for (index, box) in figure.boxes.enumerated() { try draw(box, at: index, on: surface) }
  }

  /// Where the layers begin across: in the middle of the page.
  private var left: Double { (width - layout.width) / 2 }

  private func top(_ layer: Int) -> Double { Self.header + Double(layer) * Self.layerPitch + 8 }

  private func draw(_ box: NetworkFigure.Box, at index: Int, on surface: borrowing Surface)
    throws(FigureError)
  {
    let (layer, x) = layout.boxes[index]
    let middle = left + x
    let area = Rectangle(
      left: middle - boxWidths[index] / 2, top: top(layer), right: middle + boxWidths[index] / 2,
      bottom: top(layer) + Self.boxHeight)
    try surface.fill(area, box.family.color)
    try surface.outline(area, .ink, thickness: box.isOutput ? 2 : 0.75)
    try surface.text(box.kind, x: area.left + Self.padding, y: area.top + 15, Self.kind)
    try surface.text(
      box.shape, x: area.right - Self.padding, y: area.top + 15, Self.shape, anchor: .end)
    try surface.text(names[index], x: area.left + Self.padding, y: area.top + 29, Self.name)
  }

  private func draw(
    _ edge: (from: Int, to: Int, bends: [Double]), on surface: borrowing Surface
  ) throws(FigureError) {
    let (first, start) = layout.boxes[edge.from]
    let (last, end) = layout.boxes[edge.to]
    // The layers that are passed are crossed straight down, the space between them in a curve.
    var points = [(x: left + start, y: top(first) + Self.boxHeight)]
    for (step, bend) in edge.bends.enumerated() {
      let y = top(first + step + 1)
      points += [(left + bend, y), (left + bend, y + Self.boxHeight)]
    }
    let tip = (x: left + end, y: top(last))
    points.append((tip.x, tip.y - 6))
    try surface.stroke(through: points, .quietInk, thickness: 1.2)
    try surface.arrowhead(at: tip, .quietInk)
  }
}
