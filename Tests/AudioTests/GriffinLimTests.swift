import Audio
import Files
import Glibc
import Tensors
import TestSupport
import Testing

/// Against `Golden/make-resynthesis.py`.
struct GriffinLimTests {
  private func magnitudes(_ grid: FrameGrid, _ samples: [Float]) -> Tensor {
    let spectrum = grid.spectrum(of: samples).values
    return Tensor(
      [grid.frames, grid.bins],
      (0..<grid.frames * grid.bins).map { place in
        let (real, imaginary) = (spectrum[2 * place], spectrum[2 * place + 1])
        return (real * real + imaginary * imaginary).squareRoot()
      })
  }

  // Twelve iterations with momentum carry librosa's single precision along: 1e-3 of the peak, where phases are chaotic.
  @Test("Agrees with librosa from the same phases")
  func librosa() throws {
    let expected = try #require(try NumPy.readArchive(golden("griffin-lim.npz"))["sound"]).values
    let samples = testSignal(6400, rate: 16000)
    let grid = FrameGrid(hann: 512, hop: 128, count: samples.count)
    let start = Tensor(
      [grid.frames, grid.bins, 2],
      (0..<grid.frames * grid.bins).flatMap { place -> [Float] in
        let angle = 2 * Double.pi * Double(place * 7919 % 1000) / 1000
        return [Float(cos(angle)), Float(sin(angle))]
      })
    let sound = GriffinLim(iterations: 12).sound(of: magnitudes(grid, samples), on: grid, start: start)
    #expect(largestDifference(sound, expected) < 1e-3 * 0.5)
  }

  @Test("Converges as far as librosa, in 32 iterations from random phases")
  func convergence() throws {
    let theirs = try #require(try NumPy.readArchive(golden("griffin-lim.npz"))["convergence"]).values
    let tabla = Array(try Recording.read(bundledSound("loop_tabla.flac")).channels[0][44100..<88200])
    for (samples, theirs) in zip([tabla, testSignal(22050, rate: 22050)], theirs) {
      let grid = FrameGrid(hann: 2048, hop: 512, count: samples.count)
      let wanted = magnitudes(grid, samples)
      let ours = (UInt64(0)..<10).map { seed in
        let sound = GriffinLim(seed: seed).sound(of: wanted, on: grid)
        return relativeError(magnitudes(grid, sound), wanted)
      }
      // Seeds scatter by a fifth, so the means of ten by a fifteenth each.
      #expect(ours.reduce(0, +) / 10 < 1.15 * Double(theirs))
    }
  }

  @Test(
    "The spectrum of a sound gives the sound", arguments: [(512, 128, 512), (400, 160, 512), (133, 100, 133)])
  func inverse(window: Int, hop: Int, size: Int) {
    for count in [1, hop, 5 * hop + 7] {
      let samples = testSignal(count, rate: 8000)
      let grid = FrameGrid(hann: window, hop: hop, size: size, count: count)
      let again = grid.samples(of: grid.spectrum(of: samples))
      // Up to where the last frame's window has faded.
      let covered = min(count, (grid.frames - 1) * hop + window / 4)
      #expect(largestDifference(Array(again[..<covered]), Array(samples[..<covered])) < 1e-5)
    }
  }

  @Test("Known phases of a whole spectrum give the sound at once")
  func known() {
    let samples = testSignal(4000, rate: 8000)
    let grid = FrameGrid(hann: 256, hop: 64, count: samples.count)
    let wanted = magnitudes(grid, samples)
    var phases = grid.spectrum(of: samples)
    phases.withUnsafeMutableValues { values in
      wanted.withUnsafeValues { wanted in
        for place in values.indices { values[place] /= max(wanted[place / 2], .leastNormalMagnitude) }
      }
    }
    let sound = GriffinLim(iterations: 2).sound(of: wanted, on: grid, known: phases)
    #expect(largestDifference(sound, samples) < 1e-5)
  }

  @Test("The number of threads changes nothing, a seed does")
  func reproducible() {
    let samples = testSignal(20_000, rate: 8000)
    let grid = FrameGrid(hann: 256, hop: 64, count: samples.count)
    let wanted = magnitudes(grid, samples)
    let first = GriffinLim(iterations: 3).sound(of: wanted, on: grid)
    ComputeThreads.use(1)
    let alone = GriffinLim(iterations: 3).sound(of: wanted, on: grid)
    ComputeThreads.use(3)
    let three = GriffinLim(iterations: 3).sound(of: wanted, on: grid)
    #expect(first == alone && first == three)
    #expect(first != GriffinLim(iterations: 3, seed: 1).sound(of: wanted, on: grid))
  }

  @Test("Silence, one frame, no iterations, numbers that are none")
  func extremes() {
    let grid = FrameGrid(hann: 64, hop: 16, count: 10)
    #expect(GriffinLim().sound(of: Tensor([1, 33]), on: grid) == [Float](repeating: 0, count: 10))
    let some = Tensor([1, 33], (0..<33).map { $0 == 3 ? .nan : $0 == 4 ? -.infinity : 1e-20 })
    for iterations in [0, 1, 5] {
      let sound = GriffinLim(iterations: iterations).sound(of: some, on: grid)
      #expect(
        sound.count == 10 && sound.allSatisfy { $0.isFinite && abs($0) < 1e-18 } && sound.contains { $0 != 0 }
      )
    }
  }

  @Test("What progress throws ends the search")
  func cancelled() {
    struct Stop: Error {}
    let grid = FrameGrid(hann: 64, hop: 16, count: 1000)
    var calls = 0
    #expect(throws: Stop.self) {
      try GriffinLim(iterations: 50).sound(
        of: Tensor([grid.frames, grid.bins], repeating: 1), on: grid,
        progress: { share in
          calls += 1
          if share >= 0.1 { throw Stop() }
        })
    }
    #expect(calls == 5)
  }
}
