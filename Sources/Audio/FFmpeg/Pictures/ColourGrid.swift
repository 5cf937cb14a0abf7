/// Pixels of red, green, blue and opacity (not yet multiplied), in rows of `stride` bytes.
struct ColourGrid {
  let width: Int
  let height: Int
  let stride: Int
  let bytes: [UInt8]

  /// Where a stored pixel is shown: `x' = xx x + yx y`, `y' = xy x + yy y`, each coefficient -1, 0 or 1, and then moved so
  /// that the picture begins at 0.
  struct Orientation: Equatable {
    var (xx, xy, yx, yy) = (1, 0, 0, 1)

    static let asIs = Orientation()

    /// What is no turn by right angles and no mirror image is left as it is.
    init(xx: Int = 1, xy: Int = 0, yx: Int = 0, yy: Int = 1) {
      let isTurn = (xx == 0) == (yy == 0) && (xy == 0) == (yx == 0) && (xx == 0) != (xy == 0)
      if isTurn { (self.xx, self.xy, self.yx, self.yy) = (xx, xy, yx, yy) }
    }
  }

  func upright(_ orientation: Orientation) -> ColourGrid {
    guard orientation != .asIs else { return self }
    let (xx, xy, yx, yy) = (orientation.xx, orientation.xy, orientation.yx, orientation.yy)
    let (newWidth, newHeight) = xx == 0 ? (height, width) : (width, height)
    let left = min(0, xx * (width - 1)) + min(0, yx * (height - 1))
    let top = min(0, xy * (width - 1)) + min(0, yy * (height - 1))
    var turned = [UInt8](repeating: 0, count: 4 * newWidth * newHeight)
    for y in 0..<height {
      for x in 0..<width {
        let place = 4 * ((xy * x + yy * y - top) * newWidth + xx * x + yx * y - left)
        let from = y * stride + 4 * x
        for part in 0..<4 { turned[place + part] = bytes[from + part] }
      }
    }
    return ColourGrid(width: newWidth, height: newHeight, stride: 4 * newWidth, bytes: turned)
  }

  /// Red, green and blue of the picture on white, 3 bytes a pixel: `c a + 255 (1 - a)`, rounded.
  func onWhite() -> [UInt8] {
    var pixels = [UInt8](repeating: 255, count: 3 * width * height)
    for y in 0..<height {
      for x in 0..<width {
        let (from, to) = (y * stride + 4 * x, 3 * (y * width + x))
        let opacity = Int(bytes[from + 3])
        for part in 0..<3 {
          pixels[to + part] = UInt8((Int(bytes[from + part]) * opacity + 255 * (255 - opacity) + 127) / 255)
        }
      }
    }
    return pixels
  }
}
