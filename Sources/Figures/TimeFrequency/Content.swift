import Tensors

extension TimeFrequencyFigure {
  /// A figure's numbers, checked, with what has to be known about all of them before any is drawn.
  struct Content {
    let frames: Int
    let bands: Int
    /// What the frequency axis spaces evenly.
    let axis: BandAxis
    /// The bands where they are drawn on another axis than their own.
    private let ownAxis: BandAxis?
    /// Seconds at the left edge of the first frame and the right edge of the last.
    let times: ClosedRange<Double>
    let loudness: Grid
    var heat: Grid?

    /// Values on the figure's grid, frame by frame, with the scale they are drawn on.
    struct Grid {
      let values: [Float]
      let bands: Int
      var scale: ValueScale

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
      let own = try BandAxis(centres: figure.bandCentres)
      axis =
        try figure.axisCentres.map { centres throws(FigureError) in
          guard !centres.isEmpty else {
            throw .shape(what: "the list of axis centres", shape: [0], expected: "one at least")
          }
          return try BandAxis(centres: centres)
        } ?? own
      ownAxis = figure.axisCentres == nil ? nil : own
      let left = figure.start - figure.hop / 2
      times = left...(left + Double(frames) * figure.hop)
      let loud = try Self.finite(figure.spectrogram, "the spectrogram")
      loudness = Grid(
        values: loud, bands: bands, scale: figure.spectrogramRange.map { .given($0) } ?? .loudness(loud))
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

    /// The bands that each row of a picture of that height shows, from below: rows as high as bands, or higher than several;
    /// on another axis a row a pixel, with the bands whose centres lie in it, else the nearest.
    func bandsOfRows(_ height: Int) -> [Range<Int>] {
      guard let ownAxis else {
        let rows = min(bands, height)
        return (0..<rows).map { $0 * bands / rows..<($0 + 1) * bands / rows }
      }
      let step = Double(axis.centres.count) / Double(height)
      return (0..<height).map { row in
        let bottom = Double(row) * step - 0.5
        let first = ownAxis.count(below: axis.frequency(at: bottom))
        let end = ownAxis.count(below: axis.frequency(at: bottom + step))
        guard first == end else { return first..<end }
        let nearest = Int(ownAxis.position(of: axis.frequency(at: bottom + step / 2)).rounded())
        let band = min(max(nearest, 0), bands - 1)
        return band..<band + 1
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
