import Audio
import Explain
import Glibc
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// Explanations with respect to STFT magnitudes and samples.
struct DomainTests {
  private let gradientMethods: Set<AttributionMethod> = [
    .saliency, .signedSaliency, .inputXGradient, .smoothGrad, .squaredSmoothGrad, .varGrad,
    .integratedGradients, .expectedGradients, .guidedBackpropagation, .deconvolution,
  ]

  private let weights = Tensor.random([8 * 6, 2], seed: 21)

  /// `logits = patch² · weights` of an uncompressed magnitude front end.
  private func model() throws -> AudioModel {
    try HandmadeONNX.linear(["N", 8, 6], weights, squared: true).model(frontEnd(frames: 8, bands: 6))
  }

  private func samples(_ count: Int = 1000) -> [Float] {
    Tensor.random([count], seed: 22).values.map { $0 / 2 }
  }

  private func explain(
    _ method: AttributionMethod, _ domain: Domain, _ samples: [Float], model given: AudioModel? = nil,
    _ change: (inout AttributionMethod.Settings) throws -> Void = { _ in }
  ) throws -> ClipExplanation {
    let model = try given ?? model()
    let listening = try model.listen(to: samples)
    var settings = AttributionMethod.Settings()
    settings.domain = domain
    settings.samples = 4
    try change(&settings)
    return try model.explain(
      listening, target: try model.targets(.index(1), for: listening)[0], by: method, settings)
  }

  /// The score in double precision, by its definition.
  private func score(_ samples: [Double], _ frontEnd: FrontEnd) -> Double {
    let (bands, length, bins) = (6, 8, frontEnd.bins)
    let mel = frontEnd.melWeights.values.map(Double.init)
    let frames = frontEnd.frameCount(samples: samples.count)
    var picture: [Double] = []
    for frame in 0..<frames {
      let magnitudes = (0..<bins).map { bin -> Double in
        var (real, imaginary) = (0.0, 0.0)
        for index in 0..<64 where frame * 32 + index < samples.count {
          let turn = 2 * Double.pi * Double(index) / 64
          let value = samples[frame * 32 + index] * (0.5 - 0.5 * cos(turn))
          real += value * cos(turn * Double(bin))
          imaginary += value * sin(turn * Double(bin))
        }
        return (real * real + imaginary * imaginary).squareRoot()
      }
      for band in 0..<bands {
        picture.append((0..<bins).reduce(0) { $0 + mel[band * bins + $1] * magnitudes[$1] })
      }
    }
    let starts = frontEnd.patchStarts(frames: frames)
    return starts.reduce(0.0) { sum, start in
      sum
        + (0..<length * bands).reduce(0.0) { sum, place in
          let value = picture[start * bands + place]
          return sum + Double(weights[place, 1]) * value * value
        } / Double(starts.count)
    }
  }

  // Differences in double precision of a score in double precision; what remains is the rounding of ours, 1e-7 of the
  // largest terms of sums of some hundred.
  @Test("The waveform's saliency is the derivative of the clip's score with respect to each sample")
  func finiteDifferences() throws {
    let clip = samples()
    let found = try explain(.signedSaliency, .waveform, clip)
    #expect(found.attribution.shape == [1000] && found.domain == .waveform)
    let frontEnd = try model().frontEnd
    let exact = clip.map(Double.init)
    let largest = found.attribution.values.reduce(0) { max($0, Double(abs($1))) }
    for place in [0, 1, 40, 255, 256, 512, 700, 998, 999] {
      var (up, down) = (exact, exact)
      up[place] += 1e-6
      down[place] -= 1e-6
      let slope = (score(up, frontEnd) - score(down, frontEnd)) / 2e-6
      #expect(abs(slope - Double(found.attribution[place])) < 1e-4 * largest, "sample \(place)")
    }
  }

  @Test(
    "Methods made of gradients explain every domain, those that perturb the STFT, too; others say that they do not"
  )
  func methods() throws {
    let model = try model()
    let perturbing: Set<AttributionMethod> = [
      .occlusion, .occlusionTime, .occlusionBands, .rise, .limeTime, .limeFrequency, .lime, .kernelSHAP,
    ]
    for domain in [Domain.stft, .waveform] {
      for method in AttributionMethod.all + AttributionMethod.ofSounds where method != .deepLIFT {
        let explains =
          gradientMethods.contains(method) || domain == .stft && perturbing.contains(method)
        #expect(method.explains(in: domain, of: model) == explains, "\(method)")
        guard explains else {
          let error = #expect(throws: ExplainError.self) { try explain(method, domain, samples()) }
          #expect(error?.isOfTheMethod == true)
          #expect(error?.description.hasPrefix("\(method) explains pictures") == true)
          continue
        }
        let found = try explain(method, domain, samples())
        #expect(found.attribution.shape == (domain == .stft ? [32, 33] : [1000]), "\(method)")
        #expect(found.attribution.values.allSatisfy { $0.isFinite })
        #expect(found.attribution.values.contains { $0 != 0 })
        #expect(found.mask.shape == (domain == .stft ? [32, 33] : [32]))
        #expect(found.mask.values.allSatisfy { (0...1).contains($0) })
        #expect(!method.quantity(in: domain).contains("log-mel"))
        #expect(found.parameters.contains { $0 == ("domain", domain.title) })
      }
      #expect(try AttributionMethod(named: "guided-backprop+smoothgrad").explains(in: domain, of: model))
      #expect(
        try AttributionMethod(named: "saliency-signed+integrated-gradients").explains(in: domain, of: model))
    }
  }

  // The score is of degree 2 in the amplitude: its gradient on the way from silence is a straight line, which the
  // quadrature meets; sums of 1000 floats are good to 1e-4.
  @Test(
    "Integrated gradients sum to what the score gained over silence", arguments: [Domain.stft, .waveform])
  func completeness(_ domain: Domain) throws {
    let clip = samples()
    let model = try model()
    let found = try explain(.integratedGradients, domain, clip)
    let sum = found.attribution.values.reduce(0.0) { $0 + Double($1) }
    let gain = Double(try model.listen(to: clip).clipLogits[1])
    #expect(abs(sum - gain) < 1e-4 * abs(gain))
    #expect(found.parameters.contains { $0 == ("baseline", "silence") })
    // Another sound, shorter: repeated. The sound itself leaves nothing.
    let own = try explain(.integratedGradients, domain, clip) {
      $0.baseline = .repeated(try model.picture(of: clip, in: domain))
    }
    #expect(own.attribution.values.allSatisfy { $0 == 0 })
    let other = try explain(.integratedGradients, domain, clip) {
      $0.baseline = .repeated(try model.picture(of: Array(clip.prefix(300)), in: domain))
    }
    #expect(other.attribution.values.contains { $0 != 0 })
  }

  @Test("The score through the front end is the one that is reported; saliency agrees from domain to domain")
  func chain() throws {
    let model = try Bundled.yamnet()
    let clip = try Array(Bundled.sound("misc_crow.flac").prefix(24_000))
    let listening = try model.listen(to: clip)
    let target = try model.targets(.top(1), for: listening)[0]
    let inner = ClipScore(
      model, score: try NetworkScore(model.network, tensor: model.logits, element: target.index))
    let score = SoundScore(inner, try model.differentiableFrontEnd(from: .samples))
    let x = Tensor([1, clip.count], clip)
    // Float32 rounding through 28 layers.
    #expect(abs(try score.scores(at: x)[0] - listening.clipLogits[target.index]) < 1e-3)
    // Louder by a factor is a direction that both domains have: Σ x · ∂score/∂x is the same, by Euler's rule for the
    // magnitudes, which grow as the samples do.
    // Sums of 24,000 terms of either sign, through kinks that rounding may cross: 1e-3 of the terms' own.
    let found = try [Domain.stft, .waveform].map { domain in
      var settings = AttributionMethod.Settings()
      settings.domain = domain
      return try model.explain(listening, target: target, by: .inputXGradient, settings).attribution.values
    }
    let sums = found.map { $0.reduce(0.0) { $0 + Double($1) } }
    let whole = found[1].reduce(0.0) { $0 + Double(abs($1)) }
    #expect(abs(sums[0] - sums[1]) < 1e-3 * whole)
  }

  @Test("Silence has explanations without a number that is none; a picture has no samples")
  func degenerate() throws {
    let frontEnd = try FrontEnd(
      sampleRate: 8000, window: 64, hop: 32, fft: 64, framing: .centred, spectrum: .magnitude,
      mel: .init(bands: 6, lowest: 100, highest: 3900, scale: .htk, norm: .none, construction: .librosa),
      compression: .decibels(floor: 1e-8), patch: .init(frames: 8, hop: 4, tail: .padToHop))
    let model = try HandmadeONNX.linear(["N", 8, 6], weights).model(frontEnd)
    for domain in [Domain.stft, .waveform] {
      for count in [0, 1, 500] {
        for method in gradientMethods {
          let found = try explain(method, domain, [Float](repeating: 0, count: count), model: model)
          #expect(found.attribution.values.allSatisfy { $0.isFinite }, "\(method), \(count) samples")
          #expect(found.mask.values.allSatisfy { (0...1).contains($0) })
          let shares = found.evidenceShares(model)
          #expect(shares.overTime.allSatisfy { $0.isFinite })
        }
      }
      let picture = try model.listen(toLogMel: Tensor([20, 6]))
      var settings = AttributionMethod.Settings()
      settings.domain = domain
      let target = try model.targets(.index(0), for: picture)[0]
      #expect(throws: ExplainError.self) {
        try model.explain(picture, target: target, by: .saliency, settings)
      }
    }
  }

  @Test("Baselines of frames and bands are refused in the waveform")
  func baselines() throws {
    for baseline in [Baseline.localMean(radius: 2), .noiseFloor(quantile: 0.1)] {
      #expect(throws: ExplainError.self) {
        try explain(.integratedGradients, .waveform, samples()) { $0.baseline = baseline }
      }
      let found = try explain(.integratedGradients, .stft, samples()) { $0.baseline = baseline }
      #expect(found.attribution.values.allSatisfy { $0.isFinite })
    }
  }

  @Test("Heard and ignored add up; the evidence is shared out over time, and over bins where there are some")
  func sound() throws {
    let clip = samples(4000)
    let recording = Recording(channels: [clip], sampleRate: 8000)
    let model = try model()
    let frontEnd = model.frontEnd
    for domain in Domain.allCases {
      let found = try explain(.saliency, domain, clip)
      let (heard, ignored) = found.heardAndIgnored(recording, model)
      let whole = zip(heard.mono, ignored.mono).map { $0 + $1 }
      #expect(zip(whole, clip).allSatisfy { abs($0 - $1) < 1e-6 })
      #expect(heard.peak > 0)
      let shares = found.evidenceShares(model)
      #expect(shares.overTime.count == frontEnd.frameCount(samples: clip.count))
      #expect(abs(shares.overTime.reduce(0, +) - 1) < 1e-4)
      #expect(shares.octaves.isEmpty == (domain == .waveform))
      let events = try model.events(in: found, duration: 0.5)
      #expect((events == nil) == (domain == .waveform))
      #expect(events?.allSatisfy { $0.highest <= 4000 && $0.lowest >= 0 && $0.end <= 0.5 } != false)
    }
  }
}
