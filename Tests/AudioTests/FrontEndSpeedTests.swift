import Audio
import Glibc
import Tensors
import Testing

/// How long front ends take, for `Benchmarks/front_end_speed.py`; no test of anything.
struct FrontEndSpeedTests {
  /// Front ends whose times are wanted, and threads, as in `kaldi,librosa 1`.
  private static let wanted = getenv("OTOSCOPE_SPEED").map { String(cString: $0) } ?? ""

  @Test("The time that pictures of 10 s take", .enabled(if: !wanted.isEmpty))
  func time() throws {
    let parts = Self.wanted.split(separator: " ")
    let (names, threads) = (parts[0].split(separator: ","), Int(parts.last ?? "1") ?? 1)
    ComputeThreads.use(threads)
    for name in names {
      let frontEnd = try FrontEnd.preset(named: String(name))
      let samples = testSignal(10 * frontEnd.sampleRate, rate: frontEnd.sampleRate)
      var best = Double.infinity
      for _ in 0..<100 {
        let start = now()
        let picture = frontEnd.logMel(samples)
        best = min(best, now() - start)
        #expect(picture.count > 0)
      }
      print("speed \(name) \(best)")
    }
  }

  private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
