import CFFmpeg

/// A file's samples, in order and in bounded memory: one stretch of planar `Float`s after another.
///
/// Whole numbers are divided by their full scale (16 bit: 32768), floats pass as they are. What an encoder added at
/// the ends (MP3, AAC, Opus) is removed as the container says. Every sample is finite and within ±1e9, or an error is
/// thrown.
final class AudioDecoder {
  let path: String
  let sampleRate: Int
  let channels: Int
  var duration: Double? { file.duration }
  /// How many samples of each channel lie before the next stretch.
  private(set) var position = 0

  private let file: MediaFile
  /// The time stamp of the file's first sample.
  private var origin: Int?
  private var pending: [[Float]]?

  /// - Throws: whatever keeps the file from being opened, and `.noSamples` where there is nothing to decode.
  init(_ path: String) throws(AudioError) {
    self.path = path
    file = try MediaFile(path)
    sampleRate = file.sampleRate
    channels = file.channels
    pending = try decode { self.origin = $0 }
    if pending == nil {
      guard file.failures > 0 else { throw .noSamples(path: path) }
      throw .undecodable(path: path, reason: file.lastMessage)
    }
  }

  /// The next stretch, one array a channel, none of them empty; nil at the end.
  func next() throws(AudioError) -> [[Float]]? {
    let stretch: [[Float]]?
    if let waiting = pending {
      stretch = waiting
      pending = nil
    } else {
      stretch = try decode { _ in }
    }
    position += stretch?.first?.count ?? 0
    return stretch
  }

  /// Whether `jump(closeTo:)` may be tried: a pipe is read once, from the start.
  var canJump: Bool { origin != nil && file.canSeekExactly }

  /// Jumps close before sample `target` of each channel; `position` says where. False where the file does not let
  /// itself be entered there exactly: then the decoder is of no more use.
  func jump(closeTo target: Int) -> Bool {
    guard canJump, let origin else { return false }
    // Decoders need a run-up until they are again as exact as from the start.
    guard file.seek(to: origin + max(0, target - sampleRate)) else { return false }
    var time: Int?
    pending = try? decode { time = $0 }
    guard pending != nil, let time, time >= origin, time - origin <= target else { return false }
    position = time - origin
    return true
  }

  private func decode(noting time: (Int?) -> Void) throws(AudioError) -> [[Float]]? {
    while let frame = file.nextFrame() {
      let count = Int(frame.pointee.nb_samples)
      guard count > 0 else { continue }
      guard Int(frame.pointee.sample_rate) == sampleRate, Int(frame.pointee.ch_layout.nb_channels) == channels
      else { throw .changesMidway(path: path, seconds: seconds(position)) }
      time(file.time(of: frame.pointee))
      guard let stretch = planarFloats(of: frame.pointee) else {
        throw .undecodable(path: path, reason: "FFmpeg's sample format \(frame.pointee.format) is unknown")
      }
      for channel in stretch {
        if let bad = firstUnusable(channel) {
          throw .notFinite(path: path, seconds: seconds(position + bad))
        }
      }
      return stretch
    }
    return nil
  }

  private func seconds(_ samples: Int) -> Double { Double(samples) / Double(sampleRate) }
}

/// The index of the first sample that is NaN, infinite or beyond ±1e9.
private func firstUnusable(_ samples: [Float]) -> Int? {
  var isUsable = true
  for sample in samples { isUsable = isUsable && abs(sample) <= Limits.largestSample }
  return isUsable ? nil : samples.firstIndex { !(abs($0) <= Limits.largestSample) }
}
