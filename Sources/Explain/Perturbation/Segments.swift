public import Tensors

/// Into how many parts a row is cut along its last two axes: equal slices of time by equal groups of bands.
///
/// A row of one axis is all frames. SoundLIME (Mishra et al., ISMIR 2017) takes 10 slices of time, 3 or 4 bands, or both.
public struct SegmentGrid: Sendable, Hashable {
  public let frames: Int
  public let bands: Int

  /// - Parameters:
  ///   - frames: slices along the frames; 1 leaves them whole.
  ///   - bands: groups of bands; 1 leaves them whole.
  public init(frames: Int, bands: Int) {
    precondition(frames > 0 && bands > 0, "a grid of \(frames) by \(bands) segments")
    (self.frames, self.bands) = (frames, bands)
  }

  public static let time = SegmentGrid(frames: 10, bands: 1)
  public static let frequency = SegmentGrid(frames: 1, bands: 8)
  public static let timeFrequency = SegmentGrid(frames: 10, bands: 4)
  /// So few that all coalitions of them can be asked for.
  public static let coarse = SegmentGrid(frames: 5, bands: 2)

  var description: String { "\(frames) of time by \(bands) of frequency" }
}

/// A row cut into parts that are kept or taken away as one.
public struct Segments: Sendable, Hashable {
  /// The segment of each bin of `[frames, bands]`, counted along the bands first; 0..<count.
  public let labels: [Int]
  public let count: Int

  /// More than that many unknowns would fill the memory with their products.
  static let limit = 4096

  /// The segments of a row of `x`. An axis shorter than its slices is cut into its places.
  ///
  /// Place `i` of `extent` lies in slice `⌊i · slices / extent⌋`.
  ///
  /// - Throws: `ExplainError.segments` for more than 4096.
  public init(_ grid: SegmentGrid, rowsOf x: Tensor) throws {
    let (frames, bands) = x.framesAndBands
    let (slices, groups) = (min(grid.frames, max(1, frames)), min(grid.bands, max(1, bands)))
    guard slices <= Self.limit, groups <= Self.limit, slices * groups <= Self.limit else {
      throw ExplainError.segments(grid.frames, grid.bands, limit: Self.limit)
    }
    count = slices * groups
    labels = (0..<frames).flatMap { frame in
      (0..<bands).map { band in frame * slices / frames * groups + band * groups / bands }
    }
  }

  /// A value of each segment at all its bins, the same in every channel of a row of that shape.
  func painted(_ values: [Double], like row: Tensor) -> Tensor {
    Tensor(unsafeUninitialized: row.shape) { result in
      for place in result.indices { result[place] = Float(values[labels[place % labels.count]]) }
    }
  }

  /// Copies of a row, one for each choice of segments to keep; the others are replaced by what `nothing` has there.
  func copies(of row: Tensor, over nothing: Tensor, keeping choices: some Collection<[Bool]>) -> Tensor {
    let size = row.count
    return Tensor(unsafeUninitialized: Shape([choices.count] + row.shape.dimensions.dropFirst())) { result in
      row.withUnsafeValues { row in
        nothing.withUnsafeValues { nothing in
          labels.withUnsafeBufferPointer { labels in
            for (copy, kept) in choices.enumerated() {
              for channel in stride(from: 0, to: size, by: max(1, labels.count)) {
                for (bin, label) in labels.enumerated() {
                  let place = channel + bin
                  result[copy * size + place] = kept[label] ? row[place] : nothing[place]
                }
              }
            }
          }
        }
      }
    }
  }
}

extension Tensor {
  /// The extents of the last two axes of a row; a row of one axis is all frames.
  var framesAndBands: (frames: Int, bands: Int) {
    switch shape.rank {
    case ...1: (1, 1)
    case 2: (shape[1], 1)
    default: (shape[shape.rank - 2], shape[shape.rank - 1])
    }
  }
}

extension AttributionMethod.Settings {
  /// The grid that was asked for; an axis that `standard` leaves whole stays so.
  func grid(_ standard: SegmentGrid) -> SegmentGrid {
    guard let first = segments?.first, let last = segments?.last else { return standard }
    return SegmentGrid(
      frames: standard.frames == 1 ? 1 : max(1, first), bands: standard.bands == 1 ? 1 : max(1, last))
  }
}
