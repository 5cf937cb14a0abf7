import Figures
import Tensors
import Testing

/// Points of a plane as a picture.
struct ScatterFigureTests {
  private func figure(_ colouring: ScatterFigure.Colouring, count: Int = 9, axes: Bool = true)
    -> ScatterFigure
  {
    ScatterFigure(
      title: "Nine points", caption: "A caption.",
      axes: axes ? (.init(title: "x", range: 0...10), .init(title: "y", range: 0...10)) : nil,
      points: (0..<count).map { .init(1 + Double($0 % 3) * 4, 1 + Double($0 / 3) * 4) }, colouring: colouring)
  }

  /// How many pixels have exactly this colour.
  private func pixels(_ figure: ScatterFigure, _ color: Color) throws -> Int {
    let image = try DecodedPNG(figure.png(scale: 1))
    var count = 0
    for row in 0..<image.height {
      for column in 0..<image.width
      where image.color(
        (Double(column) + 0.5) / Double(image.width), (Double(row) + 0.5) / Double(image.height)) == color
      {
        count += 1
      }
    }
    return count
  }

  @Test(
    "The largest group has the first pen, a group without points none, and a point without a group is grey")
  func groups() throws {
    let figure = figure(.groups(names: ["few", "none", "many"], of: [0, 0, 2, 2, 2, 2, 2, -1, 7]))
    let (many, few) = (try pixels(figure, CurvePen(0).color), try pixels(figure, CurvePen(1).color))
    // Five points and one in the legend against two and one, with what their rims share with the background.
    #expect(2 * many > 3 * few)
    #expect(few > 0)
    #expect(try pixels(figure, CurvePen(2).color) == 0)
    #expect(try pixels(figure, GroupPen.none.color) > 0)
  }

  @Test("Groups beyond those that can be told apart are drawn together")
  func manyGroups() throws {
    let names = (0..<50).map { "group \($0)" }
    var figure = figure(.groups(names: names, of: Array(0..<50)), count: 50, axes: false)
    figure.points = (0..<50).map { .init(Double($0), Double($0 * $0 % 17)) }
    #expect(!(try figure.svg()).isEmpty)
    #expect(figure.alternativeText.contains("50 groups"))
  }

  @Test("Points that are no numbers, equal points and no points make a picture", arguments: [true, false])
  func degenerate(axes: Bool) throws {
    for points: [ScatterFigure.Point] in [[], [.init(.nan, 1)], [.init(2, 2)], [.init(2, 2), .init(2, 2)]] {
      var figure = figure(.values([.nan, 1], label: "v"), axes: axes)
      figure.points = points
      if axes { figure.axes = (.init(title: "x"), .init(title: "y")) }
      #expect(try !figure.png(scale: 0.5).isEmpty)
      #expect(try !figure.svg().isEmpty)
    }
  }

  @Test("An SVG has the title and what can be seen")
  func svg() throws {
    var figure = figure(.colours([Color(1, 2, 3)], meaning: "<likeness>"))
    figure.line = (intercept: 0, slope: 1)
    let text = String(decoding: try figure.svg(), as: UTF8.self)
    #expect(
      text.contains("<title>Nine points</title>") && text.contains("9 points")
        && text.contains("&lt;likeness&gt;"))
  }

  @Test("Strips refuse colours that do not fit their moments, and are drawn otherwise")
  func strips() throws {
    let strip = StripsFigure.Strip(
      name: "layer", spans: [0...0.1, 0.1...0.2], colours: .init([2, 3], [1, 0, 0, 0, 1, 0]))
    let strips = StripsFigure(TestsFigures.plain(), strips: [strip], caption: "Colours.")
    #expect(try !strips.png(scale: 0.5).isEmpty)
    #expect(try !strips.svg().isEmpty)
    var wrong = strips
    wrong.strips[0].colours = .init([1, 3])
    #expect(throws: FigureError.self) { try wrong.png() }
  }
}

private enum TestsFigures {
  static func plain() -> TimeFrequencyFigure { figure(title: "a sound") }
}
