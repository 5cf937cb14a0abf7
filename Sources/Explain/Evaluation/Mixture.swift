import Audio
public import Models
public import Tensors

/// Two sounds of different classes placed apart, so that it is known where each class sounds.
public struct Mixture: Sendable {
  public let samples: [Float]
  /// The class heard in each of the two.
  public let classes: [Int]
  /// Where each of the two sounds: 1 inside, 0 outside, `[frames, bands]`.
  public let regions: [Tensor]

  /// How the two are kept apart.
  public enum Placement: Sendable, Hashable {
    /// One after the other.
    case time
    /// At once: what the first has below a frequency, in hertz, and what the second has above it.
    case bands(split: Double)
  }

  /// One of the two sounds, where it lies in a mixture and nothing else.
  public struct Part: Sendable {
    /// As long as the mixture.
    public let samples: [Float]
    public let classIndex: Int
    /// The classes' probabilities when only this is heard.
    public let scores: [Float]
  }
}

extension AudioModel {
  /// A sound's first `length` samples, mono at the front end's rate, as a part of a mixture, at a root mean square of 0.1
  /// (-20 dB of full scale) or as near to it as full scale allows. Its class is the one that the model hears in it.
  ///
  /// In time, each of the two has half of the mixture, and fades over 10 ms towards the other; in bands, each has all of
  /// the time.
  public func mixturePart(
    _ sound: [Float], placement: Mixture.Placement, isSecond: Bool, length: Int
  ) throws -> Mixture.Part {
    let own = Array(sound.prefix(length))
    let padded = own + [Float](repeating: 0, count: length - own.count)
    let (heard, samples): ([Float], [Float])
    switch placement {
    case .time:
      let fade = Float(max(1, min(sampleRate / 100, length)))
      heard = padded.scaledToUsualLevel.enumerated().map { place, value in
        value * min(1, Float(isSecond ? place : length - 1 - place) / fade)
      }
      let silence = [Float](repeating: 0, count: length)
      samples = isSecond ? silence + heard : heard + silence
    case .bands(let split):
      let mask = bandMask(frames: frameCount(samples: padded.count)) { ($0 >= split) == isSecond }
      let whole = Recording(channels: [padded], sampleRate: sampleRate)
      heard = SoundMask(mask, axes: axes).split(whole).heard.mono.scaledToUsualLevel
      samples = heard
    }
    let alone = try listen(to: heard)
    return Mixture.Part(
      samples: samples, classIndex: alone.ranking.first ?? 0,
      scores: samples == heard ? alone.clipScores : try listen(to: samples).clipScores)
  }

  /// The mixture of two parts of one placement; nil where it is no test of where a class is heard.
  ///
  /// Each class must have a probability of 0.1 or more in its own part, at most a fifth of that in the other part, and in
  /// the mixture no less than half of that.
  public func mixture(_ first: Mixture.Part, _ second: Mixture.Part, placement: Mixture.Placement) throws
    -> Mixture?
  {
    let parts = [first, second]
    let own = parts.map { $0.scores[$0.classIndex] }
    let other = [second.scores[first.classIndex], first.scores[second.classIndex]]
    guard zip(own, other).allSatisfy({ $0 >= 0.1 && $1 <= $0 / 5 }) else { return nil }
    let samples = zip(first.samples, second.samples).map { $0 + $1 }
    let heard = try listen(to: samples).clipScores
    guard zip(parts, own).allSatisfy({ heard[$0.classIndex] >= $1 / 2 }) else { return nil }
    return Mixture(
      samples: samples, classes: parts.map(\.classIndex),
      regions: regions(placement, samples: samples.count))
  }

  private func regions(_ placement: Mixture.Placement, samples: Int) -> [Tensor] {
    let frames = frameCount(samples: samples)
    switch placement {
    case .time:
      let border = axes.frame(at: Double(samples) / 2 / Double(sampleRate))
      let bands = axes.bandCount
      return [false, true].map { isSecond in
        let inside = (0..<frames).map { (Double($0) >= border) == isSecond ? Float(1) : 0 }
        return Tensor([frames, bands], inside.flatMap { [Float](repeating: $0, count: bands) })
      }
    case .bands(let split):
      return [false, true].map { isSecond in bandMask(frames: frames) { ($0 >= split) == isSecond } }
    }
  }

  /// 1 for the bands whose centre, in hertz, is `inside`.
  private func bandMask(frames: Int, _ inside: (Double) -> Bool) -> Tensor {
    let row: [Float] = axes.bandCentres.map { inside($0) ? 1 : 0 }
    return Tensor([frames, row.count], (0..<frames).flatMap { _ in row })
  }
}

extension [Float] {
  /// At a root mean square of 0.1, or as near to it as a peak of 0.9 allows; silence as it is.
  fileprivate var scaledToUsualLevel: [Float] {
    let power = reduce(0) { $0 + Double($1) * Double($1) } / Double(Swift.max(1, count))
    let peak = reduce(0) { Swift.max($0, abs($1)) }
    guard power > 0, peak > 0 else { return self }
    let factor = Swift.min(Float(0.1 / power.squareRoot()), 0.9 / peak)
    return map { $0 * factor }
  }
}
