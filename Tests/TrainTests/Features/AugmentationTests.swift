import Audio
import Glibc
import Tensors
import TestSupport
import Testing
import Train

struct PictureAugmentationTests {
  private func applied(
    _ augmentation: PictureAugmentation, frames: Int = 20, width: Int = 6, panels: Int = 1, seed: UInt64 = 1
  ) -> [Float] {
    var patch = (0..<frames * width).map { Float($0 + 1) }
    var generator = SplitMix64(seed: seed)
    patch.withUnsafeMutableBufferPointer {
      augmentation.apply(to: $0, frames: frames, width: width, fill: -9, panels: panels, &generator)
    }
    return patch
  }

  @Test("nothing is done unless it is said")
  func off() {
    #expect(applied(PictureAugmentation()) == (1...120).map { Float($0) })
    #expect(PictureAugmentation().isIdentity)
  }

  @Test("a roll moves whole frames round, each distance as likely as the others")
  func roll() {
    var augmentation = PictureAugmentation()
    augmentation.rollsInTime = true
    var counts = [Int](repeating: 0, count: 20)
    for seed in 0..<4000 {
      let rolled = applied(augmentation, seed: UInt64(seed))
      let first = Int(rolled[0] - 1)
      #expect(first % 6 == 0)
      #expect(rolled.indices.allSatisfy { rolled[$0] == Float((first + $0) % 120 + 1) })
      counts[first / 6] += 1
    }
    // 200 of each are expected, with a deviation of 14: six of these.
    #expect(counts.allSatisfy { abs($0 - 200) < 84 })
  }

  @Test("masks are whole frames or bands, no longer than said, and hold the fill or the mean")
  func masks() {
    var augmentation = PictureAugmentation()
    (augmentation.timeMasks, augmentation.longestTimeMask) = (1, 0.25)
    (augmentation.bandMasks, augmentation.widestBandMask) = (1, 0.5)
    var (longest, widest) = (0, 0)
    for seed in 0..<500 {
      let masked = applied(augmentation, width: 12, panels: 2, seed: UInt64(seed))
      let frames = (0..<20).filter { frame in (0..<12).allSatisfy { masked[frame * 12 + $0] == -9 } }
      let free = (0..<20).filter { !frames.contains($0) }
      let bands = (0..<12).filter { band in free.allSatisfy { masked[$0 * 12 + band] == -9 } }
      #expect(frames.count <= 5 && (frames.isEmpty || frames == Array(frames[0]...frames[frames.count - 1])))
      // Three of six bands at most, and the same of both pictures.
      #expect(bands.filter { $0 < 6 }.map { $0 + 6 } == bands.filter { $0 >= 6 })
      for place in 0..<240 where !frames.contains(place / 12) && !bands.contains(place % 12) {
        #expect(masked[place] == Float(place + 1))
      }
      (longest, widest) = (max(longest, frames.count), max(widest, bands.count / 2))
    }
    #expect(longest == 5 && widest == 3)
    augmentation.fillsWithMean = true
    augmentation.timeMasks = 0
    let mean = applied(augmentation, seed: 4)
    #expect(mean.contains { $0 == 60.5 } && !mean.contains(-9))
  }

  @Test("is a function of what is drawn")
  func deterministic() {
    var augmentation = PictureAugmentation()
    (augmentation.rollsInTime, augmentation.timeMasks, augmentation.bandMasks) = (true, 2, 2)
    #expect(applied(augmentation, seed: 5) == applied(augmentation, seed: 5))
    #expect(applied(augmentation, seed: 5) != applied(augmentation, seed: 6))
  }

  // The definition: the picture of the louder sound. In bands below the floor its energy is not known. Behind an offset, what
  // is left of a band's energy after rounding is 1e-7 of the offset.
  @Test(
    "a gain is the picture of a louder sound", arguments: [-11.0, 7],
    [
      FrontEnd.Compression.log(base: .natural, scale: 3, offset: 0, floor: 1e-8),
      .log(base: .ten, scale: 10000, offset: 1), .log(base: .two, scale: 1, offset: 0.001),
      .decibels(floor: 1e-10, reference: .value(0.5)), .decibels(floor: 0.1),
    ])
  func gain(decibels: Double, compression: FrontEnd.Compression) throws {
    let base = try toyFrontEnd()
    var analysis = try #require(base.analysis)
    analysis.compression = compression
    if decibels > 0 { analysis.spectrum = .magnitude }
    let frontEnd = try FrontEnd(
      sampleRate: 8000, analysis: analysis, steps: [.affine(scale: 0.5, shift: 2)], patch: toyFrontEnd().patch
    )
    let sound = toy(500).channels[0]
    let plain = frontEnd.logMel(sound)
    let louder = frontEnd.logMel(sound.map { $0 * Float(pow(10, decibels / 20)) })
    var values = plain.values
    let gain = try PictureGain(frontEnd)
    values.withUnsafeMutableBufferPointer { gain.apply(decibels, to: $0) }
    let floor = plain.values.min() ?? 0
    var compared = 0
    for place in values.indices where compression != .decibels(floor: 0.1) || plain.values[place] > floor {
      #expect(abs(values[place] - louder.values[place]) < 2e-3)
      compared += 1
    }
    #expect(compared > 100)
  }

  @Test("and is refused, with the reason, where the picture does not tell")
  func gainRefused() throws {
    #expect(throws: PictureGain.Obstacle.self) { try PictureGain(.wav2vec2) }
    #expect(throws: PictureGain.Obstacle.self) { try PictureGain(.openWakeWord) }
    _ = try PictureGain(.yamnet)
    _ = try PictureGain(.panns)
  }
}

struct DrawTests {
  @Test("uniform, normal, gamma and beta draws have their moments")
  func moments() {
    var generator = SplitMix64(seed: 11)
    func moments(_ draw: (inout SplitMix64) -> Double) -> (mean: Double, variance: Double) {
      let values = (0..<100_000).map { _ in draw(&generator) }
      let mean = values.reduce(0, +) / 100_000
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000)
    }
    // Five deviations of a mean of 100,000 draws, or of their variance.
    func near(_ a: Double, _ b: Double, _ deviation: Double) -> Bool { abs(a - b) < 5 * deviation / 316 }
    let uniform = moments { $0.uniform() }
    #expect(near(uniform.mean, 0.5, 0.289) && near(uniform.variance, 1.0 / 12, 0.075))
    let normal = moments { $0.normal() }
    #expect(near(normal.mean, 0, 1) && near(normal.variance, 1, 1.42))
    for shape in [0.3, 1, 2.5, 9] {
      // Fourth central moment of a gamma distribution: 3 k² + 6 k.
      let gamma = moments { exp($0.logGamma(shape: shape)) }
      #expect(near(gamma.mean, shape, shape.squareRoot()))
      #expect(near(gamma.variance, shape, (2 * shape * shape + 6 * shape).squareRoot()))
    }
    for alpha in [0.1, 0.4, 1, 3] {
      let beta = moments { $0.beta(alpha) }
      let variance = 1 / (4 * (2 * alpha + 1))
      #expect(near(beta.mean, 0.5, variance.squareRoot()) && near(beta.variance, variance, 0.25))
    }
  }

  @Test("draws for the smallest parameters stay numbers between 0 and 1")
  func extremes() {
    var generator = SplitMix64(seed: 2)
    for alpha in [1e-6, 1e-3, 1e3, 1e6] {
      for _ in 0..<200 {
        let value = generator.beta(alpha)
        #expect(value >= 0 && value <= 1)
      }
    }
  }

  @Test("an index is below its bound, and every one comes")
  func index() {
    var generator = SplitMix64(seed: 3)
    #expect(Set((0..<200).map { _ in generator.index(below: 7) }) == Set(0..<7))
  }
}

struct MixupTests {
  @Test("mixes rows in pairs, targets as their rows, and leaves the middle one")
  func mixes() {
    var batch = (0..<5).flatMap { row in [Float(row), 10 * Float(row)] }
    var targets = (0..<5).flatMap { row in (0..<5).map { $0 == row ? Float(1) : 0 } }
    var generator = SplitMix64(seed: 4)
    batch.withUnsafeMutableBufferPointer { batch in
      targets.withUnsafeMutableBufferPointer { mixup(batch, targets: $0, rows: 5, alpha: 0.4, &generator) }
    }
    for row in 0..<5 {
      let shares = targets[row * 5..<row * 5 + 5]
      #expect(abs(shares.reduce(0, +) - 1) < 1e-6 && shares.allSatisfy { $0 >= 0 })
      // A row is what its targets say.
      let mixed = zip(0..<5, shares).reduce(Float(0)) { $0 + Float($1.0) * $1.1 }
      #expect(abs(batch[2 * row] - mixed) < 1e-5 && abs(batch[2 * row + 1] - 10 * mixed) < 1e-4)
    }
    #expect(batch[4] == 2 && targets[12] == 1)
  }
}
