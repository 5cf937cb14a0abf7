import CZlib
import Glibc

/// PNG files (W3C, 2nd edition) of eight bits a channel, no alpha.
///
/// Cairo can write PNG too, but slowly: libpng tries five filters on every row. Figures consist of rows equal to the
/// one above; those are filtered to zeros here at the cost of a comparison, which makes a file of the same size in a
/// fraction of the time.
enum PNG {
  /// The PNG file of an image in Cairo's RGB24 format: native-endian 0xXXRRGGBB, `stride` bytes from row to row.
  static func encode(
    _ pixels: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int
  ) throws(FigureError) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let depthAndColor: [UInt8] = [8, 2, 0, 0, 0]
    append("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + depthAndColor, to: &file)
    append("IDAT", try deflated(filtered(pixels, width: width, height: height, stride: stride)), to: &file)
    append("IEND", [], to: &file)
    return file
  }

  /// The scan lines, each with its filter's number before it: up (2) where that is the smaller, else sub (1).
  private static func filtered(
    _ pixels: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int
  ) -> [UInt8] {
    let line = 3 * width
    return [UInt8](unsafeUninitializedCapacity: height * (line + 1)) { output, count in
      count = height * (line + 1)
      var above = [UInt8](repeating: 0, count: line)
      var here = [UInt8](repeating: 0, count: line)
      for row in 0..<height {
        let out = UnsafeMutableBufferPointer(rebasing: output[row * (line + 1)..<(row + 1) * (line + 1)])
        let source = UnsafeRawBufferPointer(rebasing: pixels[row * stride..<row * stride + 4 * width])
        if row > 0, equalsRowAbove(pixels, row: row, stride: stride, bytes: 4 * width) {
          out.update(repeating: 0)
          out[0] = 2
          continue
        }
        for column in 0..<width {
          let pixel = source.load(fromByteOffset: 4 * column, as: UInt32.self)
          here[3 * column] = UInt8(truncatingIfNeeded: pixel >> 16)
          here[3 * column + 1] = UInt8(truncatingIfNeeded: pixel >> 8)
          here[3 * column + 2] = UInt8(truncatingIfNeeded: pixel)
        }
        var sumUp = 0
        var sumSub = 0
        for index in 0..<line {
          let left: UInt8 = index >= 3 ? here[index - 3] : 0
          sumUp += Int(Int8(bitPattern: here[index] &- above[index]).magnitude)
          sumSub += Int(Int8(bitPattern: here[index] &- left).magnitude)
        }
        out[0] = sumUp <= sumSub ? 2 : 1
        if sumUp <= sumSub {
          for index in 0..<line { out[index + 1] = here[index] &- above[index] }
        } else {
          for index in 0..<line { out[index + 1] = here[index] &- (index >= 3 ? here[index - 3] : 0) }
        }
        swap(&here, &above)
      }
    }
  }

  private static func equalsRowAbove(
    _ pixels: UnsafeRawBufferPointer, row: Int, stride: Int, bytes: Int
  ) -> Bool {
    guard let start = pixels.baseAddress else { return true }
    return memcmp(start + row * stride, start + (row - 1) * stride, bytes) == 0
  }

  private static func deflated(_ bytes: [UInt8]) throws(FigureError) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var status = Z_OK
    let compressed = [UInt8](unsafeUninitializedCapacity: Int(length)) { output, count in
      status = compress2(output.baseAddress, &length, bytes, uLong(bytes.count), 6)
      count = status == Z_OK ? Int(length) : 0
    }
    guard status == Z_OK else {
      throw .drawing(operation: "compressing the PNG", reason: "zlib status \(status)")
    }
    return compressed
  }

  private static func append(_ type: String, _ content: [UInt8], to file: inout [UInt8]) {
    let chunk = Array(type.utf8) + content
    file += bigEndian(UInt32(content.count))
    file += chunk
    file += bigEndian(UInt32(truncatingIfNeeded: crc32(0, chunk, uInt(chunk.count))))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
