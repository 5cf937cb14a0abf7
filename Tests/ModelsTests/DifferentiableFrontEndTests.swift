import Audio
import Models
import Tensors
import TestSupport
import Testing

/// The front end as a graph: it gives what the front end gives, and its way back is the derivative.
struct DifferentiableFrontEndTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var frontEnd: FrontEnd
    var testDescription: String { name }
  }

  private static func make(
    _ name: String, window: Int = 64, hop: Int = 32, fft: Int = 64, _ framing: FrontEnd.Framing,
    _ spectrum: FrontEnd.Spectrum, _ construction: FrontEnd.Mel.Construction, _ norm: FrontEnd.Mel.Norm,
    _ compression: FrontEnd.Compression, tail: FrontEnd.Patch.Tail = .padToHop
  ) throws -> Case {
    let mel = FrontEnd.Mel(
      bands: 9, lowest: 100, highest: 3900, scale: norm == .slaney ? .slaney : .htk, norm: norm,
      construction: construction)
    return Case(
      name: name,
      frontEnd: try FrontEnd(
        sampleRate: 8000, window: window, hop: hop, fft: fft, framing: framing, spectrum: spectrum, mel: mel,
        compression: compression, patch: .init(frames: 12, hop: 6, tail: tail)))
  }

  static let cases: [Case] = {
    let made = [
      try? make(
        "as YAMNet", window: 50, hop: 20, .fromStart, .magnitude, .tensorflow, .none,
        .log(base: .natural, scale: 1, offset: 0.001)),
      try? make(
        "as musicnn", .centred, .power, .librosa, .slaney, .log(base: .ten, scale: 10000, offset: 1),
        tail: .dropIncomplete),
      try? make(
        "decibels, window amid the transform", window: 40, hop: 17, fft: 60, .centred, .power, .librosa,
        .none,
        .decibels(floor: 1e-10)),
      try? make(
        "uncompressed, hop beyond the window", window: 32, hop: 45, fft: 50, .fromStart, .power, .tensorflow,
        .slaney, .none, tail: .dropIncomplete),
      try? make("bare magnitudes", .centred, .magnitude, .librosa, .none, .none),
    ]
    return made.compactMap { $0 }
  }()

  private static let sources: [DifferentiableFrontEnd.Source] = [.samples, .magnitudes]

  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: -0.5...0.5, using: &generator) }
  }

  /// Rows of samples as the source takes them.
  private func input(_ rows: [[Float]], _ frontEnd: FrontEnd, _ source: DifferentiableFrontEnd.Source)
    -> Tensor
  {
    Tensor(
      joining: rows.map { row in
        let picture = source == .samples ? Tensor([row.count], row) : frontEnd.magnitudes(row)
        return picture.reshaped(to: Shape([1] + picture.shape.dimensions))
      })
  }

  // Two transforms in single precision, each good to 1e-6 of a frame's loudest bin, which is 1e-5 of a band 20 dB below
  // it; a decibel is 8.7 times the relative error of a magnitude.
  @Test("It gives what the front end gives, across chunks, on every row", arguments: cases, sources)
  func agrees(_ example: Case, _ source: DifferentiableFrontEnd.Source) throws {
    #expect(Self.cases.count == 5)
    let frontEnd = example.frontEnd
    let differentiable = try DifferentiableFrontEnd(frontEnd, from: source, threads: 2)
    for count in [1, 300, 9000] {
      let rows = [noise(count, seed: 1), noise(count, seed: 2)]
      let found = try differentiable.logMel(of: input(rows, frontEnd, source))
      let expected = rows.map { frontEnd.logMel($0) }
      #expect(found.shape == [2, expected[0].shape[0], 9])
      for (row, expected) in expected.enumerated() {
        let values = found.rows(row..<row + 1).values
        let error = zip(values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.1))) }
        #expect(error < 2 * 1e-5 * 8.7, "\(count) samples")
      }
    }
  }

  // The oracle is in double precision, so its differences are good to 1e-8; what is left is the graph's rounding, which
  // divides by magnitudes down to a thousandth of the largest. A wrong window or frame is off by 10 % and more.
  @Test("Its way back is the derivative of the sums that define it", arguments: cases)
  func finiteDifferences(_ example: Case) throws {
    let frontEnd = example.frontEnd
    let oracle = FrontEndOracle(frontEnd)
    let differentiable = try DifferentiableFrontEnd(frontEnd, from: .samples, threads: 1)
    let samples = noise(5000, seed: 3)
    let frames = frontEnd.frameCount(samples: samples.count)
    let seed = Tensor([1, frames, 9], noise(frames * 9, seed: 4))
    let gradient = try differentiable.pullback(seed, at: Tensor([1, samples.count], samples)).values
    func loss(_ samples: [Double]) -> Double {
      zip(oracle.logMel(samples), seed.values).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    let clip = samples.map(Double.init)
    let scale = (gradient.reduce(0) { $0 + Double($1) * Double($1) } / Double(gradient.count)).squareRoot()
    for place in [0, 1, 31, 32, 777, 2048, 4095, 4096, 4999] {
      var (up, down) = (clip, clip)
      up[place] += 1e-6
      down[place] -= 1e-6
      let slope = (loss(up) - loss(down)) / 2e-6
      #expect(abs(slope - Double(gradient[place])) < 1e-3 * max(scale, abs(slope)), "sample \(place)")
    }
  }

  @Test("From magnitudes, too", arguments: cases)
  func finiteDifferencesOfMagnitudes(_ example: Case) throws {
    let frontEnd = example.frontEnd
    let oracle = FrontEndOracle(frontEnd)
    let differentiable = try DifferentiableFrontEnd(frontEnd, from: .magnitudes, threads: 1)
    let magnitudes = frontEnd.magnitudes(noise(800, seed: 5))
    let (frames, bins) = (magnitudes.shape[0], frontEnd.bins)
    let seed = Tensor([1, frames, 9], noise(frames * 9, seed: 6))
    let gradient = try differentiable.pullback(seed, at: magnitudes.reshaped(to: [1, frames, bins]))
    let frame = 3
    let weights = (0..<9).map { Double(seed[0, frame, $0]) }
    let here = (0..<bins).map { Double(magnitudes[frame, $0]) }
    #expect(
      zip(here, oracle.magnitudes(noise(800, seed: 5).map(Double.init), frame: frame)).allSatisfy {
        abs($0 - $1) < 1e-5
      })
    func loss(_ magnitudes: [Double]) -> Double {
      zip(oracle.logMel(magnitudes: magnitudes), weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let scale = (0..<bins).reduce(0) { max($0, abs(Double(gradient[0, frame, $1]))) }
    for bin in 0..<bins {
      var (up, down) = (here, here)
      up[bin] += 1e-6
      down[bin] -= 1e-6
      let slope = (loss(up) - loss(down)) / 2e-6
      #expect(abs(slope - Double(gradient[0, frame, bin])) < 1e-4 * scale, "bin \(bin)")
    }
  }

  @Test("Silence, faint and full, has a derivative without a number that is none", arguments: cases, sources)
  func silence(_ example: Case, _ source: DifferentiableFrontEnd.Source) throws {
    let frontEnd = example.frontEnd
    let differentiable = try DifferentiableFrontEnd(frontEnd, from: source, threads: 1)
    // Sound, then nothing, then next to nothing: squares that are too small for a float.
    let samples =
      noise(400, seed: 7) + [Float](repeating: 0, count: 600) + noise(400, seed: 8).map { $0 * 1e-22 }
    let x = input([samples, [Float](repeating: 0, count: samples.count)], frontEnd, source)
    let frames = frontEnd.frameCount(samples: samples.count)
    let gradient = try differentiable.pullback(Tensor([2, frames, 9], repeating: 1), at: x)
    #expect(gradient.values.allSatisfy { $0.isFinite })
    #expect(gradient.rows(0..<1).values.contains { $0 != 0 })
    #expect(gradient.rows(1..<2).values.allSatisfy { $0 == 0 })
    if source == .samples {
      #expect((500..<900).allSatisfy { gradient[0, $0] == 0 })
    }
  }

  @Test("YAMNet hears the same through it")
  func yamnet() throws {
    let model = try Fixture.yamnet()
    let samples = glide(40_000, rate: 16000)
    let listening = try model.listen(to: samples)
    let differentiable = try DifferentiableFrontEnd(model.frontEnd, from: .samples, threads: 2)
    let logMel = try differentiable.logMel(of: Tensor([1, samples.count], samples))
    let again = try model.listen(toLogMel: logMel.reshaped(to: listening.logMel.shape))
    // Logits of some units: float32 rounding through 28 layers.
    #expect(largestDifference(listening.clipLogits, again.clipLogits) < 1e-3)
  }
}
