import Glibc

/// How loud a sound is by EBU R 128: ITU-R BS.1770-4, in LUFS.
///
/// Each channel passes a shelf that raises treble by 4 dB and a high pass at 38 Hz (K-weighting, computed for the sound's own
/// rate as libebur128 does). The mean squares `z` of the channels are summed, those of surround channels times 1.41, the bass
/// effects left out; loudness is `−0.691 + 10 log₁₀ z`. The integrated loudness is that of the mean over blocks of 400 ms, every
/// 100 ms, that are above −70 LUFS and no more than 10 dB below the mean of those; the short-term one is of 3 s, the
/// momentary one of 400 ms.
struct ProgrammeLoudness {
  /// Over the whole sound; nil where it is shorter than 400 ms or all of it below −70 LUFS.
  let integrated: Double?
  /// The largest short-term loudness; nil where the sound is shorter than 3 s or silent.
  let largestShortTerm: Double?
  /// Sums of weighted squares up to the end of each block of about 10 ms.
  private let sums: [Double]
  private let blockSeconds: Double
  private let sampleRate: Double

  init(_ recording: Recording) {
    let rate = recording.sampleRate
    let (tenth, fine) = ((rate + 5) / 10, max(1, rate / 100))
    var tenths = [Double](repeating: 0, count: recording.frames / tenth)
    var sums = [Double](repeating: 0, count: recording.frames / fine + 1)
    for (index, channel) in recording.channels.enumerated() {
      let weight = Self.weight(of: index, among: recording.channels.count)
      guard weight > 0 else { continue }
      var filter = KWeighting(sampleRate: Double(rate))
      var (inTenth, inFine) = (0.0, 0.0)
      var (leftOfTenth, leftOfFine, placeOfTenth, placeOfFine) = (tenth, fine, 0, 0)
      for sample in channel {
        let weighted = filter(Double(sample))
        let square = weighted * weighted
        inTenth += square
        inFine += square
        leftOfTenth -= 1
        leftOfFine -= 1
        if leftOfTenth == 0 {
          tenths[placeOfTenth] += weight * inTenth
          (inTenth, leftOfTenth, placeOfTenth) = (0, tenth, placeOfTenth + 1)
        }
        if leftOfFine == 0 {
          sums[placeOfFine + 1] += weight * inFine
          (inFine, leftOfFine, placeOfFine) = (0, fine, placeOfFine + 1)
        }
      }
    }
    for place in 1..<max(1, sums.count) { sums[place] += sums[place - 1] }
    (self.sums, blockSeconds, sampleRate) = (sums, Double(fine) / Double(rate), Double(rate))
    integrated = Self.integrated(Self.means(tenths, of: 4, samples: tenth))
    largestShortTerm = Self.means(tenths, of: 30, samples: tenth).max().flatMap { Self.lufs($0) }
  }

  /// The loudness of the `seconds` around a moment; nil where they reach beyond the sound, or are silent.
  func loudness(at time: Double, seconds: Double) -> Double? {
    let count = Int((seconds / blockSeconds).rounded())
    let first = Int(((time - seconds / 2) / blockSeconds).rounded())
    guard first >= 0, first + count < sums.count else { return nil }
    return Self.lufs(max(0, sums[first + count] - sums[first]) / (Double(count) * blockSeconds * sampleRate))
  }

  private static func lufs(_ meanSquare: Double) -> Double? {
    meanSquare > 1e-15 ? -0.691 + 10 * log10(meanSquare) : nil
  }

  /// Means of so many blocks that follow one another, from each block on.
  private static func means(_ blocks: [Double], of count: Int, samples: Int) -> [Double] {
    guard blocks.count >= count else { return [] }
    return (0...blocks.count - count).map { first in
      blocks[first..<first + count].reduce(0, +) / Double(count * samples)
    }
  }

  private static func integrated(_ blocks: [Double]) -> Double? {
    let audible = blocks.filter { $0 >= pow(10, (-70 + 0.691) / 10) }
    guard !audible.isEmpty else { return nil }
    let gate = 0.1 * audible.reduce(0, +) / Double(audible.count)
    let counted = audible.filter { $0 >= gate }
    return lufs(counted.reduce(0, +) / Double(counted.count))
  }

  /// Channels in FFmpeg's order: of five or more, left, right, centre, then, of six, bass effects, then surround.
  private static func weight(of channel: Int, among count: Int) -> Double {
    guard count >= 5, channel >= 3 else { return 1 }
    return count >= 6 && channel == 3 ? 0 : 1.41
  }
}

/// K-weighting: two filters of second order, one behind the other.
struct KWeighting {
  private var shelf: SecondOrderFilter
  private var highPass: SecondOrderFilter

  init(sampleRate: Double) {
    let gain = pow(10, 3.999843853973347 / 20)
    let middle = pow(gain, 0.4996667741545416)
    var k = tan(Double.pi * 1681.974450955533 / sampleRate)
    var q = 0.7071752369554196
    var a = 1 + k / q + k * k
    shelf = SecondOrderFilter(
      b: SIMD3(gain + middle * k / q + k * k, 2 * (k * k - gain), gain - middle * k / q + k * k) / a,
      a: SIMD2(2 * (k * k - 1), 1 - k / q + k * k) / a)
    k = tan(Double.pi * 38.13547087602444 / sampleRate)
    q = 0.5003270373238773
    a = 1 + k / q + k * k
    highPass = SecondOrderFilter(b: SIMD3(1, -2, 1), a: SIMD2(2 * (k * k - 1), 1 - k / q + k * k) / a)
  }

  @inline(__always)
  mutating func callAsFunction(_ sample: Double) -> Double { highPass(shelf(sample)) }
}

/// `y[n] = b₀ x[n] + b₁ x[n − 1] + b₂ x[n − 2] − a₁ y[n − 1] − a₂ y[n − 2]`, transposed.
struct SecondOrderFilter {
  private let b0, b1, b2, a1, a2: Double
  private var (s1, s2) = (0.0, 0.0)

  init(b: SIMD3<Double>, a: SIMD2<Double>) { (b0, b1, b2, a1, a2) = (b.x, b.y, b.z, a.x, a.y) }

  @inline(__always)
  mutating func callAsFunction(_ x: Double) -> Double {
    let y = b0 * x + s1
    s1 = b1 * x - a1 * y + s2
    s2 = b2 * x - a2 * y
    return y
  }
}
