public import Audio
public import Tensors

/// Where somebody says that a sound is.
public struct AnnotatedRegion: Sendable, Hashable {
  /// In seconds from the beginning of the file.
  public var start: Double
  public var end: Double
  /// In hertz; nil where the region is open to that side.
  public var lowest: Double?
  public var highest: Double?
  /// What is heard there.
  public var label: String?
  /// Other names of the same, such as the scientific one of a species.
  public var otherLabels: [String]
  /// In which file, as the table names it.
  public var file: String?

  public init(
    start: Double, end: Double, lowest: Double? = nil, highest: Double? = nil, label: String? = nil,
    otherLabels: [String] = [], file: String? = nil
  ) {
    (self.start, self.end, self.lowest, self.highest) = (start, end, lowest, highest)
    (self.label, self.otherLabels, self.file) = (label, otherLabels, file)
  }
}

extension PictureAxes {
  /// Which bins of a picture lie in any of `regions`: 1 there and 0 elsewhere, `[frames, bands]`.
  ///
  /// A bin lies where its frame's window and its band have their centres. A region too narrow to hold any centre takes the
  /// nearest one, by seconds and on the scale of the panel's bands; one wholly outside of what the windows or the bands span
  /// takes none.
  ///
  /// - Parameter offset: where the clip begins in the file that the regions lie in, in seconds.
  public func mask(of regions: [AnnotatedRegion], frames: Int, offset: Double = 0) -> Tensor {
    var mask = Tensor([max(0, frames), bandCount])
    for region in regions {
      let times = self.frames(from: region.start - offset, to: region.end - offset, of: frames)
      for (panel, range) in zip(panels, panelRanges) {
        let pitches = panel.bands(from: region.lowest, to: region.highest)
        for frame in times {
          for band in pitches { mask[frame, range.lowerBound + band] = 1 }
        }
      }
    }
    return mask
  }

  private func frames(from start: Double, to end: Double, of count: Int) -> Range<Int> {
    let reach = window / 2
    guard count > 0, end >= time(ofFrame: 0) - reach, start <= time(ofFrame: count - 1) + reach else {
      return 0..<0
    }
    // As many as rounding may take: a region that ends on a frame's centre holds it.
    let slack = 1e-6
    let first = max(0, (frame(at: start) - slack).rounded(.up))
    let last = min(Double(count - 1), (frame(at: end) + slack).rounded(.down))
    guard first <= last else {
      let nearest = Int(min(max(0, frame(at: (start + end) / 2).rounded()), Double(count - 1)))
      return nearest..<nearest + 1
    }
    return Int(first)..<Int(last) + 1
  }
}

extension PictureAxes.Panel {
  fileprivate func bands(from lowest: Double?, to highest: Double?) -> Range<Int> {
    let (low, high) = (lowest ?? 0, highest ?? .infinity)
    guard low <= range.upperBound, high >= range.lowerBound else { return 0..<0 }
    let centres = bands.map(\.centre)
    let inside = centres.indices.filter { low <= centres[$0] && centres[$0] <= high }
    if let first = inside.first, let last = inside.last { return first..<last + 1 }
    let middle =
      (position(ofHertz: max(low, range.lowerBound)) + position(ofHertz: min(high, range.upperBound))) / 2
    func distance(_ band: Int) -> Double { abs(position(ofHertz: centres[band]) - middle) }
    guard let nearest = centres.indices.min(by: { distance($0) < distance($1) }) else { return 0..<0 }
    return nearest..<nearest + 1
  }
}
