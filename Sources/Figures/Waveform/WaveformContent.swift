import Tensors

extension WaveformFigure {
  /// A figure's numbers, checked, and gathered into columns.
  struct Content {
    /// The largest magnitude of a sample.
    let peak: Double
    /// The amplitude at the upper edge; its negative is at the lower one.
    let limit: Double
    /// What the attribution is drawn on.
    let scale: ValueScale
    /// The sample with the largest attribution; nil where all is zero.
    let strongest: Int?
    private let columns: [Column?]

    /// What a column of pixels shows.
    private struct Column {
      var low: Float
      var high: Float
      var heat: Float
    }

    /// As many as a picture twice as fine as its points has.
    private static let columnCount = Int(Layout.plot.width * 2)

    init(_ figure: WaveformFigure) throws(FigureError) {
      let samples = try Self.finite(figure.samples, "the waveform")
      guard figure.attribution.shape == figure.samples.shape else {
        throw .shape(
          what: "the attribution", shape: figure.attribution.shape.dimensions,
          expected: "\(figure.samples.shape), as the waveform")
      }
      let heat = try Self.finite(figure.attribution, "the attribution")
      guard figure.sampleRate > 0 else {
        throw .value(what: "the sample rate", value: "\(figure.sampleRate) Hz", expected: "more than 0")
      }
      let times = figure.times
      guard figure.start.isFinite, times.lowerBound.isFinite, times.upperBound.isFinite,
        times.upperBound - times.lowerBound > 1e-9
      else { throw .value(what: "the time axis", value: "\(times) s", expected: "a stretch of time") }

      peak = Double(samples.reduce(0) { max($0, abs($1)) })
      limit = peak > 1e-30 ? peak * 1.08 : 1
      strongest = heat.indices.max { abs(heat[$0]) < abs(heat[$1]) }.flatMap { heat[$0] == 0 ? nil : $0 }
      let step = (times.upperBound - times.lowerBound) / Double(Self.columnCount) * Double(figure.sampleRate)
      let first = (times.lowerBound - figure.start) * Double(figure.sampleRate)
      columns = (0..<Self.columnCount).map { column in
        let place = first + Double(column) * step
        // With the samples to both sides, so that the columns hang together.
        let known = max(0, place.rounded(.down))...max(0, (place + step).rounded(.up))
        let last = Double(samples.count - 1)
        guard known.lowerBound <= last, place + step >= 0 else { return nil }
        let range = Int(known.lowerBound)...Int(min(known.upperBound, last))
        var found = Column(low: .infinity, high: -.infinity, heat: 0)
        for index in range {
          found.low = min(found.low, samples[index])
          found.high = max(found.high, samples[index])
          if abs(heat[index]) > abs(found.heat) { found.heat = heat[index] }
        }
        return found
      }
      scale = .relevance(heat)
    }

    func raster(width: Int, height: Int) throws(FigureError) -> Raster {
      let greys = Heat.greyTable(isUnderHeat: true)
      let (ground, line) = (greys[0], greys[greys.count * 2 / 3])
      let colors = HeatColors(scale: scale)
      let middle = Double(height) / 2
      let places = Double(height) / (2 * limit)
      return try Raster(width: width, height: height) { pixels, pitch in
        for x in 0..<width {
          let column = columns[(2 * x + 1) * columns.count / (2 * width)]
          let (over, opacity) = colors.color(at: scale.position(of: column?.heat ?? 0))
          // Where the waveform is but a line, the ground behind it tells as much.
          let behind = packed(over.over(ground, opacity: 0.5 * opacity))
          for y in 0..<height { pixels[y * pitch + x] = behind }
          guard let column else { continue }
          // A waveform has nothing behind it to be seen: its colours may cover it.
          let color = over.over(line, opacity: min(1, opacity / 0.75))
          let top = middle - Double(column.high) * places
          let bottom = middle - Double(column.low) * places
          // A pixel and a half at least.
          let slack = max(0, 1.5 - (bottom - top)) / 2
          let first = min(max(Int((top - slack).rounded()), 0), height - 1)
          let last = min(max(Int((bottom + slack).rounded()), first + 1), height)
          for y in first..<last { pixels[y * pitch + x] = packed(color) }
        }
      }
    }

    private func packed(_ color: Color) -> UInt32 {
      UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
    }

    private static func finite(_ tensor: Tensor, _ what: String) throws(FigureError) -> [Float] {
      guard tensor.shape.rank == 1, tensor.count > 0 else {
        throw .shape(what: what, shape: tensor.shape.dimensions, expected: "[samples], one at least")
      }
      let values = tensor.values
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        throw .notFinite(what: what, frame: place, band: 0, value: values[place])
      }
      return values
    }
  }
}
