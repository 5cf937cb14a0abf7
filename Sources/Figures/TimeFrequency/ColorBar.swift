import Glibc

/// The colours and what they stand for: those of a heat map as they look on a middling grey, the greys, or those of a map.
struct ColorBar {
  let scale: ValueScale
  /// Whether the values are drawn as heat rather than in greys.
  let isHeat: Bool
  let label: String
  var bar = Layout.colorBar
  /// The colours of a picture without greys; nil for heat or greys.
  var colormap: Colormap?
  /// Between which heights the label may stand; nil for the bar's and a little more.
  var labelRoom: ClosedRange<Double>?

  func draw(on surface: borrowing Surface) throws(FigureError) {
    let greys = Heat.greyTable(isUnderHeat: isHeat)
    let rows = Int((bar.height * surface.scale).rounded())
    let columns = Int((bar.width * surface.scale).rounded())
    let colors = self.colors
    let raster = try Raster(width: columns, height: rows) { pixels, pitch in
      for row in 0..<rows {
        let position = scale.isConstant ? 0.5 : 1 - (Double(row) + 0.5) / Double(rows)
        var color = greys[Int((position * Double(greys.count - 1)).rounded())]
        if let colormap {
          color = colormap[position]
        } else if let colors {
          let (top, opacity) = colors.color(at: position)
          color = top.over(greys[greys.count / 3], opacity: opacity)
        }
        let pixel = UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
        pixels[row * pitch..<row * pitch + columns].update(repeating: pixel)
      }
    }
    try surface.draw(raster, in: bar)
    try surface.outline(bar, .ink, thickness: 1)
    try drawTicks(on: surface)
    let room = labelRoom ?? bar.top - 20...bar.bottom + 20
    let fitting = try surface.shortened(label, .label, toFit: room.upperBound - room.lowerBound)
    // Beside the middle of the bar, if it fits there.
    let half = try surface.textWidth(fitting, .label) / 2
    let middle = max(min((bar.top + bar.bottom) / 2, room.upperBound - half), room.lowerBound + half)
    try surface.text(fitting, x: bar.right + 64, y: middle, .label, anchor: .middle, turned: true)
  }

  private var colors: HeatColors? { isHeat ? HeatColors(scale: scale) : nil }

  private func drawTicks(on surface: borrowing Surface) throws(FigureError) {
    let x = bar.right + 8
    if scale.isConstant {
      let middle = (bar.top + bar.bottom) / 2
      try surface.text(Ticks.compact(scale.high), x: x, y: middle + 4.3, .tick)
      try surface.text("constant", x: x - 20, y: bar.bottom + 18, .caption)
      return
    }
    // Very large and very small numbers share a power of ten, written once under the bar.
    let exponent = Int(log10(max(abs(scale.low), abs(scale.high))).rounded(.down))
    let isScaled = exponent < -2 || exponent > 3
    let unit = isScaled ? pow(10, Double(exponent)) : 1
    if isScaled {
      try surface.text("× 10" + Ticks.superscript(exponent), x: bar.left - 2, y: bar.bottom + 18, .tick)
    }
    for tick in Ticks.linear(in: scale.low / unit...scale.high / unit, wanted: 5) {
      let position = (tick.value * unit - scale.low) / (scale.high - scale.low)
      let y = bar.bottom - position * bar.height
      try surface.line(from: (bar.right, y), to: (bar.right + 4, y), .ink, thickness: 1)
      try surface.text(tick.label, x: x, y: y + 4.3, .tick)
    }
    // Points where the values go on beyond what the colours tell apart.
    let colors = self.colors
    func end(_ position: Double) -> Color {
      colormap?[position] ?? colors?.color(at: position).color ?? Colormap.greys[position]
    }
    let middle = (bar.left + bar.right) / 2
    if scale.isCutAbove {
      try surface.triangle((bar.left, bar.top), (middle, bar.top - 9), (bar.right, bar.top), end(1))
    }
    if scale.isCutBelow {
      try surface.triangle(
        (bar.left, bar.bottom), (middle, bar.bottom + 9), (bar.right, bar.bottom), end(isHeat ? 0 : 0.05)
      )
    }
  }
}
