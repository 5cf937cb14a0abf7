import CZlib

/// PNG files (W3C, 2nd edition) of eight bits a channel, no alpha.
///
/// Cairo can write PNG too, but slowly: libpng tries five filters on every row. Most rows of a figure equal the one
/// above. The "up" filter makes them zeros, and on the rest it does as well as a search.
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

  /// The scan lines, each after its filter's number: 2, up, the difference from the row above.
  private static func filtered(
    _ pixels: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int
  ) -> [UInt8] {
    let line = 3 * width + 1
    return [UInt8](unsafeUninitializedCapacity: height * line) { output, count in
      count = height * line
      for row in 0..<height {
        let out = UnsafeMutableBufferPointer(rebasing: output[row * line..<(row + 1) * line])
        out[0] = 2
        let here = UnsafeRawBufferPointer(rebasing: pixels[row * stride..<row * stride + 4 * width])
        let above =
          row > 0 ? UnsafeRawBufferPointer(rebasing: pixels[(row - 1) * stride..<row * stride]) : nil
        for column in 0..<width {
          let pixel = here.load(fromByteOffset: 4 * column, as: UInt32.self)
          let base = above?.load(fromByteOffset: 4 * column, as: UInt32.self) ?? 0
          out[3 * column + 1] =
            UInt8(truncatingIfNeeded: pixel >> 16) &- UInt8(truncatingIfNeeded: base >> 16)
          out[3 * column + 2] = UInt8(truncatingIfNeeded: pixel >> 8) &- UInt8(truncatingIfNeeded: base >> 8)
          out[3 * column + 3] = UInt8(truncatingIfNeeded: pixel) &- UInt8(truncatingIfNeeded: base)
        }
      }
    }
  }

  private static func deflated(_ bytes: [UInt8]) throws(FigureError) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var status = Z_OK
    let compressed = [UInt8](unsafeUninitializedCapacity: Int(length)) { output, count in
      status = compress2(output.baseAddress, &length, bytes, uLong(bytes.count), 5)
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
