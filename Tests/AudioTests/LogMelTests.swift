import Audio
import Glibc
import Tensors
import Testing

struct LogMelTests {
  // Single precision: a frame's largest magnitude, here about 60, is known to 60 · 2⁻²⁴ ≈ 4e-6, and the logarithm of
  // a band near the offset 0.001 multiplies that by up to 1000; such bands are few.
  @Test("YAMNet's log-mel agrees with TensorFlow's definition in double precision")
  func yamnetAgrees() throws {
    let ours = FrontEnd.yamnet.logMel(testSignal(20000, rate: 16000))
    #expect(ours.shape == [144, 64])
    #expect(try largestDifference(ours.values, goldenValues("yamnet.npy")) < 1e-4)
  }

  @Test("musicnn's log-mel agrees with librosa in double precision")
  func musicnnAgrees() throws {
    let ours = FrontEnd.musicnn.logMel(testSignal(20000, rate: 16000))
    #expect(ours.shape == [187, 96])
    #expect(try largestDifference(ours.values, goldenValues("musicnn.npy")) < 1e-4)
  }

  @Test(
    "Agrees with a naive DFT", arguments: [FrontEnd.Framing.centred, .fromStart],
    [FrontEnd.Spectrum.magnitude, .power])
  func naive(framing: FrontEnd.Framing, spectrum: FrontEnd.Spectrum) throws {
    // Odd sizes on purpose; the window shorter than the transform.
    let frontEnd = try FrontEnd(
      sampleRate: 8000, window: 45, hop: 17, fft: 60, framing: framing, spectrum: spectrum,
      mel: .init(
        bands: 7, lowest: 100, highest: 3900, scale: .slaney, norm: .slaney, construction: .tensorflow),
      compression: .none, patch: .init(frames: 20, hop: 10, tail: .dropIncomplete))
    let samples = testSignal(1000, rate: 8000)
    let ours = frontEnd.logMel(samples)
    let weights = frontEnd.melWeights
    #expect(weights.shape == [7, 31])
    let first = framing == .centred ? (60 - 45) / 2 - 30 : 0
    var expected = [Float]()
    for frame in 0..<ours.shape[0] {
      var bands = [Double](repeating: 0, count: 7)
      for bin in 0...30 {
        var (real, imaginary) = (0.0, 0.0)
        for index in 0..<45 {
          let place = first + frame * 17 + index
          guard samples.indices.contains(place) else { continue }
          let window = 0.5 - 0.5 * cos(2 * Double.pi * Double(index) / 45)
          let angle = -2 * Double.pi * Double(bin * index) / 60
          real += Double(samples[place]) * window * cos(angle)
          imaginary += Double(samples[place]) * window * sin(angle)
        }
        let power = real * real + imaginary * imaginary
        for band in 0..<7 {
          bands[band] += Double(weights[band, bin]) * (spectrum == .power ? power : power.squareRoot())
        }
      }
      expected += bands.map { Float($0) }
    }
    #expect(ours.shape[0] == (framing == .centred ? 1 + 1000 / 17 : 1 + (1000 - 45) / 17))
    #expect(largestDifference(ours.values, expected) < 1e-5)
  }

  @Test("Compressions of silence and of a tone")
  func compressions() throws {
    #expect(abs(FrontEnd.yamnet.silence - Float(log(0.001))) < 1e-6)
    #expect(FrontEnd.musicnn.silence == 0)
    let quiet = FrontEnd.yamnet.logMel([Float](repeating: 0, count: 20000))
    #expect(quiet.values.allSatisfy { $0 == FrontEnd.yamnet.silence })
    let base = FrontEnd.musicnn
    var analysis = try #require(base.analysis)
    analysis.compression = .decibels(floor: 1e-10)
    let decibels = try FrontEnd(sampleRate: base.sampleRate, analysis: analysis, patch: base.patch)
    #expect(decibels.silence == -100)
    let sound = tone(1000, seconds: 3, rate: 16000)
    let pairs = zip(decibels.logMel(sound).values, base.logMel(sound).values)
    // 10 log₁₀ m from log₁₀(10000 m + 1), where the 1 does not matter.
    for (level, compressed) in pairs where compressed > 3 {
      #expect(abs(level - 10 * (compressed - 4)) < 0.01)
    }
  }

  @Test("A tone stands in the band whose centre is nearest, at the time it sounds")
  func axes() {
    for frontEnd in [FrontEnd.yamnet, .musicnn] {
      let centres = frontEnd.bandCentres
      #expect(centres.count == frontEnd.bandCount && frontEnd.bandEdges.count == centres.count + 2)
      #expect(abs(frontEnd.bandEdges[0] - frontEnd.bandRange.lowerBound) < 1e-9)
      #expect(abs((frontEnd.bandEdges.last ?? 0) - frontEnd.bandRange.upperBound) < 1e-6)
      let band = centres.count / 2
      var samples = [Float](repeating: 0, count: 48000)
      let burst = tone(centres[band], seconds: 0.1, rate: 16000)
      samples.replaceSubrange(24000..<24000 + burst.count, with: burst)
      let values = frontEnd.logMel(samples).values
      let loudest = values.indices.max { values[$0] < values[$1] } ?? 0
      #expect(loudest % centres.count == band)
      // The burst is centred on 1.55 s; any frame whose window lies wholly in it may be the loudest.
      #expect(abs(frontEnd.frameTime(loudest / centres.count) - 1.55) < 0.05)
      #expect(abs(frontEnd.frame(at: frontEnd.frameTime(12.25)) - 12.25) < 1e-9)
    }
    #expect(FrontEnd.yamnet.frameTime(0) == 0.0125 && FrontEnd.yamnet.hopSeconds == 0.01)
    #expect(FrontEnd.musicnn.frameTime(1) == 0.016)
    #expect(FrontEnd.yamnet.patchSeconds == 0.975 && FrontEnd.yamnet.patchHopSeconds == 0.48)
  }

  @Test(
    "YAMNet's tail rule: every sample in a patch, and patches whole",
    arguments: [(0, 96), (1, 96), (15600, 96), (15601, 144), (23280, 144), (23281, 192)])
  func padToHop(samples: Int, frames: Int) {
    check(.yamnet, samples: samples, frames: frames, patches: 1 + (frames - 96) / 48)
  }

  private static let tails: [(Int, Int, Int)] = [
    (0, 187, 1), (1, 187, 1), (47616, 187, 1), (47617, 187, 1), (47872, 188, 1), (95487, 373, 1),
    (95488, 374, 2),
  ]

  @Test("musicnn's tail rule: an incomplete patch is dropped", arguments: tails)
  func dropIncomplete(samples: Int, frames: Int, patches: Int) {
    check(.musicnn, samples: samples, frames: frames, patches: patches)
  }

  private func check(_ frontEnd: FrontEnd, samples: Int, frames: Int, patches: Int) {
    let logMel = frontEnd.logMel([Float](repeating: 0.1, count: samples))
    #expect(logMel.shape == [frames, frontEnd.bandCount])
    #expect(frontEnd.frameCount(samples: samples) == frames)
    let starts = frontEnd.patchStarts(frames: frames)
    #expect(starts == (0..<patches).map { $0 * frontEnd.patch.hop })
    let cut = frontEnd.patches(of: logMel)
    #expect(cut.shape == [patches, frontEnd.patch.frames, frontEnd.bandCount])
    for (index, start) in starts.enumerated() {
      #expect(cut.rows(index..<index + 1).values == logMel.rows(start..<start + frontEnd.patch.frames).values)
    }
  }

  @Test("Patches of other lengths are filled with silence", arguments: [0, 1, 96, 97])
  func patchesOfAnyLength(frames: Int) {
    let patches = FrontEnd.yamnet.patches(of: Tensor([frames, 64], repeating: 1))
    #expect(patches.shape == [frames > 96 ? 2 : 1, 96, 64])
    #expect(patches.values.count { $0 != 1 && $0 != FrontEnd.yamnet.silence } == 0)
    let ones = patches.values.count { $0 == 1 }
    #expect(ones == (frames > 96 ? 96 + 49 : frames) * 64)
  }
}
