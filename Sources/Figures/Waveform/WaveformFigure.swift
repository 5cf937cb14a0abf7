public import Tensors

/// A waveform, and in its colour how much its samples matter.
///
/// A column of pixels reaches from the smallest to the largest of its samples. Colour is the attribution, of the sample in
/// the column that is farthest from zero: on the scale and in the colours of a heat map over a spectrogram
/// (`TimeFrequencyFigure`), and on the same time axis, so that pictures of one sound lie over one another. It fills the
/// waveform and, darker, the whole height behind it: what matters may be quiet.
public struct WaveformFigure: TimeFigure {
  /// From −1 to 1 at full scale, `[samples]`.
  public var samples: Tensor

  /// How much each of them matters, `[samples]`.
  public var attribution: Tensor

  /// What the attribution is, with its unit; written along the colour bar.
  public var attributionLabel: String

  /// In hertz.
  public var sampleRate: Int

  /// The time of the first sample, in seconds.
  public var start: Double

  /// What the time axis spans, in seconds.
  public var times: ClosedRange<Double>

  public var title: String
  public var caption: String

  public init(
    samples: Tensor, attribution: Tensor, attributionLabel: String, sampleRate: Int, start: Double,
    times: ClosedRange<Double>, title: String, caption: String = ""
  ) {
    (self.samples, self.attribution, self.attributionLabel) = (samples, attribution, attributionLabel)
    (self.sampleRate, self.start, self.times) = (sampleRate, start, times)
    (self.title, self.caption) = (title, caption)
  }

  public func png(scale: Double = 2) throws(FigureError) -> [UInt8] {
    let content = try Content(self)
    return try Layout(caption: caption).png(scale: scale) { layout, surface throws(FigureError) in
      try draw(content, layout, on: surface)
    }
  }

  public func pixels(scale: Double = 2) throws(FigureError) -> Pixels {
    let content = try Content(self)
    return try Layout(caption: caption).pixels(scale: scale) { layout, surface throws(FigureError) in
      try draw(content, layout, on: surface)
    }
  }

  public func svg() throws(FigureError) -> [UInt8] {
    let content = try Content(self)
    let drawn = try Layout(caption: caption).svg { layout, surface throws(FigureError) in
      try draw(content, layout, on: surface)
    }
    return SVG.described(drawn, title: title, description: alternativeText(content))
  }

  public func plotGeometry() throws(FigureError) -> PlotGeometry {
    _ = try Content(self)
    return try Layout(caption: caption).geometry(times: times)
  }

  public func alternativeText() throws(FigureError) -> String { alternativeText(try Content(self)) }

  private func alternativeText(_ content: Content) -> String {
    func seconds(_ value: Double) -> String { Decimals.text(value, places: 2) }
    var text = """
      \(title): waveform from \(seconds(times.lowerBound)) to \(seconds(times.upperBound)) s, amplitude up to \
      \(Ticks.compact(content.peak)).
      """
    if let strongest = content.strongest {
      text +=
        " \(attributionLabel) is strongest at \(seconds(start + Double(strongest) / Double(sampleRate))) s."
    }
    return text
  }

  private func draw(_ content: Content, _ layout: Layout, on surface: borrowing Surface) throws(FigureError) {
    let plot = Layout.plot
    let scale = surface.scale
    let raster = try content.raster(
      width: Int((plot.width * scale).rounded()), height: Int((plot.height * scale).rounded()))
    try surface.draw(raster, in: plot)
    try Panel(
      title: title, times: times, layout: layout,
      colorBar: ColorBar(scale: content.scale, isHeat: true, label: attributionLabel)
    ).draw(on: surface)
    for tick in Ticks.linear(in: -content.limit...content.limit, wanted: 5) {
      let y = (plot.top + plot.bottom) / 2 - plot.height / 2 * tick.value / content.limit
      try Panel.drawTick(tick.label, y: y, on: surface)
    }
    try Panel.drawAxisLabel("amplitude (1 = full scale)", on: surface)
  }
}
