/// A picture of colours as a file or on a page: red, green and blue, 3 bytes a pixel, row after row from the top.
public struct Photograph: Sendable, Hashable {
  public let width: Int
  public let height: Int
  public let pixels: [UInt8]

  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == 3 * width * height, "a picture of another size")
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// The picture as a PNG file, pixel for pixel: the same bytes for the same picture.
  public func png() throws(FigureError) -> [UInt8] {
    // Cairo's order, which the encoder takes.
    let ordered = [UInt32](unsafeUninitializedCapacity: width * height) { ordered, count in
      count = width * height
      for place in 0..<count { ordered[place] = colour(at: place) }
    }
    var file: Result<[UInt8], FigureError> = .success([])
    ordered.withUnsafeBytes { bytes in
      file = Result { () throws(FigureError) in
        try PNG.encode(bytes, width: width, height: height, stride: 4 * width)
      }
    }
    return try file.get()
  }

  /// Four bytes a pixel, the fourth 255: what a film's frames are.
  public var opaque: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 4 * width * height) { bytes, count in
      count = 4 * width * height
      for place in 0..<width * height {
        for part in 0..<3 { bytes[4 * place + part] = pixels[3 * place + part] }
        bytes[4 * place + 3] = 255
      }
    }
  }

  /// As a page shows it.
  public func picture(alternative: String) throws(FigureError) -> Report.Picture {
    Report.Picture(
      png: try png(), alternative: alternative,
      geometry: PlotGeometry(left: 0, top: 0, right: 1, bottom: 1, startTime: 0, endTime: 0))
  }

  /// 0xRRGGBB.
  func colour(at place: Int) -> UInt32 {
    UInt32(pixels[3 * place]) << 16 | UInt32(pixels[3 * place + 1]) << 8 | UInt32(pixels[3 * place + 2])
  }
}
