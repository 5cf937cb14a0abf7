import CCairo

/// A rectangle in points: origin top left, y down.
struct Rectangle: Sendable, Equatable {
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double

  var width: Double { right - left }
  var height: Double { bottom - top }
}

extension Surface {
  func paint(_ color: Color) throws(FigureError) {
    use(color)
    cairo_paint(context)
    try check("painting the background")
  }

  func fill(_ area: Rectangle, _ color: Color, opacity: Double = 1) throws(FigureError) {
    use(color, opacity: opacity)
    cairo_rectangle(context, area.left, area.top, area.width, area.height)
    cairo_fill(context)
    try check("filling a rectangle")
  }

  /// Draws the outline of `area`, `thickness` points wide, dashed if `dashes` (points on, off, …) is not empty.
  func outline(
    _ area: Rectangle, _ color: Color, thickness: Double, dashes: [Double] = []
  ) throws(FigureError) {
    use(color)
    cairo_set_line_width(context, thickness)
    cairo_set_dash(context, dashes, Int32(dashes.count), 0)
    cairo_rectangle(context, area.left, area.top, area.width, area.height)
    cairo_stroke(context)
    cairo_set_dash(context, [], 0, 0)
    try check("outlining a rectangle")
  }

  func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ color: Color, thickness: Double
  ) throws(FigureError) {
    use(color)
    cairo_set_line_width(context, thickness)
    cairo_move_to(context, start.x, start.y)
    cairo_line_to(context, end.x, end.y)
    cairo_stroke(context)
    try check("drawing a line")
  }

  /// A triangle filled with `color`, outlined in ink.
  func triangle(
    _ a: (x: Double, y: Double), _ b: (x: Double, y: Double), _ c: (x: Double, y: Double), _ color: Color
  ) throws(FigureError) {
    cairo_move_to(context, a.x, a.y)
    cairo_line_to(context, b.x, b.y)
    cairo_line_to(context, c.x, c.y)
    cairo_close_path(context)
    use(color)
    cairo_fill_preserve(context)
    use(.ink)
    cairo_set_line_width(context, 1)
    cairo_stroke(context)
    try check("drawing a triangle")
  }

  /// A line down through `points` without corners: it leaves and reaches each of them vertically.
  func stroke(through points: [(x: Double, y: Double)], _ color: Color, thickness: Double) throws(FigureError)
  {
    guard var last = points.first else { return }
    use(color)
    cairo_set_line_width(context, thickness)
    cairo_move_to(context, last.x, last.y)
    for point in points.dropFirst() {
      let middle = (last.y + point.y) / 2
      cairo_curve_to(context, last.x, middle, point.x, middle, point.x, point.y)
      last = point
    }
    cairo_stroke(context)
    try check("drawing a curve")
  }

  /// The head of an arrow that points down at `tip`.
  func arrowhead(at tip: (x: Double, y: Double), _ color: Color) throws(FigureError) {
    use(color)
    cairo_move_to(context, tip.x, tip.y)
    cairo_line_to(context, tip.x - 3.5, tip.y - 7)
    cairo_line_to(context, tip.x + 3.5, tip.y - 7)
    cairo_close_path(context)
    cairo_fill(context)
    try check("drawing an arrowhead")
  }

  /// Lays `raster` into `area`, pixel on pixel: `area` times `scale` must be as large as the raster, and the nearest
  /// device pixel corner is taken as its origin.
  func draw(_ raster: borrowing Raster, in area: Rectangle) throws(FigureError) {
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_translate(context, (area.left * scale).rounded() / scale, (area.top * scale).rounded() / scale)
    cairo_scale(context, 1 / scale, 1 / scale)
    try raster.use(on: context)
    cairo_paint(context)
    try check("drawing the heat map")
  }

  func use(_ color: Color, opacity: Double = 1) {
    cairo_set_source_rgba(
      context, Double(color.red) / 255, Double(color.green) / 255, Double(color.blue) / 255, opacity)
  }
}

/// An image of opaque pixels, computed one by one and then drawn.
struct Raster: ~Copyable {
  let width: Int
  let height: Int
  private let handle: OpaquePointer

  /// An image whose rows `fill` writes: 0xRRGGBB a pixel, `pitch` pixels from row to row, top row first.
  init(
    width: Int, height: Int, _ fill: (_ pixels: UnsafeMutableBufferPointer<UInt32>, _ pitch: Int) -> Void
  ) throws(FigureError) {
    guard let handle = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)) else {
      throw .drawing(operation: "making an image", reason: "out of memory")
    }
    let status = cairo_surface_status(handle)
    guard status == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(handle) else {
      cairo_surface_destroy(handle)
      throw .drawing(
        operation: "making an image of \(width) x \(height) pixels",
        reason: String(cString: cairo_status_to_string(status)))
    }
    self.width = width
    self.height = height
    self.handle = handle
    cairo_surface_flush(handle)
    let pitch = Int(cairo_image_surface_get_stride(handle)) / 4
    data.withMemoryRebound(to: UInt32.self, capacity: pitch * height) { pixels in
      fill(UnsafeMutableBufferPointer(start: pixels, count: pitch * height), pitch)
    }
    cairo_surface_mark_dirty(handle)
  }

  deinit { cairo_surface_destroy(handle) }

  /// Makes the image the source of what `context` paints next, its pixels sharp.
  func use(on context: OpaquePointer) throws(FigureError) {
    let status = cairo_surface_status(handle)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .drawing(operation: "using an image", reason: String(cString: cairo_status_to_string(status)))
    }
    cairo_set_source_surface(context, handle, 0, 0)
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
  }
}
