import Tensors

extension TimeFrequencyFigure {
  /// A figure's numbers, checked, with what has to be known about all of them before any is drawn.
  struct Content {
    let frames: Int
    let bands: Int
    let axis: BandAxis
    /// Seconds at the left edge of the first frame and the right edge of the last.
    let times: ClosedRange<Double>
    let loudness: Grid
    let heat: Grid?

    /// Values on the figure's grid, frame by frame, with the scale they are drawn on.
    struct Grid {
      let values: [Float]
      let bands: Int
      let scale: ValueScale

      /// Where the largest magnitude is.
      var peak: (frame: Int, band: Int) {
        var best = 0
        for index in values.indices where abs(values[index]) > abs(values[best]) { best = index }
        return (best / bands, best % bands)
      }
    }

    init(_ figure: TimeFrequencyFigure) throws(FigureError) {
      let shape = figure.spectrogram.shape
      guard shape.rank == 2, shape.count > 0 else {
        throw .shape(
          what: "the spectrogram", shape: shape.dimensions, expected: "[frames, bands], one of each at least")
      }
      frames = shape[0]
      bands = shape[1]
      guard figure.bandCentres.count == bands else {
        throw .shape(
          what: "the list of band centres", shape: [figure.bandCentres.count],
          expected: "\(bands), one a band")
      }
      guard figure.start.isFinite, abs(figure.start) < 1e9 else {
        throw .value(what: "the start", value: "\(figure.start) s", expected: "a time")
      }
      guard figure.hop > 1e-9, figure.hop < 1e9 else {
        throw .value(what: "the hop", value: "\(figure.hop) s", expected: "a duration above zero")
      }
      axis = try BandAxis(centres: figure.bandCentres)
      let left = figure.start - figure.hop / 2
      times = left...(left + Double(frames) * figure.hop)
      let loud = try Self.finite(figure.spectrogram, "the spectrogram")
      loudness = Grid(values: loud, bands: bands, scale: .loudness(loud))
      if let overlay = figure.overlay {
        guard overlay.shape == shape else {
          throw .shape(
            what: "the overlay", shape: overlay.shape.dimensions, expected: "\(shape), as the spectrogram")
        }
        let heat = try Self.finite(overlay, "the overlay")
        self.heat = Grid(values: heat, bands: bands, scale: .relevance(heat))
      } else {
        heat = nil
      }
      for region in figure.regions {
        guard [region.start, region.end, region.low, region.high].allSatisfy(\.isFinite) else {
          throw .value(what: "a region's edge", value: "\(region)", expected: "finite seconds and hertz")
        }
      }
    }

    private static func finite(_ tensor: Tensor, _ what: String) throws(FigureError) -> [Float] {
      let values = tensor.values
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        let bands = tensor.shape[1]
        throw .notFinite(what: what, frame: place / bands, band: place % bands, value: values[place])
      }
      return values
    }
  }
}
