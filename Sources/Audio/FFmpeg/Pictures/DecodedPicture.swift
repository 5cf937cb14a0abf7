import CFFmpeg
import Files

/// The colours of a picture's file: PNG, JPEG, WebP, GIF (its first frame), BMP or TIFF, decoded by FFmpeg.
///
/// The whole file goes to the decoder that its first bytes name, as one packet from memory: no container is opened, and no
/// content can lead to another file. What shines through is put on white; a photograph is turned upright as its EXIF says.
package struct DecodedPicture: Sendable, Hashable {
  package let width: Int
  package let height: Int
  /// Red, green and blue, 3 bytes a pixel, row after row from the top.
  package let pixels: [UInt8]

  /// Larger pictures are refused before memory is taken for them.
  package static let mostPixels = 64_000_000
  /// Of a file.
  package static let mostBytes = 256 << 20

  /// - Parameter path: of a file; `"-"` is standard input.
  /// - Throws: `PictureError`.
  package init(contentsOf path: String) throws(PictureError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try WholeFile.read(path == "-" ? "/dev/stdin" : path, limit: Self.mostBytes)
    } catch {
      throw .file(error)
    }
    try self.init(bytes, path: path)
  }

  /// Whether the file begins as one of the pictures that are read; false for what cannot be opened.
  package static func isPicture(_ path: String) -> Bool {
    guard let file = plainFile(path) else { return false }
    return file.bytes(at: 0, count: min(32, file.byteCount)).map { PictureFormat($0) != nil } ?? false
  }

  /// - Parameters:
  ///   - bytes: a whole file.
  ///   - path: how errors name it.
  package init(_ bytes: [UInt8], path: String) throws(PictureError) {
    guard !bytes.isEmpty else { throw .empty(path: path) }
    guard let format = PictureFormat(bytes) else { throw .notPicture(path: path) }
    let decoder = try PictureDecoder(format, path)
    let colours = try decoder.decode(bytes)
    let upright = colours.upright(decoder.orientation)
    (width, height, pixels) = (upright.width, upright.height, upright.onWhite())
  }
}
