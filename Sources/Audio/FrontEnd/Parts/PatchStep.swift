/// A step on one patch alone, `[channels, frames, bands]`, after it is cut; the picture before it is the one that is
/// explained.
public enum PatchStep: Sendable, Hashable {
  /// A step on values that leaves channels and frames as they are.
  case values(PictureStep)
  /// Another size, each place from the nearest ones of the patch.
  case resize(frames: Int, bands: Int, mode: ResizeMode)
  /// The first frames only.
  case cut(frames: Int)
  /// The highest band, or the last frame, first.
  case flip(Axis)
  /// The same picture in that many channels.
  case copies(Int)
  /// Slopes over time as further channels.
  case deltas(Deltas)
  /// Values of 0 to 1 as red, green and blue of 0 to 1: three channels of one.
  case colours(Colours)
  /// `y = (x − mean[c]) / deviation[c]` in channel `c`, such as ImageNet's statistics.
  case channelStatistics(mean: [Double], deviation: [Double])

  public enum Axis: String, Sendable, Codable, CaseIterable {
    case bands
    case frames
  }

  public enum ResizeMode: String, Sendable, Codable, CaseIterable {
    /// Straight lines between the centres of places: PyTorch's `interpolate(mode="bilinear", align_corners=False)`.
    case bilinear
    /// The place at `⌊i · old / new⌋`: PyTorch's `interpolate(mode="nearest")`.
    case nearest
  }

  /// Slopes over `width` frames, an odd number of at least 3, and those of higher order, each in channels of its own.
  public struct Deltas: Sendable, Hashable {
    public var width: Int
    /// 1 for slopes, 2 for the second derivative, too.
    public var orders: Int
    public var kind: Kind

    public enum Kind: String, Sendable, Codable, CaseIterable {
      /// `d[t] = Σ_n n · x[t + n] / Σ_n n²` for `n` of `−⌊width/2⌋` to `⌊width/2⌋`, the first and the last frame
      /// going on beyond the ends; the second order is the slope of the slopes. torchaudio's `compute_deltas`.
      case slopes
      /// The derivative of order `k` of the polynomial of degree `k` fitted to `width` frames, at their middle; at
      /// the ends, along the polynomial of the outermost ones. `librosa.feature.delta`, by Savitzky and Golay.
      case fitted
    }

    public init(width: Int, orders: Int, kind: Kind) {
      (self.width, self.orders, self.kind) = (width, orders, kind)
    }
  }

  /// How values become colours, by a table of 256.
  public struct Colours: Sendable, Hashable {
    public var map: ColourMap
    /// Whether a value of `v` has the colour at place `255 v`, on straight lines between entries, rather than the entry
    /// `⌊256 v⌋`, as matplotlib's. The derivative is that of the lines either way.
    public var isInterpolated: Bool

    public init(_ map: ColourMap, isInterpolated: Bool = true) {
      (self.map, self.isInterpolated) = (map, isInterpolated)
    }
  }

  /// A table of 256 colours; matplotlib's but for `gray`, from black to white.
  public enum ColourMap: String, Sendable, Codable, CaseIterable {
    case gray
    case magma
    case viridis
    case inferno
  }

  /// The extents of what it makes of `[channels, frames, bands]`.
  public func extents(of old: PatchExtents) -> PatchExtents {
    var new = old
    switch self {
    case .values(let step): new.bands = step.bands(of: old.bands)
    case .resize(let frames, let bands, _): (new.frames, new.bands) = (frames, bands)
    case .cut(let frames): new.frames = min(frames, old.frames)
    case .copies(let count): new.channels *= count
    case .deltas(let deltas): new.channels *= 1 + deltas.orders
    case .colours: new.channels = 3
    case .flip, .channelStatistics: break
    }
    return new
  }
}

/// The size of what a network is given for one patch.
public struct PatchExtents: Sendable, Hashable {
  public var channels: Int
  public var frames: Int
  public var bands: Int

  public init(channels: Int, frames: Int, bands: Int) {
    (self.channels, self.frames, self.bands) = (channels, frames, bands)
  }
}
