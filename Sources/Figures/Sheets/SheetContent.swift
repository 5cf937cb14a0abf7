import Tensors

/// A cell's numbers, checked, with what has to be known about them before they are drawn.
struct SheetContent {
  /// Values frame by frame.
  struct Grid {
    let values: [Float]
    let frames: Int
    let bands: Int
  }

  let grid: Grid
  /// The cell's own, or the sheet's.
  let reading: SheetFigure.Reading
  /// Whether the cell has a scale that is not the sheet's.
  let isApart: Bool
  let under: Grid?
  let underScale: ValueScale?
  var scale: ValueScale
  let across: ClosedRange<Double>
  let up: Up
  /// What the values span.
  let range: ClosedRange<Float>

  /// The vertical axis.
  enum Up {
    case bands(BandAxis)
    case linear(ClosedRange<Double>)
    /// Row `i` is centred on `i`.
    case rows([String])

    /// Where a value lies: 0 at the lower edge, 1 at the upper one.
    func position(of value: Double) -> Double {
      switch self {
      case .bands(let axis): (axis.position(of: value) + 0.5) / Double(axis.centres.count)
      case .linear(let range): (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      case .rows(let names): (value + 0.5) / Double(names.count)
      }
    }

    /// Bands, or the length of the axis: what is as high in every cell that is drawn to scale.
    var extent: Double {
      switch self {
      case .bands(let axis): Double(axis.centres.count)
      case .linear(let range): range.upperBound - range.lowerBound
      case .rows(let names): Double(names.count)
      }
    }

    /// Round values at least `share` of the axis apart.
    func ticks(apart share: Double) -> [Tick] {
      switch self {
      case .bands(let axis): return axis.ticks(spacing: share * Double(axis.centres.count))
      case .linear(let range): return Ticks.linear(in: range, wanted: 3)
      case .rows(let names):
        let every = max(1, Int((share * Double(names.count)).rounded(.up)))
        // The topmost row always has its name.
        return names.indices.filter { (names.count - 1 - $0) % every == 0 }.map {
          Tick(value: Double($0), label: names[$0])
        }
      }
    }
  }

  init(_ cell: SheetFigure.Cell, _ reading: SheetFigure.Reading, index: Int) throws(FigureError) {
    let name = cell.title.isEmpty ? "cell \(index)" : "cell \(index) ('\(cell.title)')"
    grid = try Self.grid(cell.values, name)
    isApart = cell.reading != nil && cell.reading != reading
    let reading = cell.reading ?? reading
    self.reading = reading
    under = try cell.under.map { tensor throws(FigureError) in
      try Self.grid(tensor, "the image below \(name)")
    }
    underScale = under.map { .loudness($0.values) }
    guard cell.across.lowerBound.isFinite, cell.across.upperBound.isFinite,
      cell.across.upperBound - cell.across.lowerBound > 1e-9
    else {
      throw .value(
        what: "the horizontal extent of \(name)", value: "\(cell.across)", expected: "a range of some length")
    }
    across = cell.across
    switch cell.up {
    case .bands(let centres):
      guard !centres.isEmpty else {
        throw .shape(what: "the list of band centres of \(name)", shape: [0], expected: "one at least")
      }
      up = .bands(try BandAxis(centres: centres))
    case .linear(let range):
      guard range.lowerBound.isFinite, range.upperBound.isFinite,
        range.upperBound - range.lowerBound > 1e-12
      else {
        throw .value(
          what: "the vertical extent of \(name)", value: "\(range)", expected: "a range of some length")
      }
      up = .linear(range)
    case .rows(let names):
      guard names.count == cell.values.shape[1] else {
        throw .shape(
          what: "the list of row names of \(name)", shape: [names.count],
          expected: "\(cell.values.shape[1]), one a row")
      }
      up = .rows(names)
    }
    let values = grid.values
    range = (values.min() ?? 0)...(values.max() ?? 0)
    scale = Self.scale(of: values, reading, isSigned: range.lowerBound < 0)
  }

  private static func grid(_ tensor: Tensor, _ name: String) throws(FigureError) -> Grid {
    guard tensor.shape.rank == 2, tensor.shape.count > 0 else {
      throw .shape(
        what: name, shape: tensor.shape.dimensions, expected: "[frames, bands], one of each at least")
    }
    let values = tensor.values
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      let bands = tensor.shape[1]
      throw .notFinite(what: name, frame: place / bands, band: place % bands, value: values[place])
    }
    return Grid(values: values, frames: tensor.shape[0], bands: tensor.shape[1])
  }

  /// Values that are all alike are as strong as they are: zero is the colour of zero.
  static func scale(of values: [Float], _ reading: SheetFigure.Reading, isSigned: Bool) -> ValueScale {
    guard !values.isEmpty else {
      return ValueScale(low: isSigned ? -1 : 0, high: 1, isConstant: false, isSigned: isSigned)
    }
    var scale: ValueScale = reading == .level ? .loudness(values) : .relevance(values)
    guard reading == .strength else { return scale }
    if scale.isConstant {
      let reach = scale.high == 0 ? 1 : abs(scale.high)
      scale = ValueScale(low: 0, high: reach, isConstant: false, isSigned: false)
    }
    if isSigned { (scale.low, scale.isSigned) = (-scale.high, true) }
    return scale
  }

  /// Where the value farthest from zero is, and what it is.
  var peakText: String {
    guard range.lowerBound != range.upperBound else {
      return "\(Ticks.compact(Double(range.lowerBound))) throughout"
    }
    var best = 0
    for index in grid.values.indices where abs(grid.values[index]) > abs(grid.values[best]) { best = index }
    let share = (Double(best / grid.bands) + 0.5) / Double(grid.frames)
    let place = across.lowerBound + share * (across.upperBound - across.lowerBound)
    let height = (Double(best % grid.bands) + 0.5) / Double(grid.bands)
    let level =
      switch up {
      case .bands(let axis): axis.frequency(at: height * Double(axis.centres.count) - 0.5).rounded()
      case .linear(let range): range.lowerBound + height * (range.upperBound - range.lowerBound)
      case .rows: Double(best % grid.bands)
      }
    var row: String?
    if case .rows(let names) = up { row = names[best % grid.bands] }
    return """
      strongest (\(Ticks.compact(Double(grid.values[best])))) at \(Ticks.compact(place)), \(row ?? Ticks.compact(level))
      """
  }

  /// The range of the values, in as few characters as tell it.
  var note: String {
    func text(_ value: Float) -> String { Ticks.compact(Double(value)) }
    if range.lowerBound == range.upperBound { return text(range.lowerBound) }
    if reading == .strength {
      let reach = max(abs(range.lowerBound), abs(range.upperBound))
      return range.lowerBound < 0 ? "±\(text(reach))" : "≤ \(text(reach))"
    }
    return "\(text(range.lowerBound))…\(text(range.upperBound))"
  }
}
