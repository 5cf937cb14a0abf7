import Figures
import Tensors
import Testing

struct WaveformFigureTests {
  /// One second of the highest tone there is, and something that matters in its middle.
  private func figure(hot: Float = 1, count: Int = 8000) -> WaveformFigure {
    let samples = (0..<count).map { Float($0 % 2 == 0 ? 0.5 : -0.5) }
    var attribution = Tensor([count])
    for place in count * 2 / 5..<count * 3 / 5 { attribution[place] = hot }
    return WaveformFigure(
      samples: Tensor([count], samples), attribution: attribution, attributionLabel: "|∂logit / ∂sample|",
      sampleRate: 8000, start: 0, times: 0...1, title: "square.wav: Siren 0.7", caption: "Saliency")
  }

  @Test("It has the size and the axes of a time-frequency figure of the same times")
  func size() throws {
    let figure = figure()
    let picture = try DecodedPNG(try figure.png(scale: 1))
    #expect(picture.width == 1000 && picture.height == 420)
    let plot = try figure.plotGeometry()
    var other = TimeFrequencyFigure(
      spectrogram: Tensor([100, 4]), start: 0.005, hop: 0.01, bandCentres: [1, 2, 3, 4], title: "")
    other.caption = "Saliency"
    let reference = try other.plotGeometry()
    #expect(
      (plot.left, plot.top, plot.right, plot.bottom) == (
        reference.left, reference.top, reference.right, reference.bottom
      ))
    #expect(abs(plot.startTime - reference.startTime) < 1e-9 && abs(plot.endTime - reference.endTime) < 1e-9)
    #expect(
      String(decoding: try figure.svg(), as: UTF8.self).contains("<title>square.wav: Siren 0.7</title>"))
    #expect(try figure.alternativeText().contains("amplitude up to 0.5"))
  }

  @Test("Colour is where the attribution is; the waveform stands out of its ground")
  func colors() throws {
    let figure = figure()
    let plot = try figure.plotGeometry()
    let picture = try DecodedPNG(try figure.png())
    func color(_ x: Double, _ y: Double) -> Color {
      picture.color(plot.left + (plot.right - plot.left) * x, plot.top + (plot.bottom - plot.top) * y)
    }
    #expect(color(0.5, 0.5).chroma > 60 && color(0.2, 0.5).chroma == 0)
    // At 0.5 of 0.54 the waveform ends.
    #expect(color(0.2, 0.06).lightness > color(0.2, 0.02).lightness + 40)
    #expect(color(0.5, 0.01).chroma > 10 && color(0.2, 0.01).chroma == 0)
    #expect(color(0.5, 0.5).lightness > color(0.5, 0.01).lightness)
  }

  @Test("What is no figure is refused, what is hardly one is drawn")
  func limits() throws {
    for count in [1, 3] { #expect(try !figure(count: count).png().isEmpty) }
    #expect(try !figure(hot: 0).png().isEmpty)
    #expect(try !figure(hot: -2).png().isEmpty)
    var none = figure()
    none.attribution = Tensor([5])
    #expect(throws: FigureError.self) { try none.png() }
    none = figure()
    none.samples[7] = .nan
    #expect(throws: FigureError.self) { try none.png() }
    none = figure()
    none.times = 1...1
    #expect(throws: FigureError.self) { try none.plotGeometry() }
  }

  @Test("Bins of a linear spectrogram lie where the mel axis has their frequency")
  func linearBins() throws {
    var overlay = Tensor([20, 65])
    // 1000 Hz, and 125 Hz away from it nothing.
    for frame in 0..<20 { overlay[frame, 8] = 1 }
    var figure = TimeFrequencyFigure(
      spectrogram: Tensor([20, 65]), overlay: overlay, start: 0.05, hop: 0.1,
      bandCentres: (0..<65).map { Double($0) * 125 }, title: "linear")
    // An octave a band, 125 Hz to 4 kHz.
    figure.axisCentres = [125, 250, 500, 1000, 2000, 4000]
    let plot = try figure.plotGeometry()
    let picture = try DecodedPNG(try figure.png())
    func color(band: Double) -> Color {
      picture.color(
        (plot.left + plot.right) / 2, plot.bottom - (plot.bottom - plot.top) * (band + 0.5) / 6)
    }
    #expect(color(band: 3).chroma > 60)
    // Its edges, 937.5 and 1062.5 Hz: an eighth below, a sixteenth above.
    #expect(color(band: 2.9).chroma > 60 && color(band: 2.8).chroma == 0)
    #expect(color(band: 3.05).chroma > 60 && color(band: 3.1).chroma == 0)
    figure.axisCentres = []
    #expect(throws: FigureError.self) { try figure.png() }
  }
}
