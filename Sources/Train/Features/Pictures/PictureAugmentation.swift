package import Tensors

/// What is done to a patch each time it is used in training: a function of the patch and of what is drawn.
///
/// All is off at first. In this order:
/// - roll: by a number of frames that is drawn from all there are; what leaves at the end comes in at the start.
/// - gain: what the picture of a louder or softer sound would be, by decibels drawn from ±`decibels`; where the front end
///   allows that (``PictureGain``).
/// - masks in time: `timeMasks` times, so many frames as are drawn from none to `longestTimeMask` of the patch, from a place that is
///   drawn. SpecAugment: Park et al., Interspeech 2019.
/// - masks in frequency: the same with bands.
///
/// Masks hold the value of silence, or the patch's mean. Works in place and allocates nothing.
public struct PictureAugmentation: Sendable, Hashable, Codable {
  public var rollsInTime = false
  public var timeMasks = 0
  /// As a share of the patch's frames.
  public var longestTimeMask = 0.1
  public var bandMasks = 0
  /// As a share of the bands.
  public var widestBandMask = 0.15
  /// Whether masks hold the patch's mean.
  public var fillsWithMean = false
  /// The largest gain, up or down; 0 for none.
  public var decibels = 0.0
  /// How the front end's values change with the sound's level; nil for no gain.
  public var gain: PictureGain?

  public init() {}

  /// Whether it leaves every patch as it is.
  public var isIdentity: Bool {
    !rollsInTime && timeMasks == 0 && bandMasks == 0 && (decibels == 0 || gain == nil)
  }

  /// - Parameters:
  ///   - patch: `[frames, width]`.
  ///   - fill: what masks hold: the front end's `silence`.
  ///   - panels: how many pictures lie side by side in the width; each is masked in the same bands.
  package func apply(
    to patch: UnsafeMutableBufferPointer<Float>, frames: Int, width: Int, fill: Float, panels: Int = 1,
    _ generator: inout SplitMix64
  ) {
    precondition(
      patch.count == frames * width && panels > 0 && width.isMultiple(of: panels),
      "a patch of \(patch.count) values, not of \(frames) frames of \(width)")
    guard !patch.isEmpty else { return }
    if rollsInTime { Self.roll(patch, by: generator.index(below: frames) * width) }
    if decibels != 0, let gain {
      gain.apply(generator.uniform(-abs(decibels)...abs(decibels)), to: patch)
    }
    guard timeMasks > 0 || bandMasks > 0 else { return }
    let value = fillsWithMean ? Self.mean(patch) : fill
    for _ in 0..<max(0, timeMasks) {
      let range = Self.range(of: frames, longest: longestTimeMask, &generator)
      for place in range.lowerBound * width..<range.upperBound * width { patch[place] = value }
    }
    let bands = width / panels
    for _ in 0..<max(0, bandMasks) {
      let range = Self.range(of: bands, longest: widestBandMask, &generator)
      for start in stride(from: 0, to: patch.count, by: bands) {
        for band in range { patch[start + band] = value }
      }
    }
  }

  private static func range(of count: Int, longest share: Double, _ generator: inout SplitMix64) -> Range<Int>
  {
    let longest = min(count, Int((max(0, min(1, share)) * Double(count)).rounded(.down)))
    let length = generator.index(below: longest + 1)
    let start = generator.index(below: count - length + 1)
    return start..<start + length
  }

  private static func mean(_ values: UnsafeMutableBufferPointer<Float>) -> Float {
    var sum = 0.0
    for value in values { sum += Double(value) }
    return Float(sum / Double(values.count))
  }

  /// Moves every value so many places on, the last ones to the start: both parts turned round, then all.
  private static func roll(_ values: UnsafeMutableBufferPointer<Float>, by places: Int) {
    guard places > 0 else { return }
    reverse(values, 0, values.count - places)
    reverse(values, values.count - places, values.count)
    reverse(values, 0, values.count)
  }

  private static func reverse(_ values: UnsafeMutableBufferPointer<Float>, _ start: Int, _ end: Int) {
    var (low, high) = (start, end - 1)
    while low < high {
      values.swapAt(low, high)
      (low, high) = (low + 1, high - 1)
    }
  }
}
