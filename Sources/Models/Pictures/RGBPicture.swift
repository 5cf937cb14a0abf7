/// A picture of 8-bit colours: red, green and blue, 3 bytes a pixel, row after row from the top.
package struct RGBPicture: Sendable, Hashable {
  package let width: Int
  package let height: Int
  package var pixels: [UInt8]

  package init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == 3 * width * height, "a picture of another size")
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// In another size: bilinear, and without aliasing where it shrinks. See ``AxisResampling``.
  package func resized(width newWidth: Int, height newHeight: Int) -> RGBPicture {
    guard (newWidth, newHeight) != (width, height) else { return self }
    let resampling = PlaneResampling(from: (width, height), to: (newWidth, newHeight))
    let count = width * height
    var plane = [Float](repeating: 0, count: count)
    var scratch = [Float](repeating: 0, count: resampling.scratchCount)
    var other = [Float](repeating: 0, count: newWidth * newHeight)
    var result = [UInt8](repeating: 0, count: 3 * newWidth * newHeight)
    for colour in 0..<3 {
      for place in 0..<count { plane[place] = Float(pixels[3 * place + colour]) }
      plane.withUnsafeBufferPointer { plane in
        scratch.withUnsafeMutableBufferPointer { scratch in
          other.withUnsafeMutableBufferPointer { other in
            guard let from = plane.baseAddress, let to = other.baseAddress, let between = scratch.baseAddress
            else {
              return
            }
            resampling(from, to, scratch: between)
          }
        }
      }
      for place in other.indices { result[3 * place + colour] = Self.byte(other[place]) }
    }
    return RGBPicture(width: newWidth, height: newHeight, pixels: result)
  }

  /// The part from `(left, top)` on.
  package func cropped(left: Int, top: Int, width: Int, height: Int) -> RGBPicture {
    precondition(
      left >= 0 && top >= 0 && left + width <= self.width && top + height <= self.height,
      "a crop beyond the picture")
    var part: [UInt8] = []
    part.reserveCapacity(3 * width * height)
    for row in top..<top + height {
      let start = 3 * (row * self.width + left)
      part += pixels[start..<start + 3 * width]
    }
    return RGBPicture(width: width, height: height, pixels: part)
  }

  /// The nearest byte of 0 to 255; 0 for what is no number.
  @inline(__always) package static func byte(_ value: Float) -> UInt8 {
    value > 0 ? UInt8(min(value, 255) + 0.5) : 0
  }
}
