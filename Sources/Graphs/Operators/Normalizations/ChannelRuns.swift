import OneDNN

/// How the channels of a tensor lie in memory, for work on each of them over all examples and places: pieces of rows, each row
/// `width` neighbouring channels.
///
/// Channels last, a row holds all channels; in blocks, those of one block. The pieces are shared out into a fixed number of
/// segments, whose sums are brought together in their order, so that no result depends on the number of threads.
struct ChannelRuns: Sendable {
  struct Piece: Sendable {
    var offset: Int
    var rows: Int
    var firstChannel: Int
  }

  let width: Int
  /// With those that fill the last block.
  let channels: Int
  /// Of each channel, its first number.
  let firstPlaces: [Int]
  /// Numbers of a channel.
  let count: Int
  private let pieces: [Piece]

  /// Sums of so many rows are taken in single precision.
  private static let longestPiece = 128
  static let segments = 16

  /// nil for layouts in which channels do not lie side by side.
  init?(_ layout: Layout) {
    guard let structure = layout.structure, structure.dimensions.count >= 3,
      structure.dimensions.allSatisfy({ $0 > 0 })
    else { return nil }
    let (rows, channels) = (structure.dimensions[0], structure.dimensions[1])
    let places = structure.dimensions.dropFirst(2).reduce(1, *)
    if let block = structure.block {
      guard block.axis == 1, block.extent % 8 == 0,
        structure.paddedDimensions[1] % block.extent == 0,
        structure.paddedDimensions[0] == rows,
        structure.strides[1] == places * block.extent
      else { return nil }
      let (extent, stride) = (block.extent, structure.strides[1])
      let padded = structure.paddedDimensions[1]
      (width, self.channels) = (extent, padded)
      pieces = (0..<rows).flatMap { row in
        (0..<padded / extent).flatMap { block in
          Self.pieces(
            from: row * structure.strides[0] + block * stride, rows: places, width: extent,
            firstChannel: block * extent)
        }
      }
      firstPlaces = (0..<padded).map { $0 / extent * stride + $0 % extent }
    } else {
      guard channels > 1, channels % 8 == 0, structure.strides[1] == 1,
        structure.strides[0] == places * channels, structure.strides.last == channels
      else { return nil }
      (width, self.channels) = (channels, channels)
      pieces = Self.pieces(from: 0, rows: rows * places, width: channels, firstChannel: 0)
      firstPlaces = Array(0..<channels)
    }
    count = rows * places
  }

  private static func pieces(from start: Int, rows: Int, width: Int, firstChannel: Int) -> [Piece] {
    stride(from: 0, to: rows, by: longestPiece).map { row in
      Piece(
        offset: start + row * width, rows: min(longestPiece, rows - row), firstChannel: firstChannel)
    }
  }

  func pieces(of segment: Int) -> ArraySlice<Piece> {
    pieces[segment * pieces.count / Self.segments..<(segment + 1) * pieces.count / Self.segments]
  }

  /// Calls `body` with eight neighbouring channels of a piece at a time: where their first row lies, and the first of them.
  @inline(__always)
  func forEachEight(of piece: Piece, _ body: (_ place: Int, _ channel: Int) -> Void) {
    for lane in stride(from: 0, to: width, by: 8) { body(piece.offset + lane, piece.firstChannel + lane) }
  }
}

/// Eight channels.
typealias Eight = SIMD8<Float>

extension UnsafePointer<Float> {
  @inline(__always)
  func eight(at index: Int) -> Eight { UnsafeRawPointer(self + index).loadUnaligned(as: Eight.self) }
}

extension UnsafeMutablePointer<Float> {
  @inline(__always)
  func store(_ value: Eight, at index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: Eight.self)
  }
}
