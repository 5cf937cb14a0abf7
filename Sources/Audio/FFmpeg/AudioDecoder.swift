import CFFmpeg

/// A file's samples, in order and in bounded memory: one stretch of planar `Float`s after another.
///
/// Whole numbers are divided by their full scale (16 bit: 32768), floats pass as they are. What an encoder added at
/// the ends (MP3, AAC, Opus) is removed as the container says. Every sample is finite and within ±1e9, or an error is
/// thrown. What cannot be decoded becomes silence of its own length (``Timeline``) and is told in ``flaws``.
final class AudioDecoder {
  let path: String
  /// Those of the first frame; what differs from them later is converted.
  let sampleRate: Int
  let channels: Int
  /// The length the container claims, in seconds; nil where it claims none.
  var duration: Double? { file.duration }
  /// How many samples of each channel lie before the next stretch.
  private(set) var position = 0
  var isStream: Bool { !file.isRandomAccess }
  /// What was wrong so far.
  var flaws: [Flaw] { timeline.list.flaws }

  private let file: MediaFile
  private var timeline: Timeline
  private var converter: FrameConverter
  /// Samples of silence to give out before `pending`.
  private var silence = 0
  private var pending: [[Float]]?
  private var isAtEnd = false
  private var ignoresTime = false

  /// The longest stretch of silence given out at once, in samples.
  private static let longestSilence = 1 << 16

  /// - Throws: whatever keeps the file from being opened, and `.noSamples` where there is nothing to decode.
  init(_ path: String) throws(AudioError) {
    self.path = path
    let file = try MediaFile(path)
    self.file = file
    guard let frame = Self.nextFilled(file) else {
      throw file.troubles > 0
        ? .undecodable(path: path, reason: file.lastMessage) : .noSamples(path: path)
    }
    sampleRate = Int(frame.pointee.sample_rate)
    channels = Int(frame.pointee.ch_layout.nb_channels)
    try Self.check(sampleRate, channels, path)
    timeline = Timeline(sampleRate: sampleRate)
    converter = FrameConverter(sampleRate: sampleRate, channels: channels)
    let time = file.time(of: frame.pointee, rate: sampleRate)
    let isLate = file.beginsLate
    let place = timeline.begin(at: time, isLate: isLate)
    if file.takeTroubles() > 0, !isLate { timeline.add(Flaw(.damaged, from: 0, to: 0)) }
    try take(frame.pointee, place)
  }

  /// The next stretch, one array a channel, none of them empty; nil at the end.
  func next() throws(AudioError) -> [[Float]]? {
    while silence == 0, pending == nil {
      guard !isAtEnd, try decode() else { return nil }
    }
    guard silence == 0 else {
      let count = min(silence, Self.longestSilence)
      silence -= count
      position += count
      return [[Float]](repeating: [Float](repeating: 0, count: count), count: channels)
    }
    let stretch = pending
    pending = nil
    position += stretch?.first?.count ?? 0
    return stretch
  }

  /// Whether `jump(closeTo:)` may be tried: a pipe is read once, from the start.
  var canJump: Bool { timeline.origin != nil && (file.isSeekable || file.canPassOver) }

  /// Goes close before sample `target` of each channel; `position` says where. False where the file does not let itself
  /// be entered there exactly: then the decoder is of no more use.
  ///
  /// A file that can be sought exactly is; in others packets are passed over until `target` is near, without decoding them.
  func jump(closeTo target: Int) -> Bool {
    guard canJump, let origin = timeline.origin else { return false }
    // Decoders need a run-up until they are again as exact as from the start.
    let goal = origin + max(0, target - 2 * sampleRate)
    if file.isSeekable {
      guard file.seek(to: goal, rate: sampleRate) else { return false }
    } else {
      file.passOver(to: goal, rate: sampleRate)
    }
    (silence, pending) = (0, nil)
    guard let frame = Self.nextFilled(file), let time = file.time(of: frame.pointee, rate: sampleRate),
      !file.lostItsWay, time >= origin, time - origin <= target,
      Int(frame.pointee.sample_rate) == sampleRate
    else { return false }
    let place = timeline.begin(at: time, isLate: false)
    position = time - origin
    _ = file.takeTroubles()
    guard (try? take(frame.pointee, place)) != nil else { return false }
    return true
  }

  /// Decodes one frame; false at the end.
  private func decode() throws(AudioError) -> Bool {
    guard let frame = Self.nextFilled(file) else {
      isAtEnd = true
      try finish()
      return silence > 0 || pending != nil
    }
    let frameRate = Int(frame.pointee.sample_rate)
    let frameChannels = Int(frame.pointee.ch_layout.nb_channels)
    try Self.check(frameRate, frameChannels, path)
    if !converter.takes(frameRate, frameChannels) {
      timeline.add(
        Flaw(
          .converted, from: timeline.seconds(timeline.end), to: timeline.seconds(timeline.end),
          detail: "to \(frameRate) Hz and \(frameChannels) channel\(frameChannels == 1 ? "" : "s")"))
      // Time stamps that count samples: of which rate is no longer known.
      if frameRate != sampleRate, file.isExact { ignoresTime = true }
    }
    let time = ignoresTime ? nil : file.time(of: frame.pointee, rate: sampleRate)
    let troubles = file.takeTroubles()
    let claimed = duration.map { Int(min($0, 1e9) * Double(sampleRate)) }
    // Where frames are converted, as many samples come as the resampler has ready.
    guard let stretch = try converted(frame.pointee), let count = stretch.first?.count, count > 0 else {
      return true
    }
    let place = timeline.place(
      time, count: count, isAfterFailure: troubles > 0, isEstimate: file.countsTime, claimed: claimed)
    set(stretch, place)
    return true
  }

  /// At the end: whether that is where the container says, and what was wrong with the last packets.
  private func finish() throws(AudioError) {
    if let rest = try converter.finish(), let count = rest.first?.count, count > 0 {
      set(rest, timeline.place(nil, count: count, isAfterFailure: false))
    }
    let end = timeline.seconds(timeline.end)
    let troubles = file.takeTroubles()
    if let claimed = file.headerDuration ?? lastPageEnd, abs(claimed - end) > file.durationTolerance {
      timeline.add(
        claimed > end ? Flaw(.truncated, from: end, to: claimed) : Flaw(.overlong, from: claimed, to: end))
    } else if troubles > 0 || file.endsOpen {
      timeline.add(Flaw(.truncated, from: end, to: end))
    }
  }

  /// Where an Ogg stream ends by its last page, in seconds, if that is behind the last sample.
  private var lastPageEnd: Double? {
    guard let granule = file.lastGranule, let origin = timeline.origin, !ignoresTime,
      !flaws.contains(where: { $0.kind == .restarted })
    else { return nil }
    // A page counts what is cut off at its end, too, by a packet at most.
    let end = timeline.seconds(granule - origin)
    return end > timeline.seconds(timeline.end) + file.durationTolerance ? end : nil
  }

  private func take(_ frame: AVFrame, _ place: Timeline.Place) throws(AudioError) {
    guard let stretch = try converted(frame), let count = stretch.first?.count else { return }
    // The frame was begun at, not yet counted.
    _ = timeline.place(nil, count: count, isAfterFailure: false)
    set(stretch, place)
  }

  private func set(_ stretch: [[Float]], _ place: Timeline.Place) {
    silence += place.silence
    let kept = place.skipped == 0 ? stretch : stretch.map { Array($0.dropFirst(place.skipped)) }
    pending = kept.first?.isEmpty == false ? kept : nil
  }

  /// The frame's samples at the rate and with the channels of the beginning; nil where the resampler wants more first.
  private func converted(_ frame: AVFrame) throws(AudioError) -> [[Float]]? {
    guard let stretch = planarFloats(of: frame) else {
      throw .undecodable(path: path, reason: "FFmpeg's sample format \(frame.format) is unknown")
    }
    for channel in stretch {
      if let bad = firstUnusable(channel) {
        throw .notFinite(path: path, seconds: timeline.seconds(timeline.end + bad))
      }
    }
    return try converter.convert(stretch, from: Int(frame.sample_rate))
  }

  private static func nextFilled(_ file: MediaFile) -> UnsafeMutablePointer<AVFrame>? {
    while let frame = file.nextFrame() {
      if frame.pointee.nb_samples > 0, frame.pointee.ch_layout.nb_channels > 0 { return frame }
    }
    return nil
  }

  private static func check(_ rate: Int, _ channels: Int, _ path: String) throws(AudioError) {
    guard Limits.sampleRates.contains(rate) else { throw .absurdSampleRate(path: path, hertz: rate) }
    guard Limits.channels.contains(channels) else {
      throw .absurdChannelCount(path: path, channels: channels)
    }
  }
}

/// The index of the first sample that is NaN, infinite or beyond ±1e9.
private func firstUnusable(_ samples: [Float]) -> Int? {
  var isUsable = true
  for sample in samples { isUsable = isUsable && abs(sample) <= Limits.largestSample }
  return isUsable ? nil : samples.firstIndex { !(abs($0) <= Limits.largestSample) }
}
