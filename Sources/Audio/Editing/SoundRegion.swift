import Glibc

/// A region of a sound in time and frequency, as a hand draws it: a box, or what a round brush has passed over.
public enum SoundRegion: Sendable, Hashable {
  /// From `seconds.lowerBound` to `seconds.upperBound`, and between two frequencies.
  case box(seconds: ClosedRange<Double>, hertz: ClosedRange<Double>)
  /// All places whose distance from a line through the points is at most 1, with time measured in `seconds` and frequency in
  /// `octaves`: `(Δt / seconds)² + (Δlog₂ f / octaves)² ≤ 1`.
  case path([Point], seconds: Double, octaves: Double)

  public struct Point: Sendable, Hashable {
    public var seconds: Double
    public var hertz: Double

    public init(seconds: Double, hertz: Double) { (self.seconds, self.hertz) = (seconds, hertz) }
  }

  /// The most discs that stand for a path.
  static let mostDiscs = 20_000
}

/// A region made ready to be asked frame by frame: which frequencies does it cover at this time?
struct RegionSpans {
  private enum Shape {
    case box(ClosedRange<Double>)
    case discs([Disc], seconds: Double, octaves: Double)
  }

  private struct Disc {
    let seconds: Double
    let octave: Double
  }

  private let shape: Shape
  /// When it covers anything, in seconds.
  let times: ClosedRange<Double>

  /// nil for a region that covers nothing: a path without points, or one that is no numbers.
  init?(_ region: SoundRegion) {
    switch region {
    case .box(let seconds, let hertz):
      (shape, times) = (.box(hertz), seconds)
    case .path(let points, let seconds, let octaves):
      let known = points.filter { $0.seconds.isFinite && $0.hertz.isFinite }
      guard seconds > 0, octaves > 0, !known.isEmpty else { return nil }
      let discs = Self.discs(known, seconds: seconds, octaves: octaves).sorted { $0.seconds < $1.seconds }
      guard let first = discs.first, let last = discs.last else { return nil }
      shape = .discs(discs, seconds: seconds, octaves: octaves)
      times = first.seconds - seconds...last.seconds + seconds
    }
  }

  /// Discs an eighth of a radius apart along the line: its outline is then within 0.2 % of a radius of the line's own,
  /// `1 − √(1 − 1/16²)`.
  private static func discs(_ points: [SoundRegion.Point], seconds: Double, octaves: Double) -> [Disc] {
    let places = points.map { Disc(seconds: $0.seconds, octave: log2(max($0.hertz, 1))) }
    var discs = [places[0]]
    for (from, to) in zip(places, places.dropFirst()) {
      let (across, up) = ((to.seconds - from.seconds) / seconds, (to.octave - from.octave) / octaves)
      let steps = max(1, Int(min((8 * (across * across + up * up).squareRoot()).rounded(.up), 1e6)))
      guard discs.count + steps <= SoundRegion.mostDiscs else { break }
      for step in 1...steps {
        let share = Double(step) / Double(steps)
        discs.append(
          Disc(
            seconds: from.seconds + share * (to.seconds - from.seconds),
            octave: from.octave + share * (to.octave - from.octave)))
      }
    }
    return discs
  }

  /// Calls `body` with ranges of hertz that together are what the region covers at a time.
  func each(at seconds: Double, _ body: (ClosedRange<Double>) -> Void) {
    guard times.contains(seconds) else { return }
    switch shape {
    case .box(let hertz): body(hertz)
    case .discs(let discs, let radius, let octaves):
      // The discs that reach this time lie side by side in their order.
      var low = 0
      var high = discs.count
      while low < high {
        let middle = (low + high) / 2
        if discs[middle].seconds < seconds - radius { low = middle + 1 } else { high = middle }
      }
      while low < discs.count, discs[low].seconds <= seconds + radius {
        let away = (discs[low].seconds - seconds) / radius
        let half = octaves * max(0, 1 - away * away).squareRoot()
        body(exp2(discs[low].octave - half)...exp2(discs[low].octave + half))
        low += 1
      }
    }
  }
}
