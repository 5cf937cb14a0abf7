import CCairo

/// A Cairo surface and the drawing context on it, owned together; every call checks Cairo's status.
///
/// Lengths are points: one user unit, `scale` device pixels on an image, one unit in an SVG. The origin is the top
/// left corner, y points down.
struct Surface: ~Copyable {
  let width: Double
  let height: Double
  /// Device pixels a point for images drawn pixel by pixel; what an SVG's embedded images are made at, too.
  let scale: Double
  let context: OpaquePointer
  private let handle: OpaquePointer
  private let sink: ByteSink?

  /// An opaque white image of `width * scale` by `height * scale` pixels, `scale` from 0.5 to 8.
  static func image(width: Double, height: Double, scale: Double) throws(FigureError) -> Surface {
    guard scale >= 0.5, scale <= 8 else {
      throw .value(what: "the scale", value: "\(scale)", expected: "0.5 to 8 pixels a point")
    }
    let columns = Int32((width * scale).rounded())
    let rows = Int32((height * scale).rounded())
    let surface = try Surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, rows), width, height, scale, sink: nil)
    cairo_scale(surface.context, scale, scale)
    try surface.paint(.white)  // The first check of the context's status.
    return surface
  }

  /// An SVG of `width` by `height` points, kept in memory.
  static func svg(width: Double, height: Double, scale: Double) throws(FigureError) -> Surface {
    let sink = ByteSink()
    let closure = Unmanaged.passUnretained(sink).toOpaque()
    let handle = cairo_svg_surface_create_for_stream(
      { closure, data, count in
        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
        Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
          .append(UnsafeBufferPointer(start: data, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
      }, closure, width, height)
    let surface = try Surface(handle, width, height, scale, sink: sink)
    try surface.paint(.white)
    return surface
  }

  private init(
    _ handle: OpaquePointer?, _ width: Double, _ height: Double, _ scale: Double, sink: ByteSink?
  ) throws(FigureError) {
    guard let handle else { throw .drawing(operation: "making a surface", reason: "out of memory") }
    let status = cairo_surface_status(handle)
    guard status == CAIRO_STATUS_SUCCESS, let context = cairo_create(handle) else {
      cairo_surface_destroy(handle)
      throw .drawing(operation: "making a surface", reason: message(status))
    }
    self.width = width
    self.height = height
    self.scale = scale
    self.handle = handle
    self.context = context
    self.sink = sink
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(handle)
    withExtendedLifetime(sink) {}
  }

  /// Throws what the context or its surface has to complain about; Cairo keeps the first failure.
  func check(_ operation: String) throws(FigureError) {
    let status = cairo_status(context)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .drawing(operation: operation, reason: message(status))
    }
  }

  /// The image as a PNG file. Only for surfaces made by `image`.
  consuming func png() throws(FigureError) -> [UInt8] {
    cairo_surface_flush(handle)
    try checkSurface("drawing the image")
    guard let data = cairo_image_surface_get_data(handle) else {
      throw .drawing(operation: "reading the image", reason: "no pixels")
    }
    let rows = Int(cairo_image_surface_get_height(handle))
    let stride = Int(cairo_image_surface_get_stride(handle))
    let pixels = UnsafeRawBufferPointer(start: data, count: rows * stride)
    return try PNG.encode(
      pixels, width: Int(cairo_image_surface_get_width(handle)), height: rows, stride: stride)
  }

  /// The image in memory. Only for surfaces made by `image`.
  consuming func pixels() throws(FigureError) -> Pixels {
    cairo_surface_flush(handle)
    try checkSurface("drawing the image")
    guard let data = cairo_image_surface_get_data(handle) else {
      throw .drawing(operation: "reading the image", reason: "no pixels")
    }
    let (width, height) = (
      Int(cairo_image_surface_get_width(handle)), Int(cairo_image_surface_get_height(handle))
    )
    let stride = Int(cairo_image_surface_get_stride(handle))
    let source = UnsafeRawBufferPointer(start: data, count: height * stride)
    let bytes = [UInt8](unsafeUninitializedCapacity: 4 * width * height) { bytes, count in
      count = 4 * width * height
      for row in 0..<height {
        for column in 0..<width {
          let pixel = source.load(fromByteOffset: row * stride + 4 * column, as: UInt32.self)
          let place = 4 * (row * width + column)
          bytes[place] = UInt8(truncatingIfNeeded: pixel >> 16)
          bytes[place + 1] = UInt8(truncatingIfNeeded: pixel >> 8)
          bytes[place + 2] = UInt8(truncatingIfNeeded: pixel)
          bytes[place + 3] = 255
        }
      }
    }
    return Pixels(width: width, height: height, bytes: bytes)
  }

  /// The finished SVG file. Only for surfaces made by `svg`.
  consuming func svg() throws(FigureError) -> [UInt8] {
    cairo_surface_finish(handle)
    try checkSurface("writing the SVG")
    return sink?.bytes ?? []
  }

  private func checkSurface(_ operation: String) throws(FigureError) {
    try check(operation)
    let status = cairo_surface_status(handle)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .drawing(operation: operation, reason: message(status))
    }
  }
}

/// Where Cairo's stream callback leaves its bytes. Used by the one surface that owns it, so by one task at a time.
private final class ByteSink {
  private(set) var bytes = [UInt8]()

  func append(_ more: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: more) }
}

private func message(_ status: cairo_status_t) -> String { String(cString: cairo_status_to_string(status)) }
