/// The wanted part of a file, decoded piece by piece at the file's own rate, and what was wrong with it.
package final class DecodedStretch {
  let path: String
  private let decoder: AudioDecoder
  private let channel: Channel
  /// What is used of the file, in its own samples.
  private let range: Range<Int>
  /// How many of them came.
  private(set) var used = 0
  private var energy = MixedEnergy()

  package var sampleRate: Int { decoder.sampleRate }
  var isStream: Bool { decoder.isStream }
  /// The length the container claims for the whole file, in seconds; nil where it claims none.
  var duration: Double? { decoder.duration }

  /// Opens the file at `path` at its start, or close before the wanted stretch.
  ///
  /// - Throws: as ``Recording/read(_:from:duration:limit:channel:)``; that the sound ends before `start` shows when the
  ///   first piece is asked for.
  package init(
    _ path: String, from start: Double, duration: Double?, channel: Channel
  ) throws(AudioError) {
    guard start >= 0, start <= 1e9 else {
      throw .badStretch(path: path, reason: "a start of \(start) s; give seconds from 0 on")
    }
    if let duration, !(duration > 0 && duration <= 1e9) {
      throw .badStretch(path: path, reason: "a duration of \(duration) s; give more than 0 seconds")
    }
    var decoder = try AudioDecoder(path)
    let rate = Double(decoder.sampleRate)
    let first = Int((start * rate).rounded())
    let count = duration.map { max(1, Int(($0 * rate).rounded())) }
    // Earlier starts are decoded up to, which is as fast.
    if first > 4 * decoder.sampleRate, decoder.canJump, !decoder.jump(closeTo: first) {
      decoder = try AudioDecoder(path)
    }
    if case .number(let number) = channel, number > decoder.channels {
      throw .noSuchChannel(path: path, channel: number, channels: decoder.channels)
    }
    (self.path, self.decoder, self.channel) = (path, decoder, channel)
    range = first..<(count.map { first + $0 } ?? .max)
  }

  /// What is wrong with the stretch, as far as it was read.
  package var flaws: [Flaw] {
    let rate = Double(sampleRate)
    let (start, end) = (Double(range.lowerBound) / rate, Double(range.lowerBound + used) / rate)
    // Behind the end only what ended it is of interest.
    let met = decoder.flaws.filter { $0.end >= start && $0.start <= end }
    return met + (channel == .mix ? [energy.flaw(from: start, to: end)].compactMap(\.self) : [])
  }

  /// The next samples of each wanted channel; nil behind the stretch.
  package func next() throws(AudioError) -> [[Float]]? {
    while used < range.count {
      let position = decoder.position
      guard var stretch = try decoder.next(), let length = stretch.first?.count else { break }
      guard position + length > range.lowerBound else { continue }
      let skipped = max(0, range.lowerBound - position)
      let taken = min(length - skipped, range.count - used)
      used += taken
      if case .number(let number) = channel { stretch = [stretch[number - 1]] }
      if taken < length { stretch = stretch.map { Array($0[skipped..<skipped + taken]) } }
      if stretch.count > 1 { energy.add(stretch, mix: mean(of: stretch)) }
      return stretch
    }
    guard used > 0 else {
      throw .startBeyondEnd(
        path: path, start: Double(range.lowerBound) / Double(sampleRate),
        seconds: Double(decoder.position) / Double(sampleRate))
    }
    return nil
  }
}
