public import Tensors

/// Many small pictures of values over time and frequency on one sheet: the channels of a layer, the kernels of a filter
/// bank, excerpts of sounds.
///
/// Every cell is an image `[frames, bands]`, time to the right and frequency up, with sharp edges: nothing is interpolated.
/// Where a pixel holds several values it shows the largest (of signed values, the one farthest from zero). A cell may lie in
/// colour over a second image in grey, as in a ``TimeFrequencyFigure``. The two need the same extents, not the same grid.
///
/// Where all cells have the same extents, the axes stand on the left column and under the lowest row; otherwise on every
/// cell. With ``Scaling/each`` a cell's own range stands beside its title.
///
///     let sheet = SheetFigure(
///       cells: channels.map { .init($0.values, start: 0.0125, hop: 0.01, bandCentres: mel, title: $0.name) },
///       title: "conv1 of yamnet: 32 channels", valueLabel: "activation")
///     try WholeFile.write(sheet.png(), to: "conv1.png")
public struct SheetFigure: Sendable {
  /// Row by row, from the top left; at least one.
  public var cells: [Cell]
  /// One line above the sheet; what does not fit is replaced by an ellipsis.
  public var title: String
  /// Small type under the sheet, wrapped.
  public var caption: String
  /// What the values are, with their unit; written along the colour bar.
  public var valueLabel: String
  public var reading: Reading
  public var scaling: Scaling
  public var fit: Fit
  /// A cell's height as a part of its width, where images fill their cells.
  public var aspect = 0.56
  /// Cells in a row; nil for about as many as there are rows, 16 at most.
  public var columns: Int?
  /// What the horizontal axes say; nil for time, with its unit.
  public var acrossLabel: String?
  /// What the vertical axes say.
  public var upLabel: String
  /// Of cells without a grey image below; nil for inferno, ``Colormap/diverging`` where there are values below zero, and
  /// greys for ``Reading/level``.
  public var colormap: Colormap?
  /// Lines from a place in one cell to a place in another, over everything else.
  public var links: [Link]

  /// Which values the ends of the colours stand for.
  public enum Reading: Sendable, Hashable {
    /// From zero to the largest; symmetric about zero if any value is negative.
    case strength
    /// From the lowest (1 % quantile) to the largest: decibels, log-mel energy.
    case level
  }

  public enum Scaling: Sendable, Hashable {
    /// All cells share one scale; the colour bar has the values' numbers.
    case shared
    /// Every cell's colours span its own values; the colour bar has shares of them.
    case each
  }

  /// How large an image is drawn in its cell.
  public enum Fit: Sendable, Hashable {
    /// As large as the cell.
    case fill
    /// So that a second, and a band or unit of the vertical axis, is as long in every cell.
    case toScale
    /// Every value a square, as large in every cell.
    case squares
  }

  /// One image with its axes.
  public struct Cell: Sendable {
    /// [frames, bands], lowest band first.
    public var values: Tensor
    /// A spectrogram of the same extents, drawn in grey below the values; [frames, bands] of any numbers.
    public var under: Tensor?
    /// What lies between the image's left and right edge: seconds, unless the sheet's `acrossLabel` says otherwise.
    public var across: ClosedRange<Double>
    public var up: Vertical
    /// Above the image, shortened to its width.
    public var title: String
    /// At the right end of the title's line; nil for the range of the values where every cell has its own.
    public var note: String?
    /// Places to mark with a dashed frame.
    public var regions: [TimeFrequencyFigure.Region]
    /// Places to mark with a ring.
    public var marks: [Mark]
    /// What the colours span, where that is another than the sheet's: a spectrogram among activations. Such a cell has a
    /// scale of its own, which the colour bar does not tell.
    public var reading: Reading?

    public init(
      _ values: Tensor, under: Tensor? = nil, across: ClosedRange<Double>, up: Vertical, title: String = "",
      note: String? = nil, regions: [TimeFrequencyFigure.Region] = [], marks: [Mark] = []
    ) {
      self.values = values
      self.under = under
      self.across = across
      self.up = up
      self.title = title
      self.note = note
      self.regions = regions
      self.marks = marks
    }

    /// A cell over time and frequency.
    ///
    /// - Parameters:
    ///   - start: the time of the first frame's centre, in seconds.
    ///   - hop: the time from frame to frame of `values`, in seconds.
    ///   - bandCentres: those of a filterbank, in hertz, rising and drawn equally high; one for each band of `values`, or
    ///     any other number of bands that together are as high.
    public init(
      _ values: Tensor, under: Tensor? = nil, start: Double, hop: Double, bandCentres: [Double],
      title: String = "", note: String? = nil, regions: [TimeFrequencyFigure.Region] = [],
      marks: [Mark] = []
    ) {
      let left = start - hop / 2
      let frames = Double(values.shape.dimensions.first ?? 1)
      // A hop of no length is refused when the sheet is drawn.
      self.init(
        values, under: under, across: left...max(left, left + frames * hop), up: .bands(centres: bandCentres),
        title: title, note: note, regions: regions, marks: marks)
    }
  }

  /// What lies between an image's lower and upper edge.
  public enum Vertical: Sendable, Hashable {
    /// Bands of these centres in hertz, rising, all equally high.
    case bands(centres: [Double])
    /// Numbers of equal distance.
    case linear(ClosedRange<Double>)
    /// A name for each row of values, the lowest first; as many are written as have room.
    case rows([String])
  }

  /// A place in a cell, on its axes.
  public struct Mark: Sendable, Hashable {
    public var across: Double
    public var up: Double
    /// Of its ring, in points.
    public var radius: Double

    public init(across: Double, up: Double, radius: Double = 3) {
      (self.across, self.up, self.radius) = (across, up, radius)
    }
  }

  public struct Link: Sendable, Hashable {
    /// Which cell, and where on its axes.
    public struct End: Sendable, Hashable {
      public var cell: Int
      public var across: Double
      public var up: Double

      public init(cell: Int, across: Double, up: Double) {
        (self.cell, self.across, self.up) = (cell, across, up)
      }
    }
    public var from: End
    public var to: End

    public init(from: End, to: End) { (self.from, self.to) = (from, to) }
  }

  public init(
    cells: [Cell], title: String, caption: String = "", valueLabel: String, reading: Reading = .strength,
    scaling: Scaling = .each, fit: Fit = .fill, columns: Int? = nil, acrossLabel: String? = nil,
    upLabel: String = "frequency (Hz, mel spacing)", colormap: Colormap? = nil, links: [Link] = []
  ) {
    self.cells = cells
    self.title = title
    self.caption = caption
    self.valueLabel = valueLabel
    self.reading = reading
    self.scaling = scaling
    self.fit = fit
    self.columns = columns
    self.acrossLabel = acrossLabel
    self.upLabel = upLabel
    self.colormap = colormap
    self.links = links
  }

  /// The sheet as a PNG of `1000 * scale` pixels' width.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8; 2 is crisp on today's screens.
  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    try png(try SheetLayout(self), scale: scale)
  }

  /// The sheet as an SVG file, 1000 points wide, its images embedded, with title and description for readers and search.
  public func svg() throws(FigureError) -> [UInt8] {
    let layout = try SheetLayout(self)
    let surface = try Surface.svg(width: SheetLayout.width, height: layout.height, scale: 2)
    try draw(layout, on: surface)
    return SVG.described(try surface.svg(), title: title, description: alternativeText(layout.contents))
  }

  /// The sheet as a page shows it, with the geometry of its first cell.
  public func picture(scale: Double = 2) throws(FigureError) -> Report.Picture {
    let layout = try SheetLayout(self)
    return Report.Picture(
      png: try png(layout, scale: scale), alternative: alternativeText(layout.contents),
      geometry: layout.geometry(ofCell: 0))
  }

  /// Where the axes of each cell lie in the picture, in the order of the cells.
  public func cellGeometries() throws(FigureError) -> [PlotGeometry] {
    let layout = try SheetLayout(self)
    return cells.indices.map(layout.geometry(ofCell:))
  }

  /// What can be seen, for those who cannot: how many cells, and where the first of them are strongest.
  public func alternativeText() throws(FigureError) -> String {
    alternativeText(try SheetLayout(self).contents)
  }

  private func png(_ layout: SheetLayout, scale: Double) throws(FigureError) -> [UInt8] {
    let surface = try Surface.image(width: SheetLayout.width, height: layout.height, scale: scale)
    try draw(layout, on: surface)
    return try surface.png()
  }

  private func alternativeText(_ contents: [SheetContent]) -> String {
    let told = 6
    var text = "\(title): \(cells.count) \(cells.count == 1 ? "picture" : "pictures") of \(valueLabel)."
    for (cell, content) in zip(cells, contents).prefix(told) {
      text += " \(cell.title.isEmpty ? "Untitled" : cell.title): \(content.peakText)."
    }
    if cells.count > told { text += " And \(cells.count - told) more." }
    return text
  }
}
