import Audio
public import Models
public import Tensors

/// A stretch of time and frequency in which evidence for a class lies together.
public struct SoundEvent: Sendable, Hashable {
  /// In seconds from the beginning of the clip.
  public var start: Double
  public var end: Double
  /// In hertz.
  public var lowest: Double
  public var highest: Double
  /// Of all positive evidence in the clip, 0...1.
  public var share: Double

  public init(start: Double, end: Double, lowest: Double, highest: Double, share: Double) {
    (self.start, self.end, self.lowest, self.highest, self.share) = (start, end, lowest, highest, share)
  }
}

/// Finds events in an attribution without having been taught any: evidence smoothed, and what is connected above a
/// threshold taken together.
///
/// The positive part of the attribution, averaged over the square that reaches `reach` bins in each direction, is divided
/// by its maximum. Bins above `low` that touch (at edges or corners) are a region; a region that rises above `high` and
/// holds at least `least` of the evidence is an event. The two thresholds are Canny's hysteresis (IEEE PAMI 1986): a faint
/// sound counts where it hangs together with a clear one.
public struct EventFinder: Sendable, Hashable {
  public var high: Float
  public var low: Float
  /// In frames and bands.
  public var reach: Int
  /// Of all evidence.
  public var least: Double

  public init(high: Float = 0.4, low: Float = 0.15, reach: Int = 2, least: Double = 0.01) {
    (self.high, self.low, self.reach, self.least) = (high, low, reach, least)
  }

  /// A region of bins.
  public struct Region: Sendable, Hashable {
    public var frames: ClosedRange<Int>
    public var bands: ClosedRange<Int>
    /// Of all positive evidence.
    public var share: Double
  }

  /// The regions of `attribution`, `[frames, bands]`, in the order of time; none where nothing argues for the class.
  public func regions(in attribution: Tensor) throws -> [Region] {
    let (frames, bands) = (attribution.shape[0], attribution.shape[1])
    let evidence = attribution.values.map { max(0, $0) }
    let whole = evidence.reduce(0) { $0 + Double($1) }
    guard whole > 0, whole.isFinite else { return [] }
    let smooth = try Baseline.localMean(radius: reach).rows(like: Tensor([1, frames, bands], evidence)).values
    let highest = smooth.max() ?? 0
    guard highest > 0 else { return [] }

    var seen = [Bool](repeating: false, count: smooth.count)
    var regions: [Region] = []
    for first in smooth.indices where !seen[first] && smooth[first] >= high * highest {
      var region = Region(
        frames: first / bands...first / bands, bands: first % bands...first % bands, share: 0)
      var open = [first]
      seen[first] = true
      while let bin = open.popLast() {
        let (frame, band) = (bin / bands, bin % bands)
        region.share += Double(evidence[bin]) / whole
        region.frames = min(region.frames.lowerBound, frame)...max(region.frames.upperBound, frame)
        region.bands = min(region.bands.lowerBound, band)...max(region.bands.upperBound, band)
        for f in max(0, frame - 1)...min(frames - 1, frame + 1) {
          for b in max(0, band - 1)...min(bands - 1, band + 1)
          where !seen[f * bands + b] && smooth[f * bands + b] >= low * highest {
            seen[f * bands + b] = true
            open.append(f * bands + b)
          }
        }
      }
      if region.share >= least { regions.append(region) }
    }
    return regions.sorted {
      ($0.frames.lowerBound, $0.bands.lowerBound) < ($1.frames.lowerBound, $1.bands.lowerBound)
    }
  }
}

extension AudioModel {
  /// The events in an attribution of a clip of `duration` seconds, `[frames, bands]` as `explain` makes it.
  public func events(in attribution: Tensor, duration: Double, by finder: EventFinder = EventFinder()) throws
    -> [SoundEvent]
  {
    try events(in: attribution, on: axes, duration: duration, by: finder)
  }

  /// The same of an attribution on these axes; each panel by itself.
  func events(in attribution: Tensor, on axes: PictureAxes, duration: Double, by finder: EventFinder) throws
    -> [SoundEvent]
  {
    guard attribution.count > 0 else { return [] }
    let whole = attribution.values.reduce(0) { $0 + Double(max(0, $1)) }
    return try zip(axes.panels, axes.panelRanges).flatMap { panel, range -> [SoundEvent] in
      let own = attribution.columns(range)
      // Shares are of the evidence of all panels.
      let share = whole > 0 ? own.values.reduce(0) { $0 + Double(max(0, $1)) } / whole : 0
      return try finder.regions(in: own).compactMap { region in
        let start = max(0, axes.time(ofFrame: Double(region.frames.lowerBound) - 0.5))
        let end = min(duration, axes.time(ofFrame: Double(region.frames.upperBound) + 0.5))
        guard start < end, region.share * share >= finder.least else { return nil }
        let (lowest, highest) = (panel.bands[region.bands.lowerBound], panel.bands[region.bands.upperBound])
        // Half way to the neighbouring bands' centres.
        return SoundEvent(
          start: start, end: end, lowest: (lowest.lowest + lowest.centre) / 2,
          highest: (highest.centre + highest.highest) / 2, share: region.share * share)
      }
    }.sorted { ($0.start, $0.lowest) < ($1.start, $1.lowest) }
  }
}
