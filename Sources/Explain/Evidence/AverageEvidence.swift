/// Where the evidence for a class lies over many clips: the mean over clips of the shares that bands, octaves and moments
/// hold.
///
/// Each clip counts the same, however long or loud: its shares sum to 1 (``EvidenceShares``; of magnitudes, so that what
/// argues against the class counts as much). Time is relative, from a clip's begin to its end, cut into ``moments`` equal
/// parts; a frame that lies in two is shared out between them. What is kept of a clip are these numbers alone.
public struct AverageEvidence: Sendable {
  /// Clips with evidence.
  public private(set) var clips = 0
  /// Clips in which the attribution is zero everywhere. They are left out.
  public private(set) var empty = 0

  private var bands: [[Double]] = []
  private var time: [[Double]] = []
  private var octaves: [[Double]] = []
  private var octaveCentres: [Double] = []

  /// Into how many parts a clip's length is cut.
  public static let moments = 25

  public init() {}

  /// What is kept of a clip; nothing but zeros where there is no evidence.
  public struct Clip: Sendable, Codable, Hashable {
    let bands: [Double]
    let time: [Double]
    let octaves: [Double]
    let octaveCentres: [Double]

    /// - Parameters:
    ///   - shares: of one front end and domain as all others.
    ///   - frames: of them, those that are the clip's; what is behind is padding, and no part of its length.
    public init(_ shares: EvidenceShares, frames: Int) {
      bands = shares.overBands.map(Double.init)
      time = AverageEvidence.relative(shares.overTime.prefix(frames).map(Double.init))
      octaves = shares.octaves.map(\.share)
      octaveCentres = shares.octaves.map(\.centre)
    }
  }

  /// Adds a clip.
  public mutating func add(_ clip: Clip) {
    guard clip.bands.contains(where: { $0 > 0 }) else {
      empty += 1
      return
    }
    clips += 1
    bands.append(clip.bands)
    time.append(clip.time)
    octaves.append(clip.octaves)
    octaveCentres = clip.octaveCentres
  }

  /// Adds a clip by its shares; see `Clip`.
  public mutating func add(_ shares: EvidenceShares, frames: Int) { add(Clip(shares, frames: frames)) }

  /// The mean share of each band, with its 95 % interval (bootstrap over clips).
  public func overBands(seed: UInt64 = 0) -> [Bootstrap.Estimate] { Bootstrap.meanCurve(bands, seed: seed) }

  /// The mean share of each of ``moments``.
  public func overTime(seed: UInt64 = 0) -> [Bootstrap.Estimate] { Bootstrap.meanCurve(time, seed: seed) }

  /// The mean share of each octave, by its centre in hertz.
  public func overOctaves(seed: UInt64 = 0) -> [(centre: Double, share: Bootstrap.Estimate)] {
    Array(zip(octaveCentres, Bootstrap.meanCurve(octaves, seed: seed))).map { ($0, $1) }
  }

  /// Shares of frames as shares of ``moments``, which sum to 1, or are all 0.
  static func relative(_ frames: [Double]) -> [Double] {
    var parts = [Double](repeating: 0, count: moments)
    let width = Double(moments) / Double(max(1, frames.count))
    for (frame, share) in frames.enumerated() {
      let (start, end) = (Double(frame) * width, Double(frame + 1) * width)
      for part in Int(start)...min(moments - 1, Int(end)) {
        let inside = min(end, Double(part + 1)) - max(start, Double(part))
        if inside > 0 { parts[part] += share * inside / width }
      }
    }
    let sum = parts.reduce(0, +)
    return sum > 0 ? parts.map { $0 / sum } : parts
  }
}
