import CCairo

extension Surface {
  /// A line through `points`, straight from each to the next.
  func polyline(
    _ points: [(x: Double, y: Double)], _ color: Color, thickness: Double, dashes: [Double] = []
  ) throws(FigureError) {
    trace(points)
    use(color)
    cairo_set_line_width(context, thickness)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(context, dashes, Int32(dashes.count), 0)
    cairo_stroke(context)
    cairo_set_dash(context, [], 0, 0)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_MITER)
    try check("drawing a line of \(points.count) points")
  }

  func fill(polygon points: [(x: Double, y: Double)], _ color: Color, opacity: Double) throws(FigureError) {
    trace(points)
    cairo_close_path(context)
    use(color, opacity: opacity)
    cairo_fill(context)
    try check("filling a polygon of \(points.count) points")
  }

  func dot(at point: (x: Double, y: Double), radius: Double, _ color: Color) throws(FigureError) {
    use(color)
    cairo_new_sub_path(context)
    cairo_arc(context, point.x, point.y, radius, 0, 2 * Double.pi)
    cairo_fill(context)
    try check("drawing a dot")
  }

  func ring(
    at point: (x: Double, y: Double), radius: Double, _ color: Color, thickness: Double
  ) throws(FigureError) {
    use(color)
    cairo_set_line_width(context, thickness)
    cairo_new_sub_path(context)
    cairo_arc(context, point.x, point.y, radius, 0, 2 * Double.pi)
    cairo_stroke(context)
    try check("drawing a ring")
  }

  /// Draws nothing outside `area` until `unclip`.
  func clip(to area: Rectangle) throws(FigureError) {
    cairo_rectangle(context, area.left, area.top, area.width, area.height)
    cairo_clip(context)
    try check("clipping")
  }

  func unclip() throws(FigureError) {
    cairo_reset_clip(context)
    try check("clipping")
  }

  private func trace(_ points: [(x: Double, y: Double)]) {
    for (index, point) in points.enumerated() {
      if index == 0 {
        cairo_move_to(context, point.x, point.y)
      } else {
        cairo_line_to(context, point.x, point.y)
      }
    }
  }
}
