public import Audio

/// A part of a clip's picture that may be taken away, to see what a class rests on.
public enum PicturePart: Sendable, Hashable {
  /// A slice of neighbouring bands, by its place among ``BandSlices``.
  case band(Int)
  /// What stands before and behind the sound: a value that does not change, and what the front end adds.
  case padding
  /// Gaps within the sound.
  case silence
  /// A third of the sound.
  case third(Int)
  /// The bands above the highest frequency that the recording holds.
  case ceiling
}

/// Slices of neighbouring bands, about twenty over the axis of frequency, each reaching half into the next, so that a tone
/// between two is whole in a third.
public struct BandSlices: Sendable, Hashable {
  /// The bands of each slice among the first panel's.
  public let ranges: [Range<Int>]
  /// From where to where each hears, in hertz: half way to the neighbouring bands' centres.
  public let hertz: [ClosedRange<Double>]
  /// The columns of the picture in each slice, in all panels.
  let columns: [[Int]]
  /// How many bands the first panel has.
  public let bandCount: Int
  let centres: [Double]

  static let count = 20

  public init(_ axes: PictureAxes) {
    let bands = axes.panels[0].bands
    let width = max(1, (bands.count + Self.count - 1) / Self.count)
    let step = max(1, width / 2)
    let starts = Array(stride(from: 0, through: max(0, bands.count - width), by: step))
    let ranges = starts.map { $0..<min(bands.count, $0 + width) }
    let hertz = ranges.map { range -> ClosedRange<Double> in
      let (first, last) = (bands[range.lowerBound], bands[range.upperBound - 1])
      let low = (first.lowest + first.centre) / 2
      return low...max(low, (last.centre + last.highest) / 2)
    }
    (self.ranges, self.hertz, bandCount, centres) = (ranges, hertz, bands.count, bands.map(\.centre))
    columns = zip(ranges, hertz).map { range, hertz in
      // Other panels have bands of their own.
      zip(axes.panels, axes.panelRanges).enumerated().flatMap { place, panel -> [Int] in
        place == 0
          ? Array(range)
          : zip(panel.0.bands, panel.1).filter { hertz.contains($0.0.centre) }.map(\.1)
      }
    }
  }

  /// Values of slices, shared out over the bands: a band has the mean of the slices that cover it.
  package func overBands(_ values: [Double]) -> [Double] {
    var (sums, counts) = ([Double](repeating: 0, count: bandCount), [Double](repeating: 0, count: bandCount))
    for (range, value) in zip(ranges, values) {
      for band in range {
        sums[band] += value
        counts[band] += 1
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
  }
}
