import OneDNN

/// Which places along one axis of a tensor a change of the input can reach, for every place where the change may begin.
///
/// All regions of a tensor are equally long, so that they form one batch: the longest that occurs, moved inside the
/// tensor where it would stand out. Places that are recomputed without need keep their values.
struct Region: Equatable {
  /// Where the region begins, for each place where the change may begin.
  private(set) var starts: [Int]
  let count: Int
  /// The extent of the tensor.
  let extent: Int

  var isWhole: Bool { count == extent }

  /// The changed places themselves: `count` of them on an axis of `extent` places.
  init(changing count: Int, of extent: Int) {
    starts = Array(0...(extent - count))
    self.count = count
    self.extent = extent
  }

  private init(_ ranges: [Range<Int>], of extent: Int) {
    let count = ranges.map(\.count).max() ?? 0
    starts = ranges.map { min($0.lowerBound, extent - count) }
    self.count = count
    self.extent = extent
  }

  /// The places of a result that windows on this tensor's places reach.
  func through(_ window: WindowGeometry, axis: Int, output extent: Int) -> Region {
    let (stride, pad) = (window.strides[axis], window.padsBefore[axis])
    let reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1
    let ranges = starts.map { start in
      let first = max(0, (start + pad - reach + stride) / stride)
      let last = min(extent - 1, (start + count - 1 + pad) / stride)
      // A stride longer than the window can miss the change altogether.
      return first <= last ? first..<last + 1 : min(first, extent - 1)..<min(first, extent - 1) + 1
    }
    return Region(ranges, of: extent)
  }

  /// The places that this region or `other`, of a tensor of the same extent, reaches.
  func joined(with other: Region) -> Region {
    let ranges = starts.indices.map { index in
      min(starts[index], other.starts[index])..<max(starts[index] + count, other.starts[index] + other.count)
    }
    return Region(ranges, of: extent)
  }
}

/// The part of a tensor that a kernel reads to make one region of its result, along one axis.
struct RegionSurroundings: Equatable {
  /// Where it begins, for each place where the change may begin; below zero in the padding.
  let starts: [Int]
  let count: Int

  /// All that windows read whose results are `region`.
  init(of region: Region, under window: WindowGeometry, axis: Int) {
    starts = region.starts.map { $0 * window.strides[axis] - window.padsBefore[axis] }
    count = (region.count - 1) * window.strides[axis] + (window.kernel[axis] - 1) * window.dilations[axis] + 1
  }

  /// The region itself.
  init(_ region: Region) {
    starts = region.starts
    count = region.count
  }

  /// The whole axis.
  init(whole region: Region) {
    starts = region.starts.map { _ in 0 }
    count = region.extent
  }
}
