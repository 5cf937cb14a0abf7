package import Audio
import Files
import Glibc

/// What is done to the samples of a clip before its picture is made: a function of the samples and of nothing else.
///
/// Of `n` samples `x`, at the front end's rate, in each channel:
///
/// | change | formula | samples |
/// |---|---|---|
/// | padded | `x`, then its last sample again and again; cut where it is longer: `numpy.pad(mode="edge")` | `seconds · rate` |
/// | rolled | `y[(i + round(share · n)) mod n] = x[i]`: `numpy.roll` | `n` |
/// | shifted | later by so many seconds, earlier where negative; zeros where nothing comes from | `n` |
/// | gain | `10^(decibels / 20) · x` | `n` |
/// | stretched | `rate` times as fast, at the same pitch: ``PhaseVocoder`` | `n / rate` |
/// | pitched | so many semitones higher: ``PhaseVocoder`` | `n` |
/// | background | `(1 − weight) · x + weight · b`, with `b` the background from `offset` on, again and again | `n` |
///
/// Padding, rolling: the *hear and see* protocol. Stretch, pitch and background: Salamon and Bello, IEEE Signal Processing
/// Letters 24(3), 2017. Nothing is clipped or brought to another level.
public enum SoundChange: Sendable, Hashable, Codable {
  case padded(seconds: Double)
  case rolled(share: Double)
  case shifted(seconds: Double)
  case gain(decibels: Double)
  case stretched(rate: Double)
  case pitched(semitones: Double)
  case background(path: String, weight: Double, offset: Double)
}

/// Changes of a clip, one after another; none for the clip as it is.
public typealias Variation = [SoundChange]

extension SoundChange {
  /// A clip after this change is no longer than this, in seconds.
  package static let longest = 600.0

  /// - Throws: `FeatureError.change` for a value that cannot be meant.
  public func check() throws(FeatureError) {
    func require(_ holds: Bool, _ reason: String) throws(FeatureError) {
      guard holds else { throw .change("\(self)", reason: reason) }
    }
    switch self {
    case .padded(let seconds):
      try require(seconds > 0 && seconds <= Self.longest, "give seconds above 0, up to 600")
    case .rolled(let share): try require(share.isFinite, "give a share of the clip, such as 0.25")
    case .shifted(let seconds): try require(abs(seconds) <= Self.longest, "give seconds, up to 600")
    case .gain(let decibels): try require(abs(decibels) <= 120, "give decibels between -120 and 120")
    case .stretched(let rate): try require(rate >= 0.25 && rate <= 4, "give a rate between 0.25 and 4")
    case .pitched(let semitones): try require(abs(semitones) <= 24, "give semitones between -24 and 24")
    case .background(_, let weight, let offset):
      try require(weight >= 0 && weight <= 1, "give a weight between 0 and 1")
      try require(offset >= 0 && offset <= 1e9, "give the background's start in seconds from 0 on")
    }
  }

  /// Whether it leaves every clip as it is.
  var isIdentity: Bool {
    switch self {
    case .padded: false
    case .rolled(let share): share == share.rounded()
    case .shifted(let seconds): seconds == 0
    case .gain(let decibels): decibels == 0
    case .stretched(let rate): rate == 1
    case .pitched(let semitones): semitones == 0
    case .background(_, let weight, _): weight == 0
    }
  }

  /// The same change in the one form it is kept under: a roll by −25 % is one by 75 %.
  var canonical: SoundChange {
    guard case .rolled(let share) = self else { return self }
    return .rolled(share: share - share.rounded(.down))
  }

  /// The channels of a clip after this change.
  ///
  /// - Throws: `AudioError` where a background cannot be read.
  package func apply(to channels: [[Float]], sampleRate: Int) throws(AudioError) -> [[Float]] {
    let count = channels.first?.count ?? 0
    guard count > 0, !isIdentity else { return channels }
    let rate = Double(sampleRate)
    switch canonical {
    case .padded(let seconds):
      let length = Int((seconds * rate).rounded())
      return channels.map { samples in
        let last = samples.last ?? 0
        return Array(samples.prefix(length)) + [Float](repeating: last, count: max(0, length - count))
      }
    case .rolled(let share):
      let start = (count - Int((share * Double(count)).rounded())) % count
      return channels.map { Array($0[start...] + $0[..<start]) }
    case .shifted(let seconds):
      let places = Int((seconds * rate).rounded())
      let silence = [Float](repeating: 0, count: min(count, abs(places)))
      return channels.map { samples in
        places > 0 ? silence + samples.dropLast(silence.count) : samples.dropFirst(silence.count) + silence
      }
    case .gain(let decibels):
      let factor = Float(pow(10, decibels / 20))
      return channels.map { $0.map { $0 * factor } }
    case .stretched(let rate):
      return channels.map { PhaseVocoder().stretched($0, rate: rate) }
    case .pitched(let semitones):
      return try channels.map { samples throws(AudioError) in
        try PhaseVocoder().shifted(samples, semitones: semitones, sampleRate: sampleRate)
      }
    case .background(let path, let weight, let offset):
      let background = try Self.stretch(of: path, from: offset, count: count, sampleRate: sampleRate)
      return channels.map { samples in
        zip(samples, background).map { Float(1 - weight) * $0 + Float(weight) * $1 }
      }
    }
  }

  /// So many mono samples of a recording, which begins anew where it ends.
  static func stretch(
    of path: String, from offset: Double, count: Int, sampleRate: Int
  ) throws(AudioError) -> [Float] {
    // A little more, so that the resampler's end falls behind what is used.
    let seconds = Double(count) / Double(sampleRate) + 0.1
    var samples = try Recording.read(path, from: offset, duration: seconds).mono(at: sampleRate)
    guard samples.count < count else { return Array(samples.prefix(count)) }
    let again = try Recording.read(path, duration: seconds).mono(at: sampleRate)
    while samples.count < count { samples += again.prefix(count - samples.count) }
    return samples
  }
}

extension [SoundChange] {
  /// The channels of a clip after all changes.
  package func apply(to channels: [[Float]], sampleRate: Int) throws(AudioError) -> [[Float]] {
    var changed = channels
    for change in self { changed = try change.apply(to: changed, sampleRate: sampleRate) }
    return changed
  }

  /// Without changes that do nothing, each in its one form.
  package var canonical: Variation { filter { !$0.isIdentity }.map(\.canonical) }
}

extension SoundChange: CustomStringConvertible {
  /// `padded to 4.0 s`, `rolled by 25.0 %`, ...
  public var description: String {
    switch self {
    case .padded(let seconds): "padded to \(seconds) s"
    case .rolled(let share): "rolled by \(share * 100) %"
    case .shifted(let seconds): "shifted by \(seconds) s"
    case .gain(let decibels): "\(decibels) dB"
    case .stretched(let rate): "stretched, rate \(rate)"
    case .pitched(let semitones): "pitched by \(semitones) semitones"
    case .background(let path, let weight, let offset):
      "\(weight) of \(PathText.shown(path)) from \(offset) s"
    }
  }
}
