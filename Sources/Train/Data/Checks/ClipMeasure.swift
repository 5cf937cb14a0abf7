public import Audio
import Tensors

/// What a clip's samples tell a check, read once from the first to the last in bounded memory.
public struct ClipMeasure: Sendable, Hashable {
  public var seconds: Double
  /// In hertz, as in the file.
  public var sampleRate: Int
  public var channels: Int
  /// The largest absolute sample.
  public var peak: Float
  /// The share of the samples that are clipped: in a row of three or more at full scale.
  public var clippedShare: Double
  /// A fingerprint of the decoded samples: equal for equal sounds, in whichever lossless format.
  public var content: UInt64
  /// A coarse picture of the sound; nil for one that is too short for it.
  var outline: SoundOutline?
  /// What was wrong with the file.
  public var flaws: [Flaw]

  /// From here on a sample is at full scale: 8-bit sounds end at 0.992.
  private static let fullScale: Float = 0.99
  /// Samples in a row at full scale that count as clipped: a pure peak has one or two.
  private static let shortestRow = 3

  /// Reads a clip.
  ///
  /// - Throws: `AudioError` for what cannot be read.
  public init(_ clip: LabelledClip) throws(AudioError) {
    let start = clip.stretch?.lowerBound ?? 0
    let stretch = try DecodedStretch(
      clip.path, from: start, duration: clip.stretch.map { $0.upperBound - $0.lowerBound }, channel: .mix)
    var tallies: [Tally] = []
    var outliner = SoundOutliner(sampleRate: stretch.sampleRate)
    while let channels = try stretch.next() {
      if tallies.isEmpty { tallies = [Tally](repeating: Tally(), count: channels.count) }
      for (place, samples) in channels.enumerated() { tallies[place].add(samples) }
      outliner.add(channels)
    }
    let count = tallies.first?.count ?? 0
    seconds = Double(count) / Double(stretch.sampleRate)
    (sampleRate, channels) = (stretch.sampleRate, tallies.count)
    peak = tallies.map(\.peak).max() ?? 0
    let clipped = tallies.reduce(0) { $0 + $1.clipped }
    clippedShare = count > 0 ? Double(clipped) / Double(count * tallies.count) : 0
    var content = FNV1a()
    content.add(UInt64(sampleRate))
    for tally in tallies { content.add(tally.hash.fingerprint) }
    self.content = content.fingerprint
    outline = outliner.outline
    flaws = stretch.flaws
  }

  /// Of one channel.
  private struct Tally {
    var count = 0
    var peak: Float = 0
    var clipped = 0
    var hash = FNV1a()
    private var row = 0

    mutating func add(_ samples: [Float]) {
      count += samples.count
      for sample in samples {
        // Minus zero is zero.
        hash.add(UInt64((sample + 0).bitPattern))
        let size = abs(sample)
        peak = max(peak, size)
        guard size >= ClipMeasure.fullScale else {
          row = 0
          continue
        }
        row += 1
        if row == ClipMeasure.shortestRow {
          clipped += row
        } else if row > ClipMeasure.shortestRow {
          clipped += 1
        }
      }
    }
  }
}
