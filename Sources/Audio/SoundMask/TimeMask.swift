/// A gain over time alone, at a picture's frames: what of a recording the moments with high gain hold.
///
/// Between the frames' centres it is interpolated linearly, before the first and after the last the nearest holds: a
/// gain without jumps, so that nothing clicks.
public struct TimeMask: Sendable {
  public let axes: PictureAxes
  /// One for each frame, within 0...1.
  public let gains: [Float]

  /// - Parameter gains: values are clamped to 0...1, NaN to 0; one at least.
  public init(_ gains: [Float], axes: PictureAxes) {
    precondition(!gains.isEmpty, "a mask of no frames")
    self.axes = axes
    self.gains = gains.map { $0 > 0 ? min($0, 1) : 0 }
  }

  /// The gain at a time, in seconds.
  public func gain(at seconds: Double) -> Float {
    let frame = min(max(axes.frame(at: seconds), 0), Double(gains.count - 1))
    let before = Int(frame)
    let after = min(before + 1, gains.count - 1)
    return gains[before] + Float(frame - Double(before)) * (gains[after] - gains[before])
  }

  /// What the mask keeps of a recording, and what it leaves; together they are the recording.
  public func split(_ recording: Recording) -> (heard: Recording, ignored: Recording) {
    let rate = Double(recording.sampleRate)
    let gains = (0..<recording.frames).map { gain(at: Double($0) / rate) }
    let heard = recording.channels.map { channel in zip(channel, gains).map { $0 * $1 } }
    let ignored = zip(recording.channels, heard).map { whole, part in zip(whole, part).map { $0 - $1 } }
    return (
      Recording(channels: heard, sampleRate: recording.sampleRate),
      Recording(channels: ignored, sampleRate: recording.sampleRate)
    )
  }
}
