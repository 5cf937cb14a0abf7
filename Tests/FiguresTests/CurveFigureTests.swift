import Figures
import Glibc
import Tensors
import Testing

struct CurveFigureTests {
  /// Straight lines from `(0, from)` to `(10, to)`, with a band if `reach` is not zero.
  private func line(
    _ name: String, _ from: Double, _ to: Double, reach: Double = 0
  ) -> CurveFigure.Series {
    let points = (0...10).map { step in
      let y = from + (to - from) * Double(step) / 10
      return CurveFigure.Point(
        x: Double(step), y: y, low: reach == 0 ? nil : y - reach, high: reach == 0 ? nil : y + reach)
    }
    return .init(name: name, points: points)
  }

  private func figure(
    _ series: [CurveFigure.Series], x: ClosedRange<Double>? = 0...10, y: ClosedRange<Double>? = 0...1,
    title: String = "Deletion", caption: String = "Mean of 40 clips."
  ) -> CurveFigure {
    CurveFigure(
      title: title, caption: caption, x: .init(title: "silenced (%)", range: x),
      y: .init(title: "probability", range: y), series: series)
  }

  /// The colour at a point of the axes' range.
  private func color(_ figure: CurveFigure, _ x: Double, _ y: Double) throws -> Color {
    let picture = try figure.picture()
    let plot = picture.geometry
    let across = plot.fraction(of: x)
    let range = try #require(figure.y.range)
    let up = (y - range.lowerBound) / (range.upperBound - range.lowerBound)
    return try DecodedPNG(picture.png).color(across, plot.bottom + (plot.top - plot.bottom) * up)
  }

  @Test("A curve runs through its points in its own colour, in its band and nowhere else")
  func place() throws {
    let figure = figure([line("up", 0.2, 0.8, reach: 0.1), line("down", 0.9, 0.9)])
    for (x, y) in [(2.5, 0.35), (7.5, 0.65)] {
      #expect(try color(figure, x, y) == CurvePen(0).color)
      let (above, below) = (try color(figure, x, y + 0.06), try color(figure, x, y - 0.06))
      #expect(above == below && above.chroma > 10 && above.lightness > 80, "the band, and no grid line")
      #expect(try color(figure, x, y - 0.13) == Color(255, 255, 255))
    }
    #expect(try color(figure, 5.2, 0.9) == CurvePen(1).color)
  }

  @Test("Over a filterbank all bands are equally wide, whatever their distance in hertz")
  func bandAxis() throws {
    let centres = (0..<40).map { 100 * pow(2, Double($0) / 6) }
    let figure = CurveFigure(
      title: "Bands", x: .init(title: "frequency (Hz)", bandCentres: centres),
      y: .init(title: "share", range: 0...1),
      series: [.init(name: "low half", points: centres.prefix(20).map { .init(x: $0, y: 0.5) })])
    let picture = try figure.picture()
    let plot = picture.geometry
    let image = try DecodedPNG(picture.png)
    // 20 of 40 bands: to the middle of the axis, although they span a tenth of its hertz.
    for (share, isDrawn) in [(0.1, true), (0.3, true), (0.47, true), (0.53, false), (0.9, false)] {
      let pixel = image.color(
        plot.left + (plot.right - plot.left) * share, plot.bottom + (plot.top - plot.bottom) * 0.5)
      #expect((pixel == CurvePen(0).color) == isDrawn, "at \(share)")
    }
    #expect(throws: FigureError.self) {
      try CurveFigure(
        title: "", x: .init(title: "", bandCentres: [200, 100]), y: .init(title: ""), series: []
      ).svg()
    }
  }

  @Test("Values that are not finite are gaps, and what they leave alone is a dot")
  func gaps() throws {
    var series = line("broken", 0.5, 0.5)
    for index in [3, 4, 6] { series.points[index].y = .nan }
    let figure = figure([series])
    #expect(try color(figure, 1.5, 0.5) == CurvePen(0).color)
    #expect(try color(figure, 5, 0.5) == CurvePen(0).color)
    #expect(try color(figure, 3.5, 0.53) == Color(255, 255, 255))
    #expect(try color(figure, 5.5, 0.5).chroma < 10)
    #expect(try color(figure, 5, 0.508) == CurvePen(0).color, "a dot is thicker than a line")
    #expect(try color(figure, 8, 0.508) != CurvePen(0).color)
  }

  @Test("What lies beyond the axes is cut off there")
  func clipped() throws {
    let figure = figure([line("steep", -4, 5, reach: 0.2)])
    let picture = try DecodedPNG(try figure.png())
    let plot = try figure.picture().geometry
    let above = plot.top - 0.012
    #expect((0..<100).allSatisfy { picture.color(plot.left + 0.3 + 0.003 * Double($0), above).chroma == 0 })
    #expect(try color(figure, 5, 0.5) == CurvePen(0).color)
  }

  @Test("Odd series have a defined picture", arguments: [0, 1, 2, 3, 4, 5])
  func odd(which: Int) throws {
    let point = CurveFigure.Point(x: 3, y: 2, low: 1, high: .infinity)
    let series: [[CurveFigure.Series]] = [
      [], [.init(name: "empty", points: [])], [.init(name: "one", points: [point])],
      [line("constant", -0.25, -0.25)],
      [.init(name: "zero", points: [.init(x: 0, y: 0), .init(x: 0, y: 0)])],
      [.init(name: "nan", points: [.init(x: 0, y: .nan)]), line("tiny", 1e-200, 3e-200)],
    ]
    let figure = figure(series[which], x: nil, y: nil)
    #expect(try DecodedPNG(figure.png(scale: 1)).width == 1000)
    #expect(try !figure.svg().isEmpty)
    let geometry = try figure.picture().geometry
    #expect(geometry.startTime < geometry.endTime)
    #expect(!figure.alternativeText.contains("nan at"))
  }

  @Test("What cannot be drawn is refused")
  func refused() {
    #expect(throws: FigureError.self) {
      try figure([.init(name: "a", points: [.init(x: .nan, y: 1)])]).png()
    }
    #expect(throws: FigureError.self) { try figure([], x: 1...1).png() }
    #expect(throws: FigureError.self) { try figure([], y: -.infinity...1).svg() }
    #expect(throws: FigureError.self) { try figure([line("huge", -1e305, 1e305)], y: nil).png() }
    #expect(throws: FigureError.self) { try figure([]).png(scale: .nan) }
    let many = (0...CurveFigure.mostSeries).map { line("\($0)", 0, 1) }
    #expect(throws: FigureError.self) { try figure(many).png() }
    #expect(throws: Never.self) { try figure(many.dropLast()).png(scale: 1) }
  }

  @Test("No two pens are alike")
  func pens() {
    #expect(Set((0..<CurveFigure.mostSeries).map(CurvePen.init)).count == CurveFigure.mostSeries)
  }

  @Test("Long texts do not reach the picture's edge, many series make it taller")
  func longTexts() throws {
    let word = String(repeating: "Donaudampfschiff", count: 30)
    var long = figure(
      (0..<30).map { line("\(word) \($0)", 1, 0) }, title: word, caption: "\(word) and \(word)")
    long.x.title = word
    long.y.title = word
    let picture = try DecodedPNG(try long.png(scale: 1))
    let usual = try DecodedPNG(try figure([line("a", 1, 0)]).png(scale: 1))
    #expect(picture.height > usual.height + 100)
    for step in 0..<picture.height {
      let y = (Double(step) + 0.5) / Double(picture.height)
      #expect(
        picture.color(0.997, y) == Color(255, 255, 255) && picture.color(0.002, y) == Color(255, 255, 255))
    }
  }

  @Test("Without a title and a caption the picture is as much lower")
  func bare() throws {
    let (full, bare) = (figure([line("a", 1, 0)]), figure([line("a", 1, 0)], title: "", caption: ""))
    let heights = try [full, bare].map { try DecodedPNG($0.png(scale: 1)).height }
    #expect(heights[0] - heights[1] == 26 + 16)
    #expect(try color(bare, 5, 0.5) == CurvePen(0).color)
    #expect(bare.alternativeText.hasPrefix("probability over silenced (%)."))
  }

  @Test("An SVG has a title and a description of where the curves begin and end")
  func svg() throws {
    let text = String(decoding: try figure([line("a <b>", 0.9, 0.1)], title: "x & y").svg(), as: UTF8.self)
    #expect(text.contains("<title>x &amp; y</title>") && text.hasSuffix("</svg>\n"))
    #expect(text.contains("a &lt;b&gt;: from 0.9 at 0 to 0.1 at 10."))
  }
}

struct ThumbnailTests {
  @Test("A thumbnail shows the same bins in small", arguments: [false, true])
  func bins(hasAxes: Bool) throws {
    let figure = figure(overlay: grid([20, 8], [(12, 3, 1.0)]), title: hasAxes ? "Grad-CAM" : "")
    let thumbnail = try figure.thumbnail(hasAxes: hasAxes)
    let picture = try DecodedPNG(thumbnail.png)
    #expect(picture.width == 440 && picture.height == 280)
    for frame in 0..<20 {
      for band in 0..<8 {
        let color = picture.color(frame: frame, band: band, of: (20, 8), in: thumbnail.geometry)
        #expect((color.chroma > 60) == (frame == 12 && band == 3), "frame \(frame), band \(band): \(color)")
      }
    }
    #expect(thumbnail.geometry.startTime == 0 && abs(thumbnail.geometry.endTime - 0.2) < 1e-12)
    #expect(thumbnail.alternative == (try figure.alternativeText()))
    // Without title and axes all is picture.
    #expect((thumbnail.geometry.top == 0) == !hasAxes && (thumbnail.geometry.left == 0) == !hasAxes)
  }

  @Test("Long titles are shortened, regions marked, impossible scales refused")
  func odd() throws {
    let region = TimeFrequencyFigure.Region(start: 0.05, end: 9, low: 300, high: 1e6, label: "bark")
    let plain = figure(frames: 90_000, title: String(repeating: "Donaudampfschiff", count: 20))
    var marked = plain
    marked.regions = [region]
    let thumbnail = try plain.thumbnail(hasAxes: true, scale: 1)
    #expect(try marked.thumbnail(hasAxes: true, scale: 1).png != thumbnail.png)
    let picture = try DecodedPNG(thumbnail.png)
    #expect((0..<16).allSatisfy { picture.color(0.997, Double($0) / 140) == Color(255, 255, 255) })
    #expect(throws: FigureError.self) { try plain.thumbnail(scale: 0) }
    #expect(throws: FigureError.self) { try figure(frames: 0).thumbnail() }
    #expect(try DecodedPNG(figure(frames: 1, bands: 1).thumbnail(hasAxes: true).png).width == 440)
  }
}
