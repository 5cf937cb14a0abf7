/// Where decoded frames lie on a file's clock, in samples from its first one.
///
/// Frames follow each other without gaps as long as their time stamps agree with the number of samples to within
/// ``jitter``: stamps of whole milliseconds, and those of Vorbis at changes of its block length, waver around the truth.
/// A larger step forward, or any after a failure, is a loss: silence takes its place. A step back is an overlap, cut
/// once; one back to the beginning, or by more than a second, is a new time line that is appended to the old, as chained
/// Ogg streams are.
struct Timeline {
  /// In hertz; the rate of the first frame.
  let sampleRate: Int
  /// The time stamp of sample 0, in samples of `sampleRate`.
  private(set) var origin: Int?
  /// Where the next frame is due.
  private(set) var end = 0
  private(set) var list = FlawList()

  /// In seconds: how far time stamps may be off, and time be counted all the same.
  static let jitter = 0.05
  /// In seconds: how far they may be off right after a failure.
  private static let exact = 0.0015
  /// In seconds: a loss that is longer must lie within the length the container claims.
  private static let longestLoss = 600.0

  init(sampleRate: Int) { self.sampleRate = sampleRate }

  /// What comes before a frame's samples, and which of these are used.
  struct Place {
    /// Samples of silence before it.
    var silence = 0
    /// How many of the frame's first samples were there already.
    var skipped = 0
  }

  /// Places the first frame of a file, or the first after a jump.
  ///
  /// - Parameter isLate: whether something was lost before it, of a file whose time stamps are known to begin at 0.
  mutating func begin(at time: Int?, isLate: Bool) -> Place {
    if let origin {
      end = max(0, (time ?? origin) - origin)
      return Place()
    }
    guard isLate, let time, time > 0, time <= Int(Self.longestLoss) * sampleRate else {
      origin = time ?? 0
      return Place()
    }
    origin = 0
    list.add(Flaw(.lost, from: 0, to: seconds(time)))
    end = time
    return Place(silence: time)
  }

  /// Places a frame that follows others.
  ///
  /// - Parameters:
  ///   - time: the frame's time stamp in samples; nil where there is none.
  ///   - count: its samples.
  ///   - isAfterFailure: whether something could not be decoded since the last frame.
  ///   - isEstimate: whether the time stamp follows from the number of lost bytes.
  ///   - claimed: the length the container claims, in samples.
  mutating func place(
    _ time: Int?, count: Int, isAfterFailure: Bool, isEstimate: Bool = false, claimed: Int? = nil
  ) -> Place {
    guard let time, let origin else {
      if isAfterFailure { list.add(Flaw(.damaged, from: seconds(end), to: seconds(end))) }
      end += count
      return Place()
    }
    let step = time - origin - end
    let most = Int((isAfterFailure ? Self.exact : Self.jitter) * Double(sampleRate))
    guard abs(step) > max(1, most) else {
      if isAfterFailure { list.add(Flaw(.damaged, from: seconds(end), to: seconds(end))) }
      end += count
      return Place()
    }
    let isWithin = end + step <= max((claimed ?? 0) + sampleRate, end + Int(Self.longestLoss) * sampleRate)
    if step > 0, isWithin {
      let detail = isEstimate ? "its length is estimated from the lost bytes" : ""
      list.add(Flaw(.lost, from: seconds(end), to: seconds(end + step), detail: detail))
      end += step + count
      return Place(silence: step)
    }
    if step < 0, -step <= sampleRate, end + step > sampleRate / 10 {
      let skipped = min(-step, count)
      // After a failure a decoder tells again what it had concealed; that is no second time.
      if !isAfterFailure {
        list.add(Flaw(.repeated, from: seconds(end + step), to: seconds(end + step + skipped)))
      }
      end += count - skipped
      return Place(skipped: skipped)
    }
    list.add(Flaw(.restarted, from: seconds(end), to: seconds(end)))
    self.origin = origin + step
    end += count
    return Place()
  }

  mutating func add(_ flaw: Flaw) { list.add(flaw) }

  /// Cut to what is given out; for a stretch that is over.
  func seconds(_ samples: Int) -> Double { Double(samples) / Double(sampleRate) }
}
