import Files

/// Where the bins of a picture of a sound, `[frames, bands]`, lie: in seconds and in hertz.
///
/// A picture is one long stretch of frames, or one block of frames a patch, side by side (`block`): a spectrogram that a
/// network makes inside begins anew with each patch. Its bands are those of one panel, or of several stacked upon each
/// other: two spectrograms of different ranges, or the channels of a stereo sound.
public struct PictureAxes: Sendable, Hashable {
  /// The centre of frame 0, in seconds.
  public let start: Double
  /// From one frame to the next, in seconds.
  public let hop: Double
  /// How much sound a frame sees, in seconds.
  public let window: Double
  /// nil where all frames are evenly spaced.
  public let block: Block?
  /// At least one.
  public let panels: [Panel]

  /// Frames that begin anew with each patch.
  public struct Block: Sendable, Hashable {
    public let frames: Int
    /// From one patch to the next, in seconds.
    public let seconds: Double

    public init(frames: Int, seconds: Double) { (self.frames, self.seconds) = (frames, seconds) }
  }

  public init(start: Double, hop: Double, window: Double, block: Block? = nil, panels: [Panel]) {
    precondition(!panels.isEmpty && hop > 0, "a picture without panels, or without a hop")
    (self.start, self.hop, self.window) = (start, hop, window)
    (self.block, self.panels) = (block, panels)
  }

  /// Bands that share one axis of frequency.
  public struct Panel: Sendable, Hashable {
    /// For captions; empty where there is only one.
    public let name: String
    /// The channel of the sound that it shows; nil for the mean of all.
    public let channel: Int?
    /// How much sound a frame of it sees, in seconds, where that is not the same in all panels.
    public let window: Double?
    public let bands: [Band]
    /// On which bands lie at even distances; nil for hertz.
    public let scale: MelScale?
    /// On which a band's response falls in straight lines towards its neighbours; nil for hertz.
    let slopes: MelScale?

    public init(
      _ bands: [Band], name: String = "", channel: Int? = nil, window: Double? = nil, scale: MelScale? = nil,
      slopes: MelScale? = nil
    ) {
      precondition(!bands.isEmpty, "a panel without bands")
      (self.bands, self.name, self.channel, self.window) = (bands, name, channel, window)
      (self.scale, self.slopes) = (scale, slopes)
    }

    /// `channel 2, window of 50 ms`, of those that tell panels apart; empty where neither does.
    public var caption: String {
      let parts = [
        channel.map { "channel \($0 + 1)" },
        window.map { "window of \(NumberText.rounded(1000 * $0, digits: 3)) ms" },
      ]
      return parts.compactMap(\.self).joined(separator: ", ")
    }

    /// Between the lowest and the highest frequency of its bands, in hertz.
    public var range: ClosedRange<Double> {
      let lowest = bands.map(\.lowest).min() ?? 0
      return lowest...max(lowest, bands.map(\.highest).max() ?? 0)
    }

    /// Whether a frequency lies within the range, which ends at half the sample rate or some other bin as a rule: to rounding.
    func hears(_ hertz: Double) -> Bool {
      let range = range
      let slack = 1e-9 * range.upperBound
      return hertz >= range.lowerBound - slack && hertz <= range.upperBound + slack
    }

    /// The coordinate on which the bands lie evenly.
    package func position(ofHertz hertz: Double) -> Double { scale?.mel(ofHertz: hertz) ?? hertz }

    /// The coordinate on which slopes are straight.
    func slopePosition(ofHertz hertz: Double) -> Double { slopes?.mel(ofHertz: hertz) ?? hertz }
  }

  /// What a band hears: from where to where, and most of all, in hertz. Neighbours overlap: a band reaches to where the next
  /// one hears most.
  public struct Band: Sendable, Hashable {
    public let lowest: Double
    public let centre: Double
    public let highest: Double

    public init(_ lowest: Double, _ centre: Double, _ highest: Double) {
      (self.lowest, self.centre, self.highest) = (lowest, centre, highest)
    }
  }

  // MARK: - Bands

  public var bandCount: Int { panels.reduce(0) { $0 + $1.bands.count } }

  /// The bands of all panels.
  public var bands: [Band] { panels.count == 1 ? panels[0].bands : panels.flatMap(\.bands) }

  /// Where each band hears most, in hertz.
  public var bandCentres: [Double] { bands.map(\.centre) }

  /// The places of the panels among all bands.
  public var panelRanges: [Range<Int>] {
    var first = 0
    return panels.map { panel in
      defer { first += panel.bands.count }
      return first..<first + panel.bands.count
    }
  }

  /// Whether there is no axis of frequency: a single band, as of samples.
  public var isOfTimeOnly: Bool { bandCount == 1 }

  // MARK: - Frames

  /// The centre of a frame, in seconds from the clip's beginning.
  public func time(ofFrame frame: Double) -> Double {
    guard let block else { return start + frame * hop }
    let index = max(0, ((frame + 0.5) / Double(block.frames)).rounded(.down))
    return index * block.seconds + start + (frame - index * Double(block.frames)) * hop
  }

  public func time(ofFrame frame: Int) -> Double { time(ofFrame: Double(frame)) }

  /// The frame, with a fraction, that is centred on a time: the inverse of `time(ofFrame:)`. Between blocks, the nearest
  /// frame of the block that the time lies in.
  public func frame(at seconds: Double) -> Double {
    guard let block else { return (seconds - start) / hop }
    let index = max(0, (seconds / block.seconds).rounded(.down))
    let inside = (seconds - index * block.seconds - start) / hop
    return index * Double(block.frames) + min(max(inside, 0), Double(block.frames - 1))
  }

  /// From one frame to the next on average: for pictures whose frames are drawn equally wide.
  public var meanHop: Double { block.map { $0.seconds / Double($0.frames) } ?? hop }

  /// The centre of frame 0 of a picture whose frames are drawn `meanHop` wide, so that the middle of a block is exact.
  public var meanStart: Double {
    guard let block else { return start }
    return start + Double(block.frames - 1) / 2 * (hop - meanHop)
  }
}
