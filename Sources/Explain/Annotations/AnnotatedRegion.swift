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

extension FrontEnd {
  /// Which bins of a log-mel picture lie in any of `regions`: 1 there and 0 elsewhere, `[frames, bands]`.
  ///
  /// A bin lies where its frame's window and its band's triangle have their centres. A region too narrow to hold any
  /// centre takes the nearest one, by seconds and by the front end's mel scale; one wholly outside of what the windows
  /// or the triangles span takes none.
  ///
  /// - Parameter offset: where the clip begins in the file that the regions lie in, in seconds.
  public func mask(of regions: [AnnotatedRegion], frames: Int, offset: Double = 0) -> Tensor {
    let bands = mel.bands
    var mask = Tensor([max(0, frames), bands])
    for region in regions {
      let times = self.frames(from: region.start - offset, to: region.end - offset, of: frames)
      let pitches = self.bands(from: region.lowest, to: region.highest)
      for frame in times {
        for band in pitches { mask[frame, band] = 1 }
      }
    }
    return mask
  }

  private func frames(from start: Double, to end: Double, of count: Int) -> Range<Int> {
    let reach = Double(window) / 2 / Double(sampleRate)
    guard count > 0, end >= frameTime(0) - reach, start <= frameTime(count - 1) + reach else { return 0..<0 }
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

  private func bands(from lowest: Double?, to highest: Double?) -> Range<Int> {
    let edges = bandEdges
    let (low, high) = (lowest ?? 0, highest ?? .infinity)
    guard let bottom = edges.first, let top = edges.last, low <= top, high >= bottom else { return 0..<0 }
    let centres = bandCentres
    let inside = centres.indices.filter { low <= centres[$0] && centres[$0] <= high }
    if let first = inside.first, let last = inside.last { return first..<last + 1 }
    let middle = (mel.scale.mel(ofHertz: max(low, bottom)) + mel.scale.mel(ofHertz: min(high, top))) / 2
    func distance(_ band: Int) -> Double { abs(mel.scale.mel(ofHertz: centres[band]) - middle) }
    guard let nearest = centres.indices.min(by: { distance($0) < distance($1) }) else { return 0..<0 }
    return nearest..<nearest + 1
  }
}
