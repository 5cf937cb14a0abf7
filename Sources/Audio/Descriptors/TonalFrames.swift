import Fourier
import Glibc
import Tensors

/// What Essentia's algorithms make of frames at 44,100 Hz, centred on every 1024th sample.
///
/// - `hpcp`: the harmonic pitch class profile, twelve classes from A = 440 Hz upwards. Peaks of the spectrum (4096 samples,
///   Blackman-Harris of 62 dB) above 1e-5 and between 40 and 5,000 Hz, placed by parabolas; each adds its squared height to the
///   classes within half a semitone, by the squared cosine of the distance; those below 500 Hz and those above are brought
///   to a maximum of 1 before they are added up, and so is their sum. Gómez 2006; Essentia's `HPCP` by its defaults.
/// - `pitch_salience`: the largest value of the same spectrum's autocorrelation at lags of 100 to 5,000 Hz, over that at 0.
///   Ricard 2004; Essentia's `PitchSalience`.
/// - `loudness_stevens`: `(Σ x²)^0.67` of 2048 samples. Stevens's law; Essentia's `Loudness`.
struct TonalFrames {
  static let sampleRate = 44100
  private static let (size, hop, loudnessSize) = (4096, 1024, 2048)
  private static let hertz: ClosedRange<Double> = 40...5000
  private static let split = 500.0
  private static let threshold: Float = 1e-5
  /// Bins of the spectrum, and the points of its autocorrelation's transforms: as many as keep the lags apart.
  private static let bins = size / 2 + 1
  private static let correlationSize = 2560

  /// `[frames, 12]`, `[frames, 1]`, `[frames, 1]`; no number where a frame is silent.
  private(set) var hpcp: Tensor
  private(set) var salience: Tensor
  private(set) var loudness: Tensor

  /// - Parameter samples: at 44,100 Hz.
  init(_ samples: [Float], frames: Int) {
    let grid = FrameGrid(
      window: Self.window, hop: Self.hop, size: Self.size, first: -Self.size / 2, frames: frames,
      count: samples.count, padding: .constant)
    let extended = grid.extended(samples)
    let lead = grid.lead
    hpcp = Tensor([frames, 12])
    salience = Tensor([frames, 1])
    loudness = Tensor([frames, 1])
    hpcp.withUnsafeMutableValues { hpcp in
      salience.withUnsafeMutableValues { salience in
        loudness.withUnsafeMutableValues { loudness in
          extended.withUnsafeBufferPointer { extended in
            guard let start = extended.baseAddress else { return }
            // Read by all threads; written in rows that do not overlap.
            nonisolated(unsafe) let (hpcp, salience, loudness, sound) = (hpcp, salience, loudness, start)
            FrameAnalysis.inChunks(frames) { range in
              let room = Room()
              defer { withExtendedLifetime(room) {} }
              for frame in range {
                grid.transform(frame, of: sound, in: room.buffers)
                room.takeMagnitudes()
                let profile = Self.profile(room.peaks())
                for pitch in 0..<12 { hpcp[12 * frame + pitch] = profile[pitch] }
                salience[frame] = room.salience()
                loudness[frame] = Self.loudness(
                  UnsafeBufferPointer(
                    start: sound + lead + frame * Self.hop - Self.loudnessSize / 2, count: Self.loudnessSize))
              }
            }
          }
        }
      }
    }
  }

  /// The sum of its weights is 2: a sine of amplitude 1 then has a peak of 1.
  private static let window: [Double] = {
    let weights = (0..<size).map { place -> Double in
      let angle = 2 * Double.pi * Double(place) / Double(size - 1)
      return 0.44959 - 0.49364 * cos(angle) + 0.05677 * cos(2 * angle)
    }
    let sum = weights.reduce(0) { $0 + abs($1) }
    return weights.map { 2 * $0 / sum }
  }()

  private static func loudness(_ samples: UnsafeBufferPointer<Float>) -> Float {
    Float(pow(samples.reduce(0.0) { $0 + Double($1) * Double($1) }, 0.67))
  }

  private static func profile(_ peaks: [Peak]) -> [Float] {
    var (low, high) = ([Double](repeating: 0, count: 12), [Double](repeating: 0, count: 12))
    for peak in peaks where hertz.contains(peak.hertz) {
      let place = 12 * log2(peak.hertz / 440)
      for pitch in Int(
        (place - 0.5).rounded(.up))...max(Int((place - 0.5).rounded(.up)), Int((place + 0.5).rounded(.down)))
      {
        let weight = cos(Double.pi * (place - Double(pitch)))
        let share = weight * weight * peak.height * peak.height
        let wrapped = ((pitch % 12) + 12) % 12
        if peak.hertz < split { low[wrapped] += share } else { high[wrapped] += share }
      }
    }
    func atMostOne(_ values: [Double]) -> [Double] {
      let largest = values.max() ?? 0
      return largest > 0 ? values.map { $0 / largest } : values
    }
    let sum = atMostOne(zip(atMostOne(low), atMostOne(high)).map { $0 + $1 })
    return sum.allSatisfy { $0 == 0 } ? Array(repeating: .nan, count: 12) : sum.map { Float($0) }
  }

  /// A peak of a spectrum.
  fileprivate struct Peak {
    let hertz: Double
    let height: Double
  }

  /// What one thread computes frames in.
  private final class Room {
    let buffers = RealFourierBuffers(size)
    private let correlation = RealFourierBuffers(correlationSize)
    private let plan = RealFourierPlan.shared(correlationSize)
    private let magnitudes = UnsafeMutablePointer<Float>.allocate(capacity: bins)

    deinit { magnitudes.deallocate() }

    func takeMagnitudes() {
      let (parts, magnitudes) = (buffers.parts, magnitudes)
      for bin in 0..<bins {
        let (real, imaginary) = (parts[2 * bin], parts[2 * bin + 1])
        magnitudes[bin] = Float((real * real + imaginary * imaginary).squareRoot())
      }
    }

    /// Local maxima above the threshold, and the first bin of the range where the spectrum falls from there.
    func peaks() -> [Peak] {
      let (magnitudes, width) = (magnitudes, Double(sampleRate) / 2 / Double(bins - 1))
      let first = Int((hertz.lowerBound / width).rounded(.up))
      var peaks: [Peak] = []
      if magnitudes[first] > magnitudes[first + 1], magnitudes[first] > threshold {
        peaks.append(Peak(hertz: Double(first) * width, height: Double(magnitudes[first])))
      }
      var bin = first + 1
      while bin + 1 < bins, Double(bin) * width <= hertz.upperBound + width {
        // A plateau counts as its middle.
        var end = bin
        while end + 1 < bins - 1, magnitudes[end + 1] == magnitudes[bin] { end += 1 }
        defer { bin = end + 1 }
        let (before, here, after) = (magnitudes[bin - 1], magnitudes[bin], magnitudes[end + 1])
        guard here > before, here > after, here > threshold else { continue }
        if end > bin {
          peaks.append(Peak(hertz: Double(bin + end) / 2 * width, height: Double(here)))
        } else {
          let (before, here, after) = (Double(before), Double(here), Double(after))
          let shift = 0.5 * (before - after) / (before - 2 * here + after)
          peaks.append(
            Peak(hertz: (Double(bin) + shift) * width, height: here - 0.25 * (before - after) * shift))
        }
      }
      return peaks
    }

    func salience() -> Float {
      let (magnitudes, samples, parts) = (magnitudes, correlation.samples, correlation.parts)
      for place in 0..<correlationSize { samples[place] = place < bins ? Double(magnitudes[place]) : 0 }
      plan.transform(correlation)
      for bin in 0...correlationSize / 2 {
        let (real, imaginary) = (parts[2 * bin], parts[2 * bin + 1])
        (parts[2 * bin], parts[2 * bin + 1]) = (real * real + imaginary * imaginary, 0)
      }
      plan.transformBack(correlation)
      guard samples[0] > 0 else { return .nan }
      let scale = Double(bins) / (Double(sampleRate) / 2)
      var largest = 0.0
      for lag in Int(100 * scale)..<Int(5000 * scale) { largest = max(largest, samples[lag]) }
      return Float(largest / samples[0])
    }
  }
}
