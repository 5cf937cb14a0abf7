import Fourier
import Glibc
import Tensors

/// How many onsets a second, as Essentia's `OnsetRate` counts them, at 44,100 Hz.
///
/// Of frames of 1024 samples every 512 two curves are made: high frequency content, `Σ_k f_k |X[k]|` (Brossier), and the
/// complex domain's surprise, `Σ_k |X̂[t, k] − X[t, k]|`, where `X̂` has the magnitude of the frame before and the phase that
/// its last step leads to, `2 φ[t − 1] − φ[t − 2]` (Bello et al. 2004). Each is brought to a maximum of 1; their sum is averaged
/// over five frames, values below 0.04 become 0, and an onset is where the sum begins to exceed, for two frames or more,
/// the median of the last five frames plus a tenth of their mean.
enum OnsetRate {
  static let sampleRate = 44100
  private static let (window, hop) = (1024, 512)

  /// Where onsets are, in seconds.
  ///
  /// - Parameter samples: at 44,100 Hz.
  static func onsets(_ samples: [Float]) -> [Double] {
    guard !samples.isEmpty else { return [] }
    let frames = 1 + max(0, (samples.count - window + hop - 1) / hop)
    let weights = (0..<window).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(window - 1)) }
    let grid = FrameGrid(
      window: weights, hop: hop, size: window, first: 0, frames: frames, count: samples.count,
      padding: .constant)
    return peaks(of: curves(grid.spectrum(of: samples))).map { Double($0 * hop) / Double(sampleRate) }
  }

  /// Both curves of a spectrum `[frames, bins, 2]`.
  private static func curves(_ spectrum: Tensor) -> [[Float]] {
    let (frames, bins) = (spectrum.shape[0], spectrum.shape[1])
    let table = Tensor(unsafeUninitialized: [frames, 2]) { table in
      spectrum.withUnsafeValues { spectrum in
        // Read by all threads; written in rows that do not overlap.
        nonisolated(unsafe) let (table, spectrum) = (table, spectrum)
        FrameAnalysis.inChunks(frames) { range in
          for frame in range {
            var (content, surprise) = (0.0, 0.0)
            for bin in 0..<bins {
              func part(_ earlier: Int) -> SIMD2<Float> {
                guard frame >= earlier else { return .zero }
                let place = 2 * ((frame - earlier) * bins + bin)
                return SIMD2(spectrum[place], spectrum[place + 1])
              }
              let (now, last) = (part(0), part(1))
              content += Double(bin) * Double(length(now))
              let lastLength = length(last)
              let expected = lastLength * turn(turn(unit(last), unit(last)), conjugate(unit(part(2))))
              surprise += Double(length(expected - now))
            }
            (table[2 * frame], table[2 * frame + 1]) = (Float(content), Float(surprise))
          }
        }
      }
    }
    return (0..<2).map { curve in (0..<frames).map { table[$0, curve] } }
  }

  private static func length(_ z: SIMD2<Float>) -> Float { (z.x * z.x + z.y * z.y).squareRoot() }
  /// The phase of 0 is 0.
  private static func unit(_ z: SIMD2<Float>) -> SIMD2<Float> {
    let length = length(z)
    return length > 0 ? z / length : SIMD2(1, 0)
  }
  private static func turn(_ a: SIMD2<Float>, _ b: SIMD2<Float>) -> SIMD2<Float> {
    SIMD2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
  }
  private static func conjugate(_ z: SIMD2<Float>) -> SIMD2<Float> { SIMD2(z.x, -z.y) }

  /// The frames where onsets are.
  private static func peaks(of curves: [[Float]]) -> [Int] {
    let frames = curves[0].count
    var sum = [Float](repeating: 0, count: frames)
    for curve in curves {
      let largest = curve.max() ?? 0
      for frame in 0..<frames { sum[frame] += largest > 0 ? curve[frame] / largest : 0 }
    }
    let smooth = (0..<frames).map { frame -> Float in
      let mean = sum[max(0, frame - 4)...frame].reduce(0) { $0 + $1 / 5 }
      return mean < 0.02 * Float(curves.count) ? 0 : mean
    }
    // As Essentia's ring of five begins: its second place is filled by the sixth frame first.
    var recent = [Float](repeating: 0, count: 5)
    var exceeds = [Bool](repeating: false, count: frames)
    for frame in 1..<max(1, frames) {
      recent[frame == 1 ? 0 : frame % 5] = smooth[frame]
      let threshold = recent.sorted()[2] + 0.1 * (recent.reduce(0, +) / 5)
      exceeds[frame] = smooth[frame] > threshold
    }
    return (0..<frames).filter { frame in
      exceeds[frame] && (frame == 0 || !exceeds[frame - 1]) && (frame == frames - 1 || exceeds[frame + 1])
    }
  }
}
