public import Audio
public import Explain
import Glibc
public import Tensors

/// Where in the clips of a data set the evidence for their classes may lie: regions from a table, as masks on pictures.
///
/// A row says a file, a start and an end in its seconds, and may say a lowest and a highest frequency in hertz and a class; all
/// tables that ``Explain/AnnotationTable`` reads will do. A row with a class counts for clips of that class alone. Of a clip
/// without rows nothing is known: it has no mask.
public struct AttentionRegions: Sendable {
  /// What was passed over, with its reason.
  public let notes: [String]
  /// Of each clip, in seconds of its file; empty where nothing is known.
  private let regions: [[AnnotatedRegion]]
  private let clips: [LabelledClip]

  /// - Parameter path: a table, or a folder of tables named after the sounds.
  /// - Throws: `FileError`, `AnnotationError`.
  public init(reading path: String, columns: AnnotationColumns = AnnotationColumns(), for data: DataSet)
    throws
  {
    var tables = try AnnotationTables(path, columns: columns)
    let found = tables.regions(of: Array(Set(data.clips.map(\.path))).sorted())
    notes = tables.notes
    clips = data.clips
    let names = data.classes.map { $0.lowercased() }
    regions = data.clips.map { clip in
      let own = Set(clip.classes.map { names[$0] })
      return (found[clip.path] ?? []).filter { region in
        guard let label = region.label else { return true }
        return own.contains(label.lowercased())
      }
    }
  }

  /// The clips of which something is known.
  public var knownClips: [Int] { regions.indices.filter { !regions[$0].isEmpty } }

  /// Where evidence may lie in a clip's picture after a variation: 1 there and 0 elsewhere, `[frames, bands]`; nil where nothing is
  /// known of the clip.
  ///
  /// Regions move with the sound: rolled, shifted, stretched and pitched. What is padded lies outside of them.
  ///
  /// - Parameters:
  ///   - axes: of the pictures: `FrontEnd.axes(channels:)`.
  ///   - seconds: how long the clip is before the variation.
  public func mask(
    clip: Int, variation: Variation = [], axes: PictureAxes, frames: Int, seconds: Double
  ) -> Tensor? {
    guard !regions[clip].isEmpty else { return nil }
    let start = clips[clip].stretch?.lowerBound ?? 0
    var own = regions[clip].map { region in
      var region = region
      region.start = max(0, region.start - start)
      region.end = min(seconds, region.end - start)
      return region
    }.filter { $0.end > $0.start }
    var length = seconds
    for change in variation { own = change.moved(own, length: &length) }
    return axes.mask(of: own, frames: frames)
  }
}

extension SoundChange {
  /// Where regions of a clip of `length` seconds lie after this change, and how long the clip is then.
  fileprivate func moved(_ regions: [AnnotatedRegion], length: inout Double) -> [AnnotatedRegion] {
    switch self {
    case .gain, .background: return regions
    case .padded(let seconds):
      length = seconds
      return Self.cut(regions, to: seconds)
    case .shifted(let seconds): return Self.cut(regions.map { Self.moved($0, by: seconds) }, to: length)
    case .rolled:
      guard case .rolled(let share) = canonical else { return regions }
      let seconds = share * length
      return Self.cut(
        regions.flatMap { [Self.moved($0, by: seconds), Self.moved($0, by: seconds - length)] }, to: length)
    case .stretched(let rate):
      length /= rate
      return regions.map { region in
        var region = region
        (region.start, region.end) = (region.start / rate, region.end / rate)
        return region
      }
    case .pitched(let semitones):
      let factor = exp2(semitones / 12)
      return regions.map { region in
        var region = region
        (region.lowest, region.highest) = (
          region.lowest.map { $0 * factor }, region.highest.map { $0 * factor }
        )
        return region
      }
    }
  }

  private static func moved(_ region: AnnotatedRegion, by seconds: Double) -> AnnotatedRegion {
    var region = region
    (region.start, region.end) = (region.start + seconds, region.end + seconds)
    return region
  }

  /// What of the regions lies within so many seconds.
  private static func cut(_ regions: [AnnotatedRegion], to seconds: Double) -> [AnnotatedRegion] {
    regions.compactMap { region in
      var region = region
      (region.start, region.end) = (max(0, region.start), min(seconds, region.end))
      return region.end > region.start ? region : nil
    }
  }
}
