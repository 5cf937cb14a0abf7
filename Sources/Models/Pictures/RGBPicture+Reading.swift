package import Audio

extension RGBPicture {
  /// A picture's file: PNG, JPEG, WebP, GIF (its first frame), BMP or TIFF; upright, on white.
  ///
  /// - Parameter path: of a file; `"-"` is standard input.
  /// - Throws: `PictureError`.
  package init(contentsOf path: String) throws(PictureError) {
    let decoded = try DecodedPicture(contentsOf: path)
    self.init(width: decoded.width, height: decoded.height, pixels: decoded.pixels)
  }

  /// The picture no larger than `side` pixels either way, in its own proportions.
  package func fitting(_ side: Int) -> RGBPicture {
    let longest = max(width, height)
    guard longest > side else { return self }
    return resized(width: max(1, width * side / longest), height: max(1, height * side / longest))
  }
}
