import Figures
import Testing

/// Pictures of how good a model is.
struct TestingFigureTests {
  // MARK: - Confusion

  private static let figure = ConfusionFigure(
    title: "Nine clips", caption: "A caption.", classes: ["dog", "cat", "cow"],
    counts: [[4, 1, 0], [2, 2, 0], [0, 0, 0]])

  /// The colour of a cell, beside its number.
  private func color(_ row: Int, _ column: Int, in figure: ConfusionFigure) throws -> Color {
    let picture = try figure.picture(scale: 1)
    let (plot, count) = (picture.geometry, Double(figure.classes.count))
    return try DecodedPNG(picture.png).color(
      plot.left + (plot.right - plot.left) * (Double(column) + 0.15) / count,
      plot.top + (plot.bottom - plot.top) * (Double(row) + 0.15) / count)
  }

  @Test(
    "what is right is blue, what is wrong orange, the darker the more; nothing is white",
    arguments: [
      ConfusionFigure.Content.counts, .shares,
    ])
  func colors(content: ConfusionFigure.Content) throws {
    var figure = Self.figure
    figure.content = content
    let (right, wrong) = (try color(0, 0, in: figure), try color(0, 1, in: figure))
    #expect(right.blue > right.red && wrong.red > wrong.blue)
    #expect(try color(1, 0, in: figure).lightness < wrong.lightness)
    #expect(try color(0, 2, in: figure) == Color(255, 255, 255))
    // A class without clips is none with bad answers.
    let empty = try color(2, 2, in: figure)
    #expect(empty.chroma < 8 && empty != Color(255, 255, 255))
    #expect(try color(2, 0, in: figure) == empty)
  }

  @Test("many classes with long names have room for all of them")
  func manyClasses() throws {
    let names = (0..<120).map { "a class with a very long name that nobody would say, number \($0)" }
    let counts = (0..<120).map { row in (0..<120).map { $0 == row ? 12 : ($0 + row) % 7 == 0 ? 1 : 0 } }
    let figure = ConfusionFigure(title: "many", classes: names, counts: counts)
    let picture = try figure.picture(scale: 1)
    let image = try DecodedPNG(picture.png)
    // Thirteen points a class, so that names of ten points do not touch.
    #expect(Double(image.width) * (picture.geometry.right - picture.geometry.left) >= 13 * 120 - 1)
    #expect(image.width == image.height || image.width > 1500)
    #expect(!(try figure.svg()).isEmpty)
  }

  @Test("the alternative text tells what is right, and the most frequent mistakes first")
  func alternative() {
    let text = Self.figure.alternativeText
    #expect(text.contains("6 of 9 clips are right"))
    #expect(text.contains("cat taken for dog: 2. dog taken for cat: 1."))
  }

  @Test("a matrix that does not fit its classes is refused")
  func shapes() {
    for counts in [[], [[1, 0]], [[1], [0]], [[1, 0], [0, 1], [0, 0]]] {
      let figure = ConfusionFigure(title: "", classes: ["a", "b"], counts: counts)
      #expect(throws: FigureError.self) { try figure.png() }
    }
    #expect(throws: FigureError.self) { try ConfusionFigure(title: "", classes: [], counts: []).png() }
  }

  // MARK: - Intervals and reliability

  @Test("a row has a value for each column, or is refused")
  func rows() throws {
    let row = IntervalsFigure.Row(name: "dog", note: "3", values: [.init(0.5, low: 0.2, high: 0.7), nil])
    let figure = IntervalsFigure(title: "t", columns: ["recall", "F1"], rows: [row])
    #expect(!(try figure.png(scale: 1)).isEmpty)
    #expect(!(try figure.svg()).isEmpty)
    #expect(figure.alternativeText.contains("dog: recall 0.5, F1 unknown"))
    #expect(throws: FigureError.self) {
      try IntervalsFigure(title: "", columns: ["recall"], rows: [row]).png()
    }
    #expect(throws: FigureError.self) {
      try IntervalsFigure(title: "", columns: ["recall", "F1"], rows: [row], range: 1...1).png()
    }
    // Without rows there is still a picture.
    #expect(!(try IntervalsFigure(title: "", columns: ["recall"], rows: []).png(scale: 1)).isEmpty)
  }

  @Test("bins that are too sure have an orange gap, others a green one")
  func reliability() throws {
    func bin(_ low: Double, _ share: Double) -> ReliabilityFigure.Bin {
      .init(
        low: low, high: low + 0.2, count: 10, confidence: low + 0.1, accuracy: .init(share, low: 0, high: 1))
    }
    let figure = ReliabilityFigure(
      title: "t",
      bins: [
        bin(0.2, 0.9), bin(0.7, 0.1), .init(low: 0, high: 0.2, count: 0, confidence: nil, accuracy: nil),
      ])
    let image = try DecodedPNG(figure.png(scale: 1))
    // The diagram reaches from 76 to 496 and from 44 to 464 points; beside the dots' line, between share and diagonal.
    func color(_ x: Double, _ y: Double) -> Color {
      image.color((76 + 420 * x) / 1000, (464 - 420 * y) / Double(image.height))
    }
    let (unsure, sure) = (color(0.25, 0.65), color(0.76, 0.45))
    #expect(unsure.green > unsure.red && sure.red > sure.green)
    #expect(figure.alternativeText.contains("0.20 to 0.40: 10 answers, 0.9 of them right"))
    #expect(!(try figure.svg()).isEmpty)
  }

  @Test("a mark on a curve figure colours its stretch of the axis, and only that")
  func marks() throws {
    var figure = CurveFigure(
      title: "t", x: .init(title: "x", range: 0...10), y: .init(title: "y", range: 0...1),
      series: [.init(name: "s", points: [.init(x: 0, y: 0), .init(x: 10, y: 0)])])
    let plain = try DecodedPNG(figure.png(scale: 1))
    figure.marks = [.init(4...6, label: "here")]
    let marked = try figure.picture(scale: 1)
    let (image, plot) = (try DecodedPNG(marked.png), marked.geometry)
    func place(_ x: Double) -> (Double, Double) {
      (plot.left + (plot.right - plot.left) * x / 10, plot.top + (plot.bottom - plot.top) * 0.45)
    }
    let (inside, outside) = (place(5), place(8.5))
    #expect(image.color(inside.0, inside.1).chroma > 10 && plain.color(inside.0, inside.1).chroma < 10)
    #expect(image.color(outside.0, outside.1) == plain.color(outside.0, outside.1))
  }

  @Test("tables of a gallery are escaped, and tell numbers from words")
  func tables() {
    let table = Gallery.Table(
      "a < b", columns: ["class", "F1", "words"], rows: [["<dog>", "0.5", "x & y"]], wordColumns: [2])
    let header = PageHeader(title: "t", model: "m", commandLine: "c", version: "1", date: "d")
    let html = Gallery(header, sections: [.init(title: "s", items: [.init(tables: [table])])]).html()
    for part in [
      "<caption>a &lt; b</caption>", "<th scope=\"row\">&lt;dog&gt;</th>", "<td>0.5</td>",
      "<td class=\"word\">x &amp; y</td>",
    ] {
      #expect(html.contains(part))
    }
    #expect(!html.contains("<dog>"))
  }
}
