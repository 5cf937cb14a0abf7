extension ConfusionFigure {
  /// The one drawing routine behind every format.
  func draw(_ layout: ConfusionLayout, on surface: borrowing Surface) throws(FigureError) {
    let fitting = try surface.shortened(title, .title, toFit: layout.width - 40)
    try surface.text(fitting, x: 20, y: 26, .title)
    for row in classes.indices {
      for column in classes.indices { try drawCell(row, column, layout, on: surface) }
      try drawNames(row, layout, on: surface)
    }
    try surface.outline(layout.matrix, .quietInk, thickness: 1)
    let matrix = layout.matrix
    try surface.text(
      "class", x: 24, y: (matrix.top + matrix.bottom) / 2, .label, anchor: .middle, turned: true)
    try surface.text(
      "taken for", x: (matrix.left + matrix.right) / 2, y: layout.columnTitle, .label, anchor: .middle)
    try surface.text("clips", x: matrix.right + 8, y: matrix.top - 6, .caption)
    try drawLegend(layout, on: surface)
    for (index, line) in layout.captionLines.enumerated() {
      try surface.text(
        line, x: 20, y: layout.captionTop + Double(index) * ConfusionLayout.captionLine, .caption)
    }
  }

  private func drawCell(
    _ row: Int, _ column: Int, _ layout: ConfusionLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    let area = layout.area(row: row, column: column)
    let support = support(row)
    guard support > 0 else {
      try surface.fill(area, .noClips)
      return try surface.outline(area, .white, thickness: 0.5)
    }
    let share = Double(counts[row][column]) / Double(support)
    let color = Color.cell(share, isRight: row == column)
    try surface.fill(area, color)
    try surface.outline(area, .cellLine, thickness: 0.5)
    guard counts[row][column] > 0 else { return }
    let text = content == .counts ? "\(counts[row][column])" : Self.percent(share)
    var style = layout.numberStyle
    style.color = color.lightness < 62 ? .white : .ink
    guard style.size >= 6, try surface.textWidth(text, style) <= layout.cell - 1 else { return }
    try surface.text(
      text, x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2 + style.size * 0.36, style,
      anchor: .middle)
  }

  /// Without the sign, which the caption says; what rounds to nothing is not 0.
  private static func percent(_ share: Double) -> String {
    let percent = Int((100 * share).rounded())
    return percent == 0 ? "<1" : "\(percent)"
  }

  private func drawNames(
    _ index: Int, _ layout: ConfusionLayout, on surface: borrowing Surface
  ) throws(FigureError) {
    let (row, column) = (layout.area(row: index, column: 0), layout.area(row: 0, column: index))
    let shift = layout.nameStyle.size * 0.36
    try surface.text(
      layout.rowNames[index], x: row.left - 8, y: (row.top + row.bottom) / 2 + shift, layout.nameStyle,
      anchor: .end)
    let middle = (column.left + column.right) / 2
    if layout.isTurned {
      try surface.text(
        layout.columnNames[index], x: middle + shift, y: layout.matrix.bottom + 8, layout.nameStyle,
        anchor: .end, turned: true)
    } else {
      try surface.text(
        layout.columnNames[index], x: middle, y: layout.matrix.bottom + 8 + layout.nameStyle.size,
        layout.nameStyle, anchor: .middle)
    }
    var quiet = layout.nameStyle
    quiet.color = .quietInk
    try surface.text(
      support(index) == 0 ? "none" : "\(support(index))", x: layout.matrix.right + 8,
      y: (row.top + row.bottom) / 2 + shift, quiet)
  }

  /// Both scales of colours, with the shares they stand for.
  private func drawLegend(_ layout: ConfusionLayout, on surface: borrowing Surface) throws(FigureError) {
    let steps: [Double] = [0, 0.05, 0.25, 0.5, 0.75, 1]
    let (top, side, left) = (layout.columnTitle + 14, 13.0, 20.0)
    var x = left
    for (isRight, name) in [(true, "right"), (false, "wrong")] {
      try surface.text(name, x: x, y: top + 10.5, .caption)
      x += try surface.textWidth(name, .caption) + 7
      for step in steps {
        let area = Rectangle(left: x, top: top, right: x + side, bottom: top + side)
        try surface.fill(area, .cell(step, isRight: isRight))
        try surface.outline(area, .cellLine, thickness: 0.5)
        x += side + 2
      }
      x += 16
    }
    try surface.text("0, 5, 25, 50, 75, 100 % of the class's clips", x: x, y: top + 10.5, .caption)
  }
}

extension Color {
  fileprivate static let cellLine = Color(226, 229, 233)
  fileprivate static let noClips = Color(238, 239, 241)

  /// Of a share: white for none; small ones are raised, so that a few mistakes among many clips can be seen.
  static func cell(_ share: Double, isRight: Bool) -> Color {
    guard share > 0 else { return .white }
    let (middle, dark) =
      isRight ? (Color(86, 160, 211), Color(0, 62, 115)) : (Color(238, 150, 84), Color(152, 58, 0))
    let place = 0.12 + 0.88 * min(share, 1).squareRoot()
    return place < 0.6
      ? middle.over(.white, opacity: place / 0.6) : dark.over(middle, opacity: (place - 0.6) / 0.4)
  }
}
