import Fourier
import Glibc
import Tensors

/// Makes a sound slower or faster without changing its pitch, or higher or lower without changing its length.
///
/// The sound's STFT `X[i, k]`, Hann windows of `size` samples every `hop = size / 4`, is walked through in steps of `rate`
/// frames: at step `s = t · rate`, between frames `i = ⌊s⌋` and `i + 1`, with `α = s − i`, output frame `t` has the
/// magnitudes `(1 − α) |X[i, k]| + α |X[i + 1, k]|`, and phases that go on from frame `t − 1` by what the phase of `X`
/// gains between the two frames there. Frames are then added up as in ``FrameGrid``.
///
/// - Free phases (`locksPhases` false): each bin on its own. `librosa.effects.time_stretch` and `pitch_shift`, to rounding.
/// - Locked phases: only the bins at peaks go on that way. The others keep their phase relative to the nearest peak's, as it is
///   in the sound: identity phase locking, Laroche and Dolson, IEEE Trans. Speech and Audio Processing 7(3), 1999. Strokes
///   stay sharper, and tones less hollow.
///
/// Sums are in double precision; memory is that of the sound and the result.
public struct PhaseVocoder: Sendable {
  /// Of a window, in samples; a multiple of 4.
  public let size: Int
  public let locksPhases: Bool

  public init(size: Int = 2048, locksPhases: Bool = true) {
    precondition(size >= 4 && size.isMultiple(of: 4), "windows of \(size) samples")
    (self.size, self.locksPhases) = (size, locksPhases)
  }

  /// The sound `rate` times as fast: `samples.count / rate` samples, rounded.
  ///
  /// - Parameter rate: more than 0; 1 leaves the sound as it is.
  public func stretched(_ samples: [Float], rate: Double) -> [Float] {
    precondition(rate > 0 && rate.isFinite, "a rate of \(rate)")
    guard rate != 1, !samples.isEmpty else { return samples }
    let count = Int((Double(samples.count) / rate).rounded(.toNearestOrEven))
    let walk = Walk(samples, size: size, locksPhases: locksPhases)
    let frames = Int((Double(walk.frames) / rate).rounded(.up))
    return walk.sound(frames: frames, rate: rate, count: count)
  }

  /// The sound `semitones` higher, of the same length: stretched, and played faster by resampling.
  ///
  /// - Throws: what resampling throws.
  public func shifted(
    _ samples: [Float], semitones: Double, sampleRate: Int
  ) throws(AudioError) -> [Float] {
    guard semitones != 0, !samples.isEmpty else { return samples }
    let rate = exp2(-semitones / 12)
    let slow = stretched(samples, rate: rate)
    // Whole numbers whose ratio is within 1e-6 of the wanted one.
    let fine = max(1, 500_000 / max(sampleRate, Int(Double(sampleRate) / rate)))
    let from = Int((Double(sampleRate * fine) / rate).rounded())
    let resampler = try Resampler(from: from, to: sampleRate * fine)
    let shifted = try resampler.push(slow) + resampler.finish()
    let missing = max(0, samples.count - shifted.count)
    return Array(shifted.prefix(samples.count)) + [Float](repeating: 0, count: missing)
  }
}

/// One walk through a sound.
private final class Walk {
  private typealias Complex = SIMD2<Double>

  private let samples: [Float]
  private let size: Int
  private let hop: Int
  private let bins: Int
  private let locksPhases: Bool
  private let window: [Double]
  private let plan: RealFourierPlan
  private let buffers: RealFourierBuffers
  /// The spectra of frames `column` and `column + 1`, and their magnitudes.
  private var spectrum: [Complex]
  private var nextSpectrum: [Complex]
  private var magnitude: [Double]
  private var nextMagnitude: [Double]
  private var column = -2

  var frames: Int { 1 + samples.count / hop }

  init(_ samples: [Float], size: Int, locksPhases: Bool) {
    (self.samples, self.size, self.locksPhases) = (samples, size, locksPhases)
    (hop, bins) = (size / 4, size / 2 + 1)
    window = hannWeights(size)
    plan = .shared(size)
    buffers = RealFourierBuffers(size)
    let silence = [Complex](repeating: .zero, count: size / 2 + 1)
    let nothing = [Double](repeating: 0, count: size / 2 + 1)
    (spectrum, nextSpectrum) = (silence, silence)
    (magnitude, nextMagnitude) = (nothing, nothing)
  }

  func sound(frames count: Int, rate: Double, count length: Int) -> [Float] {
    var sums = [Double](repeating: 0, count: length)
    var weights = [Double](repeating: 0, count: length)
    var phases = [Complex](repeating: Complex(1, 0), count: bins)
    var values = [Double](repeating: 0, count: bins)
    for frame in 0..<count {
      let step = Double(frame) * rate
      let share = step - step.rounded(.down)
      if frame > 0 { goOn(&phases) }
      load(Int(step))
      for bin in 0..<bins {
        values[bin] = (1 - share) * magnitude[bin] + share * nextMagnitude[bin]
      }
      if frame == 0 {
        for bin in 0..<bins { phases[bin] = Self.unit(spectrum[bin]) }
      } else if locksPhases {
        lock(&phases, to: values, share < 0.5 ? spectrum : nextSpectrum)
      }
      for bin in 0..<bins {
        buffers.parts[2 * bin] = values[bin] * phases[bin].x
        buffers.parts[2 * bin + 1] = values[bin] * phases[bin].y
      }
      add(at: frame * hop - size / 2, to: &sums, &weights)
    }
    // As FrameGrid: beyond the last frame the sound fades.
    let floor = 0.01 * (weights.max() ?? 0)
    return zip(sums, weights).map { sum, weight in floor > 0 ? Float(sum / max(weight, floor)) : 0 }
  }

  /// Turns each phase by what it gains between the two frames that are loaded.
  private func goOn(_ phases: inout [Complex]) {
    for bin in 0..<bins {
      let (a, b) = (Self.unit(spectrum[bin]), Self.unit(nextSpectrum[bin]))
      phases[bin] = Self.unit(Self.product(phases[bin], Self.product(b, Complex(a.x, -a.y))))
    }
  }

  /// Turns all bins around a peak, as they are in `spectrum`, until the peak has its own phase.
  private func lock(_ phases: inout [Complex], to values: [Double], _ spectrum: [Complex]) {
    var peaks: [Int] = []
    for bin in 0..<bins where values[bin] > 0 {
      let around = max(0, bin - 2)...min(bins - 1, bin + 2)
      if around.allSatisfy({ $0 == bin || values[$0] < values[bin] }) { peaks.append(bin) }
    }
    var first = 0
    for (place, peak) in peaks.enumerated() {
      let end = place + 1 < peaks.count ? (peak + peaks[place + 1] + 1) / 2 : bins
      let own = Self.unit(spectrum[peak])
      let turn = Self.product(phases[peak], Complex(own.x, -own.y))
      for bin in first..<end { phases[bin] = Self.product(turn, Self.unit(spectrum[bin])) }
      first = end
    }
  }

  // MARK: - Frames

  private func load(_ index: Int) {
    guard index != column else { return }
    if index == column + 1 {
      swap(&spectrum, &nextSpectrum)
      swap(&magnitude, &nextMagnitude)
    } else {
      transform(index, &spectrum, &magnitude)
    }
    transform(index + 1, &nextSpectrum, &nextMagnitude)
    column = index
  }

  private func transform(_ frame: Int, _ spectrum: inout [Complex], _ magnitude: inout [Double]) {
    let start = frame * hop - size / 2
    // Behind the last frame is nothing, though its window may still reach into the sound.
    let isInside = frame < frames
    for index in 0..<size {
      let place = start + index
      buffers.samples[index] =
        isInside && samples.indices.contains(place) ? Double(samples[place]) * window[index] : 0
    }
    plan.transform(buffers)
    for bin in 0..<bins {
      let value = Complex(buffers.parts[2 * bin], buffers.parts[2 * bin + 1])
      spectrum[bin] = value
      magnitude[bin] = (value.x * value.x + value.y * value.y).squareRoot()
    }
  }

  private func add(at start: Int, to sums: inout [Double], _ weights: inout [Double]) {
    plan.transformBack(buffers)
    let low = max(0, -start)
    for index in low..<max(low, min(size, sums.count - start)) {
      sums[start + index] += buffers.samples[index] / Double(size) * window[index]
      weights[start + index] += window[index] * window[index]
    }
  }

  // MARK: - Complex numbers

  /// 1 for 0, as the angle of 0 is 0.
  @inline(__always)
  private static func unit(_ value: Complex) -> Complex {
    let magnitude = (value.x * value.x + value.y * value.y).squareRoot()
    return magnitude > 0 ? value / magnitude : Complex(1, 0)
  }

  @inline(__always)
  private static func product(_ a: Complex, _ b: Complex) -> Complex {
    Complex(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
  }
}
