import Figures
import Tensors
import Testing

struct TimeFrequencyFigureTests {
  @Test("A PNG has its signature and size", arguments: [1.0, 1.5, 2])
  func png(scale: Double) throws {
    let bytes = try figure().png(scale: scale)
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    let picture = try DecodedPNG(bytes)
    #expect(picture.width == Int(1000 * scale))
    #expect(picture.height == Int(420 * scale))
    #expect(picture.color(0.001, 0.001) == Color(255, 255, 255))
  }

  @Test("Colour is where the overlay is, and nowhere else")
  func hotSpot() throws {
    let figure = figure(overlay: grid([20, 8], [(12, 3, 1.0)]))
    let plot = try figure.plotGeometry()
    let picture = try DecodedPNG(try figure.png())
    for frame in 0..<20 {
      for band in 0..<8 {
        let color = picture.color(frame: frame, band: band, of: (20, 8), in: plot)
        if frame == 12, band == 3 {
          #expect(color.chroma > 60 && color.lightness > 60, "\(color)")
        } else {
          #expect(color.chroma == 0, "frame \(frame), band \(band): \(color)")
        }
      }
    }
    // The bin reaches to its edges: 2 % inside still hot, 2 % outside no more.
    #expect(picture.color(frame: 12, band: 3, of: (20, 8), in: plot, x: 0.03, y: 0.97).chroma > 60)
    #expect(picture.color(frame: 12, band: 3, of: (20, 8), in: plot, x: -0.03).chroma == 0)
  }

  @Test("A signed overlay is blue below zero and orange above")
  func signed() throws {
    let figure = figure(overlay: grid([20, 8], [(3, 2, -0.6), (15, 6, 1.0)]))
    let plot = try figure.plotGeometry()
    let picture = try DecodedPNG(try figure.png())
    let negative = picture.color(frame: 3, band: 2, of: (20, 8), in: plot)
    let positive = picture.color(frame: 15, band: 6, of: (20, 8), in: plot)
    #expect(negative.blue > negative.red)
    #expect(positive.red > positive.blue)
    #expect(picture.color(frame: 9, band: 4, of: (20, 8), in: plot).chroma == 0)
  }

  @Test("Louder is lighter")
  func loudness() throws {
    let figure = figure()
    let plot = try figure.plotGeometry()
    let picture = try DecodedPNG(try figure.png(scale: 1))
    let lightness = (0..<20).map { picture.color(frame: $0, band: 0, of: (20, 8), in: plot).lightness }
    #expect(zip(lightness.dropFirst(), lightness).allSatisfy { $0 > $1 })
  }

  @Test("A peak in one of 100,000 frames is not lost")
  func long() throws {
    let frames = 100_000
    let figure = figure(frames: frames, overlay: grid([frames, 8], [(54_321, 5, 2)]))
    let plot = try figure.plotGeometry()
    let picture = try DecodedPNG(try figure.png(scale: 1))
    let color = picture.color(frame: 54_321, band: 5, of: (frames, 8), in: plot)
    #expect(color.chroma > 60, "\(color)")
    #expect(picture.color(frame: 20_000, band: 5, of: (frames, 8), in: plot).chroma == 0)
  }

  @Test("One frame of one band can be drawn, with and without an overlay")
  func single() throws {
    #expect(try DecodedPNG(figure(frames: 1, bands: 1).png()).width == 2000)
    let overlaid = figure(frames: 1, bands: 1, overlay: Tensor([1, 1], [0.3]))
    #expect(try DecodedPNG(overlaid.png()).width == 2000)
    #expect(try overlaid.alternativeText().contains("0.3 throughout"))
    #expect(try !overlaid.svg().isEmpty)
  }

  @Test("A constant overlay is an even veil, an all-zero one nothing", arguments: [Float(0), 0.5, -2, 1e-20])
  func constant(value: Float) throws {
    let figure = figure(overlay: Tensor([20, 8], repeating: value))
    let plot = try figure.plotGeometry()
    let picture = try DecodedPNG(try figure.png())
    let chroma = [(0, 0), (7, 3), (19, 7)].map {
      picture.color(frame: $0.0, band: $0.1, of: (20, 8), in: plot).chroma
    }
    #expect(chroma.allSatisfy { value == 0 ? $0 == 0 : $0 > 20 }, "\(chroma)")
    let text = try figure.alternativeText()
    #expect(text.contains("throughout") && !text.contains("nan"))
  }

  @Test("A wide range of magnitudes can be drawn", arguments: [Float(1e-30), 1e-5, 1, 1e5, 1e30])
  func magnitudes(scale: Float) throws {
    let values = (0..<160).map { scale * Float($0) }
    #expect(try !figure(overlay: Tensor([20, 8], values)).png(scale: 1).isEmpty)
  }

  @Test("Values that are not finite are refused by place", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) {
    let overlay = grid([20, 8], [(4, 2, value)])
    #expect {
      try figure(overlay: overlay).png()
    } throws: { error in
      guard case .notFinite("the overlay", 4, 2, _)? = error as? FigureError else { return false }
      return "\(error)".contains("frame 4, band 2")
    }
    var broken = figure()
    broken.spectrogram = overlay
    #expect(throws: FigureError.self) { try broken.svg() }
  }

  @Test("What does not fit together is refused")
  func refused() {
    #expect(
      throws: FigureError.shape(what: "the overlay", shape: [3, 8], expected: "[20, 8], as the spectrogram")
    ) {
      try figure(overlay: Tensor([3, 8])).png()
    }
    #expect(throws: FigureError.self) { try figure(frames: 0).png() }
    #expect(throws: FigureError.self) { try figure(hop: 0).png() }
    #expect(throws: FigureError.self) { try figure(hop: .nan).png() }
    #expect(throws: FigureError.self) { try figure().png(scale: 100) }
    #expect(throws: FigureError.self) { try figure().png(scale: .nan) }
    var fewer = figure()
    fewer.bandCentres.removeLast()
    #expect(throws: FigureError.self) { try fewer.png() }
    let region = TimeFrequencyFigure.Region(start: .nan, end: 1, low: 0, high: 1)
    #expect(throws: FigureError.self) { try figure(regions: [region]).png() }
  }

  @Test("Geometry names the axes and the time between them")
  func geometry() throws {
    let plot = try figure(hop: 0.5).plotGeometry()
    #expect(plot.startTime == 0)
    #expect(plot.endTime == 10)
    #expect(plot.fraction(of: 0) == plot.left)
    #expect(abs(plot.fraction(of: 10) - plot.right) < 1e-12)
    // The frame around the axes is dark, just where the geometry says.
    let picture = try DecodedPNG(try figure().png())
    #expect(picture.color(plot.left, (plot.top + plot.bottom) / 2).lightness < 30)
    #expect(picture.color((plot.left + plot.right) / 2, plot.bottom).lightness < 30)
    #expect(picture.color(plot.left - 0.003, 0.15) == Color(255, 255, 255))
  }

  @Test("Long captions make the picture taller, long titles are shortened, and neither overflows")
  func longTexts() throws {
    let word = String(repeating: "Donaudampfschifffahrt", count: 60)
    let figure = figure(
      title: word, caption: "layer \(word) \(String(repeating: "of many words ", count: 400))")
    let picture = try DecodedPNG(try figure.png(scale: 1))
    #expect(picture.height > 420 && picture.height < 560)
    let margin = (0..<picture.height).map {
      picture.color(0.994, (Double($0) + 0.5) / Double(picture.height))
    }
    #expect(margin.allSatisfy { $0 == Color(255, 255, 255) })
    let plot = try figure.plotGeometry()
    #expect(abs(plot.bottom * Double(picture.height) - 330) < 0.01)
  }

  @Test("Regions are framed, and clipped to the axes")
  func regions() throws {
    let region = TimeFrequencyFigure.Region(start: 0.05, end: 9, low: 300, high: 1e6, label: "bark")
    let framed = figure(regions: [region])
    #expect(try framed.png() != figure().png())
    let picture = try DecodedPNG(try framed.png())
    let plot = try framed.plotGeometry()
    #expect(picture.color(plot.right + 0.006, 0.5) == Color(255, 255, 255))
  }

  @Test("An SVG is one whole element with title, description, glyphs and the heat map's image")
  func svg() throws {
    let text = String(decoding: try figure(title: "a <b> & \"c\"\u{1}").svg(), as: UTF8.self)
    #expect(text.hasPrefix("<?xml"))
    #expect(text.contains("<svg "))
    #expect(text.hasSuffix("</svg>\n"))
    #expect(text.contains("<title>a &lt;b&gt; &amp; &quot;c&quot; </title>"))
    #expect(text.contains("<desc>"))
    #expect(text.contains("data:image/png;base64,"))
    // "frequency (Hz, mel spacing)", "time (s)", ticks and caption are some hundred glyphs.
    #expect(text.split(separator: "<use ").count > 60)
  }

  @Test("The description names the peak in seconds and hertz")
  func alternativeText() throws {
    let text = try figure(overlay: grid([20, 8], [(12, 3, 1.0)])).alternativeText()
    #expect(text.contains("strongest at 0.13 s, 500 Hz"), "\(text)")
  }
}
