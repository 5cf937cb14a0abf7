import CCairo

/// How a text is set: size in points, weight and colour. The face is always DejaVu Sans.
struct TextStyle: Sendable {
  var size: Double
  var bold = false
  var color = Color.ink

  static let title = TextStyle(size: 15.5, bold: true)
  static let label = TextStyle(size: 12.5)
  static let tick = TextStyle(size: 12, color: .quietInk)
  static let caption = TextStyle(size: 11.5, color: .quietInk)
}

/// Where a text hangs at its point: at its start, middle or end.
enum Anchor { case start, middle, end }

extension Surface {
  /// Sets `text` in one line with its baseline at `y`; `turned` writes upwards, with its baseline at `x`.
  func text(
    _ text: String, x: Double, y: Double, _ style: TextStyle, anchor: Anchor = .start, turned: Bool = false
  ) throws(FigureError) {
    let text = printable(text)
    let width = try textWidth(text, style)
    let shift =
      switch anchor {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    use(style.color)
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_translate(context, x, y)
    if turned { cairo_rotate(context, -Double.pi / 2) }
    cairo_move_to(context, shift, 0)
    cairo_show_text(context, text)
    try check("writing '\(text)'")
  }

  /// How far `text` advances, in points.
  func textWidth(_ text: String, _ style: TextStyle) throws(FigureError) -> Double {
    cairo_select_font_face(
      context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
      style.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, style.size)
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, printable(text), &extents)
    try check("measuring '\(text)'")
    return extents.x_advance
  }

  /// `text`, or as much of its start as fits into `width` points with an ellipsis after it.
  func shortened(_ text: String, _ style: TextStyle, toFit width: Double) throws(FigureError) -> String {
    let characters = Array(printable(text).prefix(1000))
    if characters.count == text.count, try textWidth(text, style) <= width { return text }
    // The longest fitting prefix, by bisection: `fits` always fits, `fails` never.
    var fits = 0
    var fails = characters.count + 1
    while fails - fits > 1 {
      let middle = (fits + fails) / 2
      if try textWidth(String(characters[..<middle]) + "…", style) <= width {
        fits = middle
      } else {
        fails = middle
      }
    }
    while fits > 0, characters[fits - 1] == " " { fits -= 1 }
    return String(characters[..<fits]) + "…"
  }

  /// `text` broken into lines of at most `width` points, at spaces where there are any, and within a word where there
  /// are none; at most `limit` lines, the last of them ending in an ellipsis if something is left out.
  func wrapped(
    _ text: String, _ style: TextStyle, width: Double, limit: Int
  ) throws(FigureError) -> [String] {
    var lines = [String]()
    var words = printable(String(text.prefix(limit * 400))).split(separator: " ").map(String.init)[...]
    while let first = words.first {
      if lines.count == limit - 1 {
        lines.append(try shortened(words.joined(separator: " "), style, toFit: width))
        return lines
      }
      if try textWidth(first, style) > width {
        var head = Array(first)
        while head.count > 1, try textWidth(String(head), style) > width {
          head.removeLast(max(1, head.count / 16))
        }
        lines.append(String(head))
        words[words.startIndex] = String(first.dropFirst(head.count))
        continue
      }
      var line = words.removeFirst()
      while let next = words.first, try textWidth("\(line) \(next)", style) <= width {
        line += " \(next)"
        words.removeFirst()
      }
      lines.append(line)
    }
    return lines
  }

  /// Cairo takes C strings and draws control characters as boxes: those become spaces.
  private func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return text
    }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      scalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return String(scalars)
  }
}
