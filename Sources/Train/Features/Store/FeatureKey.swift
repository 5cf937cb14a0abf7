import Tensors

/// What a picture is of: the content of a sound, a stretch of it, and changes. Two with the same key are taken for the same.
///
/// Two fingerprints of 64 bits over the same words; how the picture is made is part of the file it is kept in.
struct FeatureKey: Hashable, Sendable {
  let low: UInt64
  let high: UInt64

  init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }

  /// - Parameters:
  ///   - stretch: in seconds of the file; nil for all of it.
  ///   - content: of the file at a path, for the backgrounds among the changes.
  init(
    _ sound: ContentHash, _ stretch: ClosedRange<Double>?, _ variation: Variation,
    content: (String) -> ContentHash?
  ) {
    var (low, high) = (FNV1a(), FNV1a())
    high.add(0x9E37_79B9_7F4A_7C15)
    func add(_ text: String) {
      for byte in text.utf8 {
        low.add(UInt64(byte))
        high.add(UInt64(byte))
      }
      low.add(256)
      high.add(256)
    }
    add(sound.digits)
    add(stretch.map { "\($0.lowerBound) \($0.upperBound)" } ?? "whole")
    for change in variation.canonical { add(change.identity(content: content)) }
    // FNV's last word moves few bits; these mix them all.
    self.low = SplitMix64.mixed(low.fingerprint)
    self.high = SplitMix64.mixed(high.fingerprint)
  }
}

extension SoundChange {
  /// Different for changes that differ; a background goes by what it holds.
  fileprivate func identity(content: (String) -> ContentHash?) -> String {
    switch self {
    case .padded(let seconds): "padded \(seconds)"
    case .rolled(let share): "rolled \(share)"
    case .shifted(let seconds): "shifted \(seconds)"
    case .gain(let decibels): "gain \(decibels)"
    case .stretched(let rate): "stretched \(rate)"
    case .pitched(let semitones): "pitched \(semitones)"
    case .background(let path, let weight, let offset):
      "background \(content(path)?.digits ?? "") \(weight) \(offset)"
    }
  }
}
