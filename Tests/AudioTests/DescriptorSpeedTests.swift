import Audio
import Glibc
import Tensors
import Testing

/// How long pictures, parts, descriptors and sounds of 10 s take, and what parts and sounds are, for
/// `Benchmarks/descriptors.py`; no test of anything.
struct DescriptorSpeedTests {
  /// Threads, and an array of samples at 22,050 Hz: `1 /tmp/sound.npy`.
  private static let wanted = getenv("OTOSCOPE_DESCRIPTOR_SPEED").map { String(cString: $0) } ?? ""

  @Test("The time that descriptors of a sound take", .enabled(if: !wanted.isEmpty))
  func time() throws {
    let parts = Self.wanted.split(separator: " ")
    ComputeThreads.use(Int(parts[0]) ?? 1)
    let samples = try NumPy.read(String(parts[1])).values
    let recording = Recording(channels: [samples], sampleRate: 22050)
    let grid = FrameGrid(hann: 2048, hop: 512, count: samples.count)
    let magnitudes = grid.magnitudes(of: samples)
    var failure: (any Error)?
    measure("hpss", runs: 20) { HarmonicPercussive(ofMagnitudes: magnitudes).harmonicGain.count }
    measure("log-mel+hpss", runs: 20) {
      FrontEnd.librosa.logMel(samples).count
        + HarmonicPercussive(ofMagnitudes: grid.magnitudes(of: samples)).harmonic.count
    }
    measure("log-mel+hpss-sounds", runs: 20) {
      FrontEnd.librosa.logMel(samples).count + recording.harmonicAndPercussive().harmonic.frames
    }
    measure("griffin-lim", runs: 3) { GriffinLim(iterations: 32).sound(of: magnitudes, on: grid).count }
    let picture = FrontEnd.librosa.logMel(samples)
    measure("picture-to-sound", runs: 1) {
      do { return try FrontEnd.librosa.sound(fromPicture: picture).count } catch {
        failure = error
        return 0
      }
    }
    measure("descriptors", runs: 5) {
      do { return try FrameDescriptors(of: recording).times.count } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
  }

  /// A folder with an archive `sounds.npz` of samples.
  private static let folder = getenv("OTOSCOPE_DESCRIPTOR_FOLDER").map { String(cString: $0) } ?? ""

  /// Writes the harmonic and the percussive spectrogram of each sound, and sounds of its magnitudes by Griffin-Lim from
  /// three seeds, to `NAME.npz`.
  @Test("Parts of sounds, and sounds of spectra", .enabled(if: !folder.isEmpty))
  func parts() throws {
    for entry in try NumPy.readArchive(Self.folder + "/sounds.npz") {
      let samples = entry.tensor.values
      let grid = FrameGrid(hann: 2048, hop: 512, count: samples.count)
      let magnitudes = grid.magnitudes(of: samples)
      let parts = HarmonicPercussive(ofMagnitudes: magnitudes)
      let sounds = (UInt64(0)..<3).map { seed in
        let sound = GriffinLim(iterations: 32, seed: seed).sound(of: magnitudes, on: grid)
        return Tensor([1, sound.count], sound)
      }
      try NumPy.writeArchive(
        [
          ("harmonic", parts.harmonic), ("percussive", parts.percussive), ("sounds", Tensor(joining: sounds)),
        ], to: "\(Self.folder)/\(entry.name).npz")
    }
  }

  private func measure(_ name: String, runs: Int, _ work: () -> Int) {
    var best = Double.infinity
    for _ in 0..<runs {
      let start = now()
      let count = work()
      best = min(best, now() - start)
      #expect(count > 0)
    }
    print("speed \(name) \(best)")
  }

  private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
