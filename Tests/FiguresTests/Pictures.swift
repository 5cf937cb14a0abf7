import CCairo
import Figures
import Tensors
import Testing

/// A decoded PNG: what Cairo, which did not write it, reads from the bytes.
struct DecodedPNG {
  let width: Int
  let height: Int
  private let pixels: [UInt32]

  init(_ bytes: [UInt8]) throws {
    struct Reader {
      var bytes: [UInt8]
      var position = 0
    }
    var reader = Reader(bytes: bytes)
    let surface = withUnsafeMutablePointer(to: &reader) { reader in
      cairo_image_surface_create_from_png_stream(
        { closure, data, count in
          guard let data, let reader = closure?.assumingMemoryBound(to: Reader.self) else {
            return CAIRO_STATUS_READ_ERROR
          }
          let end = reader.pointee.position + Int(count)
          guard end <= reader.pointee.bytes.count else { return CAIRO_STATUS_READ_ERROR }
          for index in 0..<Int(count) { data[index] = reader.pointee.bytes[reader.pointee.position + index] }
          reader.pointee.position = end
          return CAIRO_STATUS_SUCCESS
        }, reader)
    }
    defer { cairo_surface_destroy(surface) }
    try #require(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
    let data = try #require(cairo_image_surface_get_data(surface))
    width = Int(cairo_image_surface_get_width(surface))
    height = Int(cairo_image_surface_get_height(surface))
    let pitch = Int(cairo_image_surface_get_stride(surface)) / 4
    let (width, height) = (width, height)
    pixels = data.withMemoryRebound(to: UInt32.self, capacity: pitch * height) { words in
      (0..<height).flatMap { row in (0..<width).map { words[row * pitch + $0] & 0xFFFFFF } }
    }
  }

  /// The colour at fractions of the picture's width and height.
  func color(_ x: Double, _ y: Double) -> Color {
    let column = min(Int(x * Double(width)), width - 1)
    let row = min(Int(y * Double(height)), height - 1)
    let pixel = pixels[row * width + column]
    return Color(UInt8(pixel >> 16), UInt8(pixel >> 8 & 255), UInt8(pixel & 255))
  }

  /// The colour in the middle of a bin, or anywhere within it by fractions of its width and height.
  func color(
    frame: Int, band: Int, of shape: (frames: Int, bands: Int), in plot: PlotGeometry, x: Double = 0.5,
    y: Double = 0.5
  ) -> Color {
    color(
      plot.left + (plot.right - plot.left) * (Double(frame) + x) / Double(shape.frames),
      plot.bottom - (plot.bottom - plot.top) * (Double(band) + y) / Double(shape.bands))
  }
}

extension Color {
  /// How far the channels lie apart: 0 for a grey.
  var chroma: Int { Int(max(red, green, blue)) - Int(min(red, green, blue)) }
}

/// A figure of a made-up spectrogram, louder from left to right and from top to bottom.
func figure(
  frames: Int = 20, bands: Int = 8, overlay: Tensor? = nil, hop: Double = 0.01,
  title: String = "dog.mp3: Dog 0.92",
  caption: String = "Saliency; target Dog (69)", regions: [TimeFrequencyFigure.Region] = []
) -> TimeFrequencyFigure {
  let values = (0..<frames * bands).map { Float($0 / bands) - 2 * Float($0 % bands) }
  return TimeFrequencyFigure(
    spectrogram: Tensor([frames, bands], values), overlay: overlay,
    overlayLabel: "saliency |∂logit/∂log-mel|",
    start: hop / 2, hop: hop, bandCentres: (0..<bands).map { 125 * (1 + Double($0)) }, title: title,
    caption: caption, regions: regions)
}

/// A grid of zeros but for the given bins.
func grid(_ shape: Shape, _ hot: [(frame: Int, band: Int, value: Float)]) -> Tensor {
  var tensor = Tensor(shape)
  for (frame, band, value) in hot { tensor[frame, band] = value }
  return tensor
}
