extension SheetFigure {
  /// The one drawing routine behind every format.
  func draw(_ layout: SheetLayout, on surface: borrowing Surface) throws(FigureError) {
    let left = layout.boxes[0].left
    let fitting = try surface.shortened(title, .title, toFit: SheetLayout.width - left - 20)
    try surface.text(fitting, x: left, y: 25, .title)
    for index in cells.indices { try drawCell(index, layout, on: surface) }
    for (index, link) in links.enumerated() { try draw(link, index, layout, on: surface) }

    let (top, bottom) = (layout.boxes[0].top, layout.boxes[cells.count - 1].bottom)
    let isHeat = cells.contains { $0.under != nil }
    let share = scaling == .shared ? "" : " (1 = each picture's largest)"
    try ColorBar(
      scale: layout.barScale, isHeat: isHeat, label: valueLabel + share, bar: layout.bar,
      colormap: isHeat ? nil : colors(isSigned: layout.barScale.isSigned),
      labelRoom: min(top, layout.bar.top) - 20...max(bottom, layout.bar.bottom) + 20
    ).draw(on: surface)
    let last = layout.plots.map(\.right).max() ?? left
    let across = acrossLabel ?? Ticks.timeLabel(for: layout.contents[0].across)
    try surface.text(
      across, x: (layout.plots[0].left + last) / 2, y: layout.acrossLabelY, .label, anchor: .middle)
    let up = try surface.shortened(upLabel, .label, toFit: bottom - top + 60)
    let width = try surface.textWidth(up, .label)
    // A long name beside a low sheet stays below the title.
    let middle = max((top + bottom) / 2, 34 + width / 2)
    try surface.text(up, x: 22, y: middle, .label, anchor: .middle, turned: true)
    for (index, line) in layout.captionLines.enumerated() {
      let y = layout.acrossLabelY + 22 + Double(index) * SheetLayout.captionLine
      try surface.text(line, x: left, y: y, .caption)
    }
  }

  private func colors(isSigned: Bool) -> Colormap {
    colormap ?? (reading == .level ? .greys : isSigned ? .diverging : .inferno)
  }

  /// Those of a cell with a scale of its own.
  private static func colors(_ content: SheetContent) -> Colormap {
    content.reading == .level ? .greys : content.scale.isSigned ? .diverging : .inferno
  }

  private func drawCell(
    _ index: Int, _ layout: SheetLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    let (cell, content) = (cells[index], layout.contents[index])
    let (plot, box) = (layout.plots[index], layout.boxes[index])
    let raster = try SheetRaster.raster(
      content, content.isApart ? Self.colors(content) : colors(isSigned: content.scale.isSigned),
      width: max(1, Int((plot.width * surface.scale).rounded())),
      height: max(1, Int((plot.height * surface.scale).rounded())))
    try surface.draw(raster, in: plot)
    try surface.outline(plot, .quietInk, thickness: 0.6)
    for region in cell.regions { try draw(region, index, layout, on: surface) }
    for mark in cell.marks {
      let place = layout.place(mark.across, mark.up, inCell: index)
      try surface.ring(at: place, radius: mark.radius, .ink, thickness: 2.4)
      try surface.ring(at: place, radius: mark.radius, .white, thickness: 1.2)
    }

    let note = cell.note ?? (scaling == .each && !content.isApart ? content.note : "")
    let width = box.right - plot.left
    let noteWidth = try surface.textWidth(note, .cellNote)
    // A name says more than a number.
    let hasRoom = try surface.textWidth(cell.title, .cellTitle) + noteWidth + 5 <= width
    let title = hasRoom ? cell.title : try surface.shortened(cell.title, .cellTitle, toFit: width)
    try surface.text(title, x: plot.left, y: plot.top - 4, .cellTitle)
    if hasRoom { try surface.text(note, x: box.right, y: plot.top - 4, .cellNote, anchor: .end) }

    if !layout.sharesAxes || layout.isLowest(index) {
      try drawAcross(content, plot, on: surface)
    }
    if !layout.sharesAxes || layout.isLeftmost(index) { try drawUp(content, plot, on: surface) }
  }

  /// Round values, as many as have room.
  private func drawAcross(
    _ content: SheetContent, _ plot: Rectangle, on surface: borrowing Surface
  ) throws(FigureError) {
    let range = content.across
    let length = range.upperBound - range.lowerBound
    let wanted = max(3, min(7, Int(plot.width / 60)))
    // A tick that misses the axis by little is written: frames rarely start at zero to the millisecond.
    let widened = range.lowerBound - length / 200...range.upperBound + length / 200
    let ticks =
      acrossLabel == nil ? Ticks.time(in: widened, wanted: wanted) : Ticks.linear(in: widened, wanted: wanted)
    var widest = 0.0
    for tick in ticks { widest = max(widest, try surface.textWidth(tick.label, .cellTick)) }
    // Where they have no room, every other one, or every third, zero among them.
    let pitch = ticks.count > 1 ? plot.width * (ticks[1].value - ticks[0].value) / length : plot.width
    let every = max(1, Int(((widest + 6) / max(pitch, 0.1)).rounded(.up)))
    let zero = (ticks.firstIndex { $0.value == 0 } ?? 0) % every
    let first = zero + every < ticks.count ? zero : 0
    for tick in ticks[min(first, ticks.count)...].enumerated() where tick.offset % every == 0 {
      let x = plot.left + plot.width * min(max((tick.element.value - range.lowerBound) / length, 0), 1)
      try surface.line(from: (x, plot.bottom), to: (x, plot.bottom + 3), .quietInk, thickness: 0.75)
      try surface.text(tick.element.label, x: x, y: plot.bottom + 12.5, .cellTick, anchor: .middle)
    }
  }

  private func drawUp(
    _ content: SheetContent, _ plot: Rectangle, on surface: borrowing Surface
  ) throws(FigureError) {
    var free = Double.infinity
    for tick in content.up.ticks(apart: 11 / plot.height) {
      let y = plot.bottom - plot.height * min(max(content.up.position(of: tick.value), 0), 1)
      guard y <= free else { continue }
      try surface.line(from: (plot.left - 3, y), to: (plot.left, y), .quietInk, thickness: 0.75)
      try surface.text(tick.label, x: plot.left - 5, y: y + 3.2, .cellTick, anchor: .end)
      free = y - 10
    }
  }

  private func draw(
    _ region: TimeFrequencyFigure.Region, _ index: Int, _ layout: SheetLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    guard [region.start, region.end, region.low, region.high].allSatisfy(\.isFinite) else {
      throw .value(what: "a region's edge", value: "\(region)", expected: "finite numbers")
    }
    let lower = layout.place(min(region.start, region.end), min(region.low, region.high), inCell: index)
    let upper = layout.place(max(region.start, region.end), max(region.low, region.high), inCell: index)
    let area = Rectangle(left: lower.x, top: upper.y, right: upper.x, bottom: lower.y)
    try surface.outline(area, .ink, thickness: 2)
    try surface.outline(area, .white, thickness: 1, dashes: [4, 3])
  }

  private func draw(
    _ link: Link, _ index: Int, _ layout: SheetLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    for end in [link.from, link.to] where !cells.indices.contains(end.cell) {
      throw .value(what: "a link's cell", value: "\(end.cell)", expected: "0 to \(cells.count - 1)")
    }
    let start = layout.place(link.from.across, link.from.up, inCell: link.from.cell)
    let end = layout.place(link.to.across, link.to.up, inCell: link.to.cell)
    let color = CurvePen(index % CurvePen.count).color
    try surface.line(from: start, to: end, .white, thickness: 2.6)
    try surface.line(from: start, to: end, color, thickness: 1.4)
    for place in [start, end] {
      try surface.dot(at: place, radius: 3.2, .white)
      try surface.dot(at: place, radius: 2.4, color)
    }
  }
}

/// A cell's image: values to pixels.
enum SheetRaster {
  /// The values through `colors`; where there is an image below, in the colours of heat over its greys.
  static func raster(
    _ content: SheetContent, _ colors: Colormap, width: Int, height: Int
  ) throws(FigureError) -> Raster {
    let top = Heat.Shrunk(content.grid.values, content.grid.frames, content.grid.bands, width, height) {
      content.scale.isSigned ? abs($0) > abs($1) : $0 > $1
    }
    let below = content.under.map { Heat.Shrunk($0.values, $0.frames, $0.bands, width, height, by: >) }
    let greys = Heat.greyTable(isUnderHeat: true)
    let heat = HeatColors(scale: content.scale)
    return try Raster(width: width, height: height) { pixels, pitch in
      for y in 0..<height {
        for x in 0..<width {
          let position = content.scale.position(of: top.value(x, y, width, height))
          var color = colors[position]
          if let below, let scale = content.underScale {
            let grey = scale.position(of: below.value(x, y, width, height))
            let (over, opacity) = heat.color(at: position)
            color = over.over(greys[Int((grey * Double(greys.count - 1)).rounded())], opacity: opacity)
          }
          pixels[y * pitch + x] = UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
        }
      }
    }
  }
}

extension TextStyle {
  fileprivate static let cellTitle = TextStyle(size: 9.5, bold: true)
  fileprivate static let cellNote = TextStyle(size: 8.5, color: .quietInk)
  fileprivate static let cellTick = TextStyle(size: 9, color: .quietInk)
}
