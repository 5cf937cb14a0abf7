public import Tensors

/// A log-mel spectrogram in grey, and over it, in colour, how much each of its bins matters.
///
/// Frame `i` of band `b` is drawn as the rectangle from `start + (i - 0.5) * hop` to `start + (i + 0.5) * hop` seconds
/// and half a band to both sides of `bandCentres[b]`, with sharp edges: nothing is interpolated. Where a pixel holds
/// several bins it shows the largest (of a signed overlay, the one farthest from zero), so that no peak is lost.
///
/// Grey is loudness, lighter is louder. Colour is the overlay, from transparent at zero to opaque at its largest
/// magnitude, so that the sound shows through where the overlay is quiet: `Colormap.inferno` from zero up, or
/// `Colormap.diverging` if any value is negative, symmetric about zero. An overlay of one value throughout is drawn
/// as an even veil, and the colour bar names the value; an all-zero one is not drawn. Of 1000 non-zero values or more
/// the strongest 0.2 % may share the last colour, where they would leave the rest dark; the colour bar then ends in a
/// point.
///
/// Where `axisCentres` are given, they are what the frequency axis spaces evenly, and the spectrogram's own bands are drawn
/// where they lie on it: a linear spectrogram's bins over the axis of a mel one.
///
///     let figure = TimeFrequencyFigure(
///       spectrogram: mel, overlay: saliency, overlayLabel: "saliency |∂logit/∂log-mel|", start: 0.0125, hop: 0.01,
///       bandCentres: centres, title: "dog.mp3: Dog 0.92", caption: "Saliency; target Dog (69)")
///     try WholeFile.write(figure.png(), to: "dog.saliency.png")
public struct TimeFrequencyFigure: TimeFigure {
  /// Log-mel values, [frames, bands], lowest band first; larger is louder.
  public var spectrogram: Tensor

  /// What the heat map shows, [frames, bands] on the spectrogram's grid; nil for the spectrogram alone.
  public var overlay: Tensor?

  /// What the overlay is, with its unit; written along the colour bar.
  public var overlayLabel: String

  /// The time of the first frame's centre, in seconds.
  public var start: Double

  /// The time from frame to frame, in seconds.
  public var hop: Double

  /// The centre of each band, in hertz, rising.
  public var bandCentres: [Double]

  /// The frequencies that the axis spaces evenly, in hertz, rising; nil for the bands' own.
  public var axisCentres: [Double]?

  /// One line above the picture; what does not fit is replaced by an ellipsis.
  public var title: String

  /// Small type under the picture, wrapped: method, layer, target, parameters.
  public var caption: String

  /// Places to mark with a dashed frame.
  public var regions: [Region]

  /// What the frequency axis says.
  public var axisLabel = "frequency (Hz, mel spacing)"

  /// What the spectrogram's values are, with their unit; written along the colour bar if there is no overlay.
  public var spectrogramLabel: String

  /// Which of them are black and white; nil for the lowest (1 % quantile) and the largest. For pictures that are compared.
  public var spectrogramRange: ClosedRange<Double>?

  /// A part of the time-frequency plane worth pointing at.
  public struct Region: Sendable, Hashable {
    /// Seconds.
    public var start: Double
    public var end: Double
    /// Hertz.
    public var low: Double
    public var high: Double
    public var label: String

    public init(start: Double, end: Double, low: Double, high: Double, label: String = "") {
      self.start = start
      self.end = end
      self.low = low
      self.high = high
      self.label = label
    }
  }

  public init(
    spectrogram: Tensor, overlay: Tensor? = nil, overlayLabel: String = "relevance", start: Double,
    hop: Double,
    bandCentres: [Double], title: String, caption: String = "", regions: [Region] = [],
    spectrogramLabel: String = "log-mel energy"
  ) {
    self.spectrogram = spectrogram
    self.overlay = overlay
    self.overlayLabel = overlayLabel
    self.start = start
    self.hop = hop
    self.bandCentres = bandCentres
    self.title = title
    self.caption = caption
    self.regions = regions
    self.spectrogramLabel = spectrogramLabel
  }

  /// The figure as a PNG of `1000 * scale` pixels' width.
  ///
  /// - Parameter scale: pixels a point, 0.5 to 8; 2 is crisp on today's screens and in print at 12 cm.
  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let content = try Content(self)
    return try Layout(caption: caption).png(scale: scale) { layout, surface throws(FigureError) in
      try draw(content, layout, on: surface)
    }
  }

  /// The figure as an image of `1000 * scale` pixels' width.
  public func pixels(scale: Double = 2) throws(FigureError) -> Pixels {
    let content = try Content(self)
    return try Layout(caption: caption).pixels(scale: scale) { layout, surface throws(FigureError) in
      try draw(content, layout, on: surface)
    }
  }

  /// The figure as an SVG file, 1000 points wide: text and lines as outlines, the heat map as an image in it, title
  /// and caption as the elements `title` and `desc` for readers and search.
  public func svg() throws(FigureError) -> [UInt8] {
    let content = try Content(self)
    let drawn = try Layout(caption: caption).svg { layout, surface throws(FigureError) in
      try draw(content, layout, on: surface)
    }
    return SVG.described(drawn, title: title, description: alternativeText(content))
  }

  /// Where in the picture the axes lie, and what time they span; the same for PNG and SVG of any scale.
  public func plotGeometry() throws(FigureError) -> PlotGeometry {
    let content = try Content(self)
    return try Layout(caption: caption).geometry(times: content.times)
  }

  /// One sentence that says what can be seen, for those who cannot: the sound's extent, and the overlay's peak.
  public func alternativeText() throws(FigureError) -> String { alternativeText(try Content(self)) }

  private func alternativeText(_ content: Content) -> String {
    func seconds(_ value: Double) -> String { Decimals.text(value, places: 2) }
    let edges = content.axis.edges
    var text = """
      \(title): spectrogram from \(seconds(content.times.lowerBound)) to \(seconds(content.times.upperBound)) s, \
      \(Int(edges.lowerBound.rounded())) to \(Int(edges.upperBound.rounded())) Hz.
      """
    if let heat = content.heat {
      if heat.scale.isConstant {
        text += " \(overlayLabel): \(Ticks.compact(heat.scale.high)) throughout."
      } else {
        let (frame, band) = heat.peak
        text += """
           \(overlayLabel) is strongest at \(seconds(start + Double(frame) * hop)) s, \
          \(Int(bandCentres[band].rounded())) Hz.
          """
      }
    }
    return text
  }
}

/// Where the axes lie in a picture, as fractions of its width and height from the top left corner, and the times
/// (seconds) at their left and right end. Enough to move a cursor over the picture in time with the sound.
public struct PlotGeometry: Sendable, Hashable {
  public var left: Double
  public var top: Double
  public var right: Double
  public var bottom: Double
  public var startTime: Double
  public var endTime: Double

  public init(left: Double, top: Double, right: Double, bottom: Double, startTime: Double, endTime: Double) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
    self.startTime = startTime
    self.endTime = endTime
  }

  /// Where `time` (seconds) lies, as a fraction of the picture's width; may be outside the axes.
  public func fraction(of time: Double) -> Double {
    left + (right - left) * (time - startTime) / (endTime - startTime)
  }
}
