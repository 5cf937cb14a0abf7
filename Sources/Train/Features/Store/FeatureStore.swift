public import Audio
public import Explain
import Files
public import Tensors

/// The pictures that a network is trained and tested on: of each clip, in each of its variations.
///
/// A picture is `FrontEnd.logMel` of the clip's samples, decoded, mixed and resampled as for every verb, after the changes of
/// the variation. Each is computed once, on several threads, and kept in a file in the cache's folder, which is mapped into
/// memory: pictures are found again by what the sound's file holds, the stretch, the changes and the front end, whatever the
/// file is called and whichever data set it belongs to. Each picture is checked when a store is opened; what is damaged is made
/// anew. A run that is ended early, however it is ended, leaves what it had finished. Processes take turns to add to a folder.
///
/// ```swift
/// let store = try FeatureStore(
///   data.clips, variations: Variant.rolled.variations(), frontEnd: .yamnet, cache: "cache", control: control)
/// store.withPicture(clip: 0, variation: 3) { values in … }  // [store.frames(clip: 0, variation: 3), store.width]
/// ```
public final class FeatureStore: Sendable {
  /// Values of a frame: channels, resolutions and bands, side by side; 1 for networks on samples.
  public let width: Int
  public let clipCount: Int
  public let variationCount: Int
  /// Clips without pictures.
  public let failures: [FeatureFailure]
  /// Clips in which there is nothing to hear; they have pictures unless they are to be skipped.
  public let silent: [FeatureFailure]
  /// How many pictures were made now; the others were there.
  public let computed: Int

  private let file: MappedFile
  /// Of each variation of each clip, where its picture begins, in bytes, and its frames; 0 frames where there is none.
  private let places: [(start: Int, frames: Int)]

  /// - Parameters:
  ///   - variations: those that every clip has; `[[]]` for the clips as they are.
  ///   - channels: how many the network listens to, where the front end takes them one by one; mono sounds are on all of them.
  ///   - folder: of the cache; made where it is missing.
  ///   - threads: that decode sounds and make pictures.
  ///   - unusable: what is done about unreadable and silent clips.
  /// - Throws: `FeatureError`; `Cancelled`; `FileError` where the folder cannot be made.
  public convenience init(
    _ clips: [LabelledClip], variations: [Variation], frontEnd: FrontEnd, channels: Int = 1,
    cache folder: String, threads: Int = ComputeThreads.count, unusable: UnusableClips = UnusableClips(),
    control: RunControl = RunControl()
  ) throws {
    try self.init(
      clips, perClip: [[Variation]](repeating: variations, count: clips.count), frontEnd: frontEnd,
      channels: channels, cache: folder, threads: threads, unusable: unusable, control: control)
  }

  /// The same with variations of its own for each clip, of one number: as a ``VariationPlan`` gives them.
  public init(
    _ clips: [LabelledClip], perClip variations: [[Variation]], frontEnd: FrontEnd, channels: Int = 1,
    cache folder: String, threads: Int = ComputeThreads.count, unusable: UnusableClips = UnusableClips(),
    control: RunControl = RunControl()
  ) throws {
    let count = variations.first?.count ?? 0
    precondition(
      variations.count == clips.count && variations.allSatisfy { $0.count == count },
      "\(variations.count) lists of variations for \(clips.count) clips, or of unequal length")
    for change in Set(variations.joined().joined()) { try change.check() }
    let made = try FeatureMaking(
      clips: clips, variations: variations, frontEnd: frontEnd, channels: channels, folder: folder,
      threads: max(1, threads)
    ).pictures(control)

    var failures = made.failures
    let silent = made.silent.sorted().map { clip in
      FeatureFailure(
        clip: clip, path: clips[clip].path, reason: "\(PathText.shown(clips[clip].path)): is silent")
    }
    if unusable.silent == .skip { failures += silent }
    failures.sort { $0.clip < $1.clip }
    let refused =
      (unusable.unreadable == .refuse ? made.failures : []) + (unusable.silent == .refuse ? silent : [])
    if !refused.isEmpty { throw FeatureError.unusable(refused, of: clips.count) }
    if failures.count == clips.count, !clips.isEmpty { throw FeatureError.nothingUsable(failures) }

    let without = Set(failures.map(\.clip))
    places = made.keys.enumerated().flatMap { clip, keys in
      (0..<count).map { variation in
        guard !without.contains(clip), let keys, let record = made.records[keys[variation]] else {
          return (0, 0)
        }
        return (record.place, record.frames)
      }
    }
    (width, clipCount, variationCount) = (made.file.width, clips.count, count)
    (self.failures, self.silent, computed) = (failures, silent, made.computed)
    file = made.map
  }

  /// Whether a clip has pictures.
  public func isUsable(clip: Int) -> Bool { variationCount > 0 && frames(clip: clip, variation: 0) > 0 }

  /// How many frames a picture has; 0 for clips without pictures.
  public func frames(clip: Int, variation: Int) -> Int { place(clip, variation).frames }

  /// A picture's values, `[frames, width]`, valid within `body`.
  public func withPicture<Result>(
    clip: Int, variation: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    let (start, frames) = place(clip, variation)
    return try file.withUnsafeBytes { bytes in
      guard frames > 0 else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
      let values = UnsafeRawBufferPointer(rebasing: bytes[start..<start + frames * width * 4])
      // Records begin at multiples of 64 bytes.
      return try values.withMemoryRebound(to: Float.self) { try body($0) }
    }
  }

  /// A copy of a picture, `[frames, width]`.
  public func picture(clip: Int, variation: Int) -> Tensor {
    withPicture(clip: clip, variation: variation) { values in
      Tensor([frames(clip: clip, variation: variation), width], values)
    }
  }

  private func place(_ clip: Int, _ variation: Int) -> (start: Int, frames: Int) {
    precondition(
      (0..<clipCount).contains(clip) && (0..<variationCount).contains(variation),
      "variation \(variation) of \(variationCount) of clip \(clip) of \(clipCount)")
    return places[clip * variationCount + variation]
  }
}
