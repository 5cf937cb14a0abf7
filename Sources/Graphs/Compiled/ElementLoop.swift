import OneDNN

/// A function of single numbers, over a stretch of them: `count` elements of each operand, one after another, give as
/// many of the result.
typealias ElementFunction =
  @Sendable (
    _ count: Int, _ operands: UnsafePointer<UnsafePointer<Float>>, _ result: UnsafeMutablePointer<Float>
  ) -> Void

/// The loops of an element-wise kernel of our own over operands that lie in one order of axes (plain, channels last, or
/// channels in blocks), some of them stretched along axes of extent 1.
///
/// The result is walked as it lies, in pieces that fit the first-level cache. An operand that does not lie likewise (a
/// number a row, a number a channel) is written out in a small tile, so that an `ElementFunction` only ever sees
/// contiguous numbers, and the compiler vectorises it.
struct ElementLoop: Sendable {
  /// How an operand is read along the innermost run of `rows × columns` elements of the result.
  private enum Access {
    case contiguous
    /// Written out in a tile first.
    case tiled(rowStride: Int, columnStride: Int)
  }

  private let operandCount: Int
  /// The loops outside a run, outermost first: extents, and for each the strides of all operands.
  private let outerExtents: [Int]
  private let outerStrides: [Int]
  private let rows: Int
  private let columns: Int
  private let accesses: [Access]
  private let padding: Padding?
  /// Elements of a run that are computed at a time: whole rows, or part of a single one.
  private let pieceLength: Int

  /// nil if the result is not dense. The operands are siblings of the result (`Layout.sibling`).
  ///
  /// - Parameter inPlace: the operand in whose place the result is written, if any.
  init?(result: Layout.Structure, operands: [Layout.Structure], inPlace: Int? = nil) {
    guard let digits = Digit.merged(result, operands) else { return nil }
    operandCount = operands.count
    let none = [Int](repeating: 0, count: operandCount)
    let last = digits.last ?? Digit(extent: 1, stride: 1, operandStrides: none)
    let isShort = last.extent < Self.shortRow && digits.count > 1
    let next = isShort ? digits[digits.count - 2] : Digit(extent: 1, stride: 0, operandStrides: none)
    let outer = digits.dropLast(isShort ? 2 : 1)
    outerExtents = outer.map(\.extent)
    outerStrides = outer.flatMap(\.operandStrides)
    let (rows, columns) = (next.extent, last.extent)
    (self.rows, self.columns) = (rows, columns)
    pieceLength =
      rows == 1 ? min(columns, Self.longestPiece) : min(rows, max(1, Self.longestPiece / columns)) * columns
    accesses = (0..<operands.count).map { place in
      let (row, column) = (next.operandStrides[place], last.operandStrides[place])
      // What is overwritten is copied first: the compiler's vector loops want results apart from operands.
      let isContiguous = (column == 1 || columns == 1) && (rows == 1 || row == columns) && place != inPlace
      return isContiguous ? .contiguous : .tiled(rowStride: row, columnStride: column)
    }
    padding = Padding(of: result)
  }

  /// Below this, a row is too short to be worth a call of its own.
  private static let shortRow = 256
  /// 4 KiB: with a few operands still inside the first-level cache.
  private static let longestPiece = 1024

  func run(
    _ inputs: [UnsafePointer<Float>], _ result: UnsafeMutablePointer<Float>, _ lanes: Lanes,
    _ function: ElementFunction
  ) {
    let length = rows * columns
    let pieces = (length + pieceLength - 1) / pieceLength

    lanes.share(outerExtents.reduce(1, *) * pieces) { range in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: operandCount * pieceLength) { tiles in
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: max(1, operandCount)) {
          operands in
          guard let tiles = tiles.baseAddress, let list = operands.baseAddress else { return }
          // A tile that says the same throughout a run is written once for it.
          var run = -1
          for index in range {
            let (outer, piece) = index.quotientAndRemainder(dividingBy: pieces)
            let start = piece * pieceLength
            for place in 0..<operandCount {
              let source = inputs[place] + offset(ofRun: outer, place)
              switch accesses[place] {
              case .contiguous: operands[place] = source + start
              case .tiled(let rowStride, let columnStride):
                let tile = tiles + place * pieceLength
                operands[place] = UnsafePointer(tile)
                let isSame = rows == 1 ? columnStride == 0 : rowStride == 0
                guard !isSame || run != outer else { continue }
                fill(tile, source, from: isSame ? 0 : start, rowStride, columnStride)
              }
            }
            run = outer
            function(min(pieceLength, length - start), list, result + outer * length + start)
          }
        }
      }
    }
    padding?.clear(result)
  }

  private func offset(ofRun run: Int, _ place: Int) -> Int {
    var (rest, offset) = (run, 0)
    for digit in outerExtents.indices.reversed() {
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: outerExtents[digit])
      offset += index * outerStrides[digit * operandCount + place]
      rest = quotient
    }
    return offset
  }

  /// Writes out what the operand says for a piece of a run.
  private func fill(
    _ tile: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, from start: Int, _ rowStride: Int,
    _ columnStride: Int
  ) {
    let count = min(pieceLength, rows * columns - start)
    guard rows > 1 else { return copy(count, source + start * columnStride, columnStride, to: tile) }
    let first = start / columns
    for row in 0..<count / columns {
      copy(columns, source + (first + row) * rowStride, columnStride, to: tile + row * columns)
    }
  }

  @inline(__always)
  private func copy(
    _ count: Int, _ source: UnsafePointer<Float>, _ stride: Int, to tile: UnsafeMutablePointer<Float>
  ) {
    switch stride {
    case 0: tile.update(repeating: source[0], count: count)
    case 1: tile.update(from: source, count: count)
    default: for index in 0..<count { tile[index] = source[index * stride] }
    }
  }
}

/// One loop over a tensor as it lies: an axis, the blocks of one, or the places within a block.
private struct Digit {
  var extent: Int
  /// Of the result, in elements.
  var stride: Int
  /// 0 for an operand stretched along it.
  var operandStrides: [Int]

  /// The loops over a dense result, outermost first; neighbours that all tensors walk as one are one. nil if there are
  /// gaps.
  static func merged(_ result: Layout.Structure, _ operands: [Layout.Structure]) -> [Digit]? {
    var digits: [Digit] = []
    for axis in result.dimensions.indices {
      let block = result.blockExtent(of: axis)
      digits.append(
        Digit(
          extent: result.paddedDimensions[axis] / block, stride: result.strides[axis],
          operandStrides: operands.map {
            $0.dimensions[axis] == 1 ? 0 : $0.strides[axis] * (block / $0.blockExtent(of: axis))
          }))
      guard block > 1 else { continue }
      digits.append(
        Digit(
          extent: block, stride: 1,
          operandStrides: operands.map {
            $0.dimensions[axis] == 1 ? 0 : $0.blockExtent(of: axis) > 1 ? 1 : $0.strides[axis]
          }))
    }
    digits = digits.filter { $0.extent > 1 }.sorted { $0.stride > $1.stride }
    var (merged, size) = ([Digit](), 1)
    for digit in digits.reversed() {
      guard digit.stride == size else { return nil }
      size *= digit.extent
      if let inner = merged.last,
        zip(digit.operandStrides, inner.operandStrides).allSatisfy({ $0 == $1 * inner.extent })
      {
        merged[merged.count - 1].extent *= digit.extent
      } else {
        merged.append(digit)
      }
    }
    return merged.reversed()
  }
}

/// The places that fill up the last block of channels, which must be zero: convolutions read them.
struct Padding: Sendable {
  private let start: Int
  private let width: Int
  private let extents: [Int]
  private let strides: [Int]

  init?(of structure: Layout.Structure) {
    guard let block = structure.block else { return nil }
    let extent = structure.dimensions[block.axis]
    let used = extent % block.extent
    guard used > 0 else { return nil }
    start = extent / block.extent * structure.strides[block.axis] + used
    width = block.extent - used
    let others = structure.dimensions.indices.filter { $0 != block.axis }
    extents = others.map { structure.dimensions[$0] }
    strides = others.map { structure.strides[$0] }
  }

  func clear(_ values: UnsafeMutablePointer<Float>) { clear(values + start, axis: 0) }

  private func clear(_ values: UnsafeMutablePointer<Float>, axis: Int) {
    guard axis < extents.count else { return values.update(repeating: 0, count: width) }
    for index in 0..<extents[axis] { clear(values + index * strides[axis], axis: axis + 1) }
  }
}
