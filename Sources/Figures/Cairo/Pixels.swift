/// An image in memory: red, green, blue and a byte of 255, row after row from the top.
public struct Pixels: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `4 · width · height`
  public private(set) var bytes: [UInt8]

  public init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(bytes.count == 4 * width * height, "\(bytes.count) bytes for \(width) x \(height) pixels")
    (self.width, self.height, self.bytes) = (width, height, bytes)
  }

  /// The same with an upright line; places are shares of the width and of the height.
  public func marked(at place: Double, from top: Double, to bottom: Double) -> Pixels {
    var marked = self
    let column = min(max(Int(place * Double(width)), 0), width - 1)
    for row in max(0, Int(top * Double(height)))..<min(height, Int(bottom * Double(height))) {
      for x in column...min(column + 1, width - 1) {
        let start = 4 * (row * width + x)
        marked.bytes.replaceSubrange(start..<start + 3, with: [230, 80, 20])
      }
    }
    return marked
  }
}
