import Figures
import Tensors
import Testing

struct SheetFigureTests {
  /// A cell of zeros but for the given bins.
  private func cell(
    _ frames: Int, _ bands: Int, _ hot: [(frame: Int, band: Int, value: Float)], title: String = "",
    hop: Double = 0.1
  ) -> SheetFigure.Cell {
    .init(
      grid([frames, bands], hot), start: hop / 2, hop: hop,
      bandCentres: (0..<bands).map { 125 * (1 + Double($0)) }, title: title)
  }

  private func sheet(_ cells: [SheetFigure.Cell]) -> SheetFigure {
    SheetFigure(cells: cells, title: "conv1", caption: "Ten of 32 channels.", valueLabel: "activation")
  }

  @Test("Every cell's bins lie where its geometry says, with sharp edges, time to the right and frequency up")
  func places() throws {
    // More cells than columns, so that the last row is not full.
    let cells = (0..<10).map { index in
      cell(5, 4, [(frame: index % 5, band: index % 4, value: 1 + Float(index))], title: "channel \(index)")
    }
    let figure = sheet(cells)
    let image = try DecodedPNG(figure.png())
    let geometries = try figure.cellGeometries()
    #expect(geometries.count == 10)
    for (index, plot) in geometries.enumerated() {
      #expect(plot.startTime == 0 && abs(plot.endTime - 0.5) < 1e-9)
      for frame in 0..<5 {
        for band in 0..<4 {
          for (x, y) in [(0.5, 0.5), (0.12, 0.12), (0.88, 0.88)] {
            let color = image.color(frame: frame, band: band, of: (5, 4), in: plot, x: x, y: y)
            let isHot = frame == index % 5 && band == index % 4
            #expect(color == Colormap.inferno[isHot ? 1 : 0], "cell \(index), frame \(frame), band \(band)")
          }
        }
      }
    }
  }

  @Test("A shared scale shows which cell is stronger; with a scale each, every cell has its own brightest")
  func scales() throws {
    let cells = [cell(2, 2, [(0, 0, 4)]), cell(2, 2, [(0, 0, 2)])]
    var figure = sheet(cells)
    figure.scaling = .shared
    let plot = try figure.cellGeometries()[1]
    #expect(
      try DecodedPNG(figure.png()).color(frame: 0, band: 0, of: (2, 2), in: plot) == Colormap.inferno[0.5])
    figure.scaling = .each
    let each = try figure.cellGeometries()[1]
    #expect(
      try DecodedPNG(figure.png()).color(frame: 0, band: 0, of: (2, 2), in: each) == Colormap.inferno[1])
  }

  @Test("Where one cell has values below zero, zero is the middle of all cells' colours")
  func signs() throws {
    let figure = sheet([cell(2, 2, [(0, 0, 4)]), cell(2, 2, [(0, 0, -2)])])
    let image = try DecodedPNG(figure.png())
    let plots = try figure.cellGeometries()
    #expect(image.color(frame: 0, band: 0, of: (2, 2), in: plots[0]) == Colormap.diverging[1])
    #expect(image.color(frame: 0, band: 0, of: (2, 2), in: plots[1]) == Colormap.diverging[0])
    for plot in plots {
      #expect(image.color(frame: 1, band: 1, of: (2, 2), in: plot) == Colormap.diverging[0.5])
    }
  }

  @Test("An image below is grey where the values are zero, and under colour where they are not")
  func layers() throws {
    var hot = cell(4, 4, [(1, 1, 1)])
    // On a finer grid of the same extents.
    hot.under = Tensor([8, 8], (0..<64).map { Float($0 / 8) })
    let figure = sheet([hot])
    let image = try DecodedPNG(figure.png())
    let plot = try figure.cellGeometries()[0]
    #expect(image.color(frame: 3, band: 3, of: (4, 4), in: plot).chroma == 0)
    #expect(image.color(frame: 1, band: 1, of: (4, 4), in: plot).chroma > 60)
    let (early, late) = (
      image.color(frame: 0, band: 7, of: (8, 8), in: plot),
      image.color(frame: 7, band: 7, of: (8, 8), in: plot)
    )
    #expect(late.lightness > early.lightness + 20)
  }

  @Test("Drawn to scale, a second and a band are as long in every cell; as squares, so is every bin")
  func extents() throws {
    var figure = sheet([cell(6, 8, []), cell(3, 4, [])])
    figure.fit = .toScale
    var plots = try figure.cellGeometries()
    #expect(abs((plots[1].right - plots[1].left) / (plots[0].right - plots[0].left) - 0.5) < 1e-9)
    #expect(abs((plots[1].bottom - plots[1].top) / (plots[0].bottom - plots[0].top) - 0.5) < 1e-9)
    figure.fit = .squares
    plots = try figure.cellGeometries()
    let png = try DecodedPNG(figure.png(scale: 1))
    for (plot, shape) in zip(plots, [(6.0, 8.0), (3, 4)]) {
      let width = (plot.right - plot.left) * Double(png.width) / shape.0
      let height = (plot.bottom - plot.top) * Double(png.height) / shape.1
      #expect(abs(width - height) < 0.5, "the picture's height is a whole number of pixels")
    }
  }

  @Test("Marks, regions and links lie on their cells' axes")
  func marks() throws {
    var cells = [cell(10, 10, []), cell(10, 10, [])]
    cells[0].marks = [.init(across: 0.25, up: 375, radius: 6)]
    cells[1].regions = [.init(start: 0.2, end: 0.6, low: 250, high: 750)]
    var figure = sheet(cells)
    figure.links = [
      .init(from: .init(cell: 0, across: 0.75, up: 1000), to: .init(cell: 1, across: 0.75, up: 1000))
    ]
    let plain = try DecodedPNG(sheet([cell(10, 10, []), cell(10, 10, [])]).png())
    let image = try DecodedPNG(figure.png())
    let plots = try figure.cellGeometries()
    let y = plots[0].bottom - (plots[0].bottom - plots[0].top) * 7.5 / 10
    // 1000 Hz is the centre of band 7; the link goes through the gap between the cells.
    let gap = (plots[0].right + plots[1].left) / 2
    #expect(image.color(gap, y) != plain.color(gap, y))
    #expect(image.color(gap, y - 0.1) == plain.color(gap, y - 0.1))
    let ring = plots[0].fraction(of: 0.25) + 6.0 / 1000
    let height = plots[0].bottom - (plots[0].bottom - plots[0].top) * 2.5 / 10
    #expect(image.color(ring, height) == Color(255, 255, 255))
    figure.links = [.init(from: .init(cell: 0, across: 0, up: 0), to: .init(cell: 2, across: 0, up: 0))]
    #expect(throws: FigureError.self) { try figure.png() }
  }

  @Test("The alternative text counts the cells and says where the first are strongest")
  func words() throws {
    let text = try sheet([cell(5, 4, [(2, 3, 7)], title: "channel 3"), cell(5, 4, [])]).alternativeText()
    #expect(text.contains("2 pictures of activation"))
    #expect(text.contains("channel 3: strongest (7) at 0.25, 500"))
    #expect(text.contains("0 throughout"))
    let svg = String(decoding: try sheet([cell(5, 4, [], title: "a & b")]).svg(), as: UTF8.self)
    #expect(svg.contains("a &amp; b") && svg.contains("<desc>"))
  }

  @Test("Hundreds of cells, one value, one frame: all are drawn; what cannot be is refused with a word")
  func extremes() throws {
    let many = sheet((0..<300).map { cell(3, 3, [(0, 0, Float($0))], title: "channel \($0)") })
    #expect(try DecodedPNG(many.png(scale: 1)).width == 1000)
    _ = try sheet([cell(1, 1, [(0, 0, 3)])]).png()
    _ = try sheet([cell(1, 1, [])]).png()
    var level = sheet([cell(3, 3, [(0, 0, -80)])])
    level.reading = .level
    _ = try level.png()
    #expect(throws: FigureError.self) { try sheet([]).png() }
    #expect(throws: FigureError.self) { try sheet([cell(2, 2, [(0, 0, .nan)])]).png() }
    #expect(throws: FigureError.self) { try sheet([cell(2, 2, [], hop: 0)]).png() }
    #expect(throws: FigureError.self) {
      try sheet((0..<20_000).map { _ in cell(1, 1, []) }).png()
    }
    var columns = sheet([cell(2, 2, [])])
    columns.columns = 0
    #expect(throws: FigureError.self) { try columns.png() }
  }
}
