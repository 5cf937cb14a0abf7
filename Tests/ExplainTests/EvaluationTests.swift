import Audio
import Explain
import Glibc
import Graphs
import Models
import Tensors
import TestSupport
import Testing

@Suite("Evaluations")
struct EvaluationTests {
  /// Hears "low" in the lower and "high" in the upper half of its bands: known evidence.
  static func listener() throws -> AudioModel {
    let (frames, bands) = (8, 8)
    var weights = [Float](repeating: 0, count: frames * bands * 2)
    for bin in 0..<frames * bands { weights[bin * 2 + (bin % bands < bands / 2 ? 0 : 1)] = 1 }
    var file = HandmadeONNX(input: "sound", ["N", .fixed(frames), .fixed(bands)])
    file.add("Flatten", ["sound"], "flat")
    file.add("MatMul", ["flat"], "sums", weights: [Tensor([frames * bands, 2], weights)])
    file.add("Add", ["sums"], "logits", weights: [Tensor([2], [-5, -5])])
    var description = ModelDescription()
    description.frontEnd = try frontEnd(frames: frames, bands: bands)
    description.labels = ["low", "high"]
    description.activation = .sigmoid
    return try AudioModel(file.network(), description, name: "toy", path: "toy.onnx")
  }

  static func tone(_ hertz: Double, samples: Int) -> [Float] {
    (0..<samples).map { Float(0.3 * sin(2 * .pi * hertz * Double($0) / 8000)) }
  }

  private static let length = 288  // one patch

  private static func mixture(_ placement: Mixture.Placement) throws -> Mixture? {
    let model = try listener()
    let parts = try [(400.0, false), (2800.0, true)].map { hertz, isSecond in
      try model.mixturePart(
        tone(hertz, samples: length), placement: placement, isSecond: isSecond, length: length)
    }
    return try model.mixture(parts[0], parts[1], placement: placement)
  }

  @Test("A mixture in time has one class in each half")
  func inTime() throws {
    let mixture = try #require(try Self.mixture(.time))
    #expect(mixture.samples.count == 2 * Self.length && mixture.classes == [0, 1])
    let model = try Self.listener()
    let frames = try model.listen(to: mixture.samples).logMel.shape[0]
    #expect(mixture.regions.allSatisfy { $0.shape == [frames, 8] })
    #expect(zip(mixture.regions[0].values, mixture.regions[1].values).allSatisfy { $0 + $1 == 1 })
    #expect(mixture.regions[0][0, 3] == 1 && mixture.regions[0][frames - 1, 3] == 0)
    let loudest = mixture.samples.reduce(0) { max($0, abs($1)) }
    #expect(loudest > 0.1 && loudest <= 1)
  }

  @Test("A mixture in bands has one class on each side of a frequency")
  func inBands() throws {
    let mixture = try #require(try Self.mixture(.bands(split: 1200)))
    let centres = try Self.listener().frontEnd.bandCentres
    #expect(mixture.samples.count == Self.length && mixture.classes == [0, 1])
    for (band, centre) in centres.enumerated() {
      #expect(mixture.regions[0][2, band] == (centre < 1200 ? 1 : 0))
    }
  }

  @Test("Sounds that are not apart make no mixture")
  func together() throws {
    let model = try Self.listener()
    let parts = try [false, true].map {
      try model.mixturePart(
        Self.tone(400, samples: Self.length), placement: .time, isSecond: $0, length: Self.length)
    }
    #expect(try model.mixture(parts[0], parts[1], placement: .time) == nil)
  }

  private static func evaluation(_ methods: [AttributionMethod], closeLooks: Int = 2) throws -> Evaluation {
    var budget = Evaluation.Budget()
    budget.closeLooks = closeLooks
    budget.removal = .constant(0)
    var settings = AttributionMethod.Settings()
    settings.window = [2, 2]
    var evaluation = Evaluation(
      try listener(), methods: methods + AttributionMethod.controls, settings: settings, budget: budget)
    let clips = [300.0, 400, 2600, 2800, 3000].map {
      Evaluation.Clip(name: "\($0) Hz", samples: tone($0, samples: 500))
    }
    let known = try [Mixture.Placement.time, .bands(split: 1200)].map {
      Evaluation.Known(try #require(try mixture($0)), name: "\($0)")
    }
    try evaluation.run(clips: clips, known: known)
    return evaluation
  }

  @Test("What explains a linear network exactly is told from what knows nothing")
  func ranking() throws {
    let evaluation = try Self.evaluation([.inputXGradient, .occlusion, .saliency])
    let measured = evaluation.measured
    func mean(_ method: AttributionMethod, _ criterion: Criterion) -> Double {
      let values = measured.values(method, criterion).values
      return values.reduce(0, +) / Double(values.count)
    }
    #expect(measured.sounds.count == 7 && measured.criteria.count == Criterion.all.count)
    for method in [AttributionMethod.inputXGradient, .occlusion] {
      #expect(mean(method, .relevanceMass) > 0.9 && mean(method, .pointing) == 100)
      #expect(mean(method, .classContrast) > 0.8)
      #expect(mean(method, .deletion) < mean(.randomMap, .deletion))
      #expect(mean(method, .insertion) > mean(.randomMap, .insertion))
    }
    #expect(mean(.saliency, .infidelity) < 1e-6)
    #expect(abs(mean(.randomMap, .relevanceMass) - 0.5) < 0.15)
    #expect(mean(.loudnessMap, .classContrast) == 0 && mean(.loudnessMap, .classDifference) < 1e-9)
    #expect(mean(.loudnessMap, .fullRandomisation) > 0.999)
    // The gradient of a linear network hangs on its weights alone.
    #expect(mean(.saliency, .maxSensitivity) == 0 && mean(.saliency, .fullRandomisation) < 0.5)
    #expect(mean(.occlusion, .evaluations) > 1)

    let ranking = Ranking(measured)
    #expect(ranking.entries.count == 5 && abs(ranking.weights.reduce(0, +) - 1) < 1e-12)
    #expect(ranking.entries.last?.method == .randomMap)
    let verdict = Verdict(ranking)
    #expect([.inputXGradient, .occlusion].contains(verdict.recommended))
    #expect(verdict.failures[.randomMap] == [.control] && verdict.failures[.loudnessMap] == [.control])
    #expect(verdict.sentence.hasPrefix("Use \(verdict.recommended?.name ?? "")"))
    #expect(evaluation.examples.count == 4 && evaluation.curves[.occlusion]?.count == 5)
  }

  @Test("The same sounds and seed give the same numbers")
  func repeatable() throws {
    let methods: [AttributionMethod] = [.smoothGrad, .lime]
    let (first, second) = (try Self.evaluation(methods).measured, try Self.evaluation(methods).measured)
    for method in methods {
      for criterion in first.criteria where criterion.group != .cost {
        #expect(first.values(method, criterion) == second.values(method, criterion))
      }
    }
  }

  @Test("A method that cannot explain the network is left out with a word")
  func leftOut() throws {
    let evaluation = try Self.evaluation([.gradCAM, .saliency], closeLooks: 0)
    #expect(evaluation.measured.methods == [.saliency] + AttributionMethod.controls)
    #expect(evaluation.notes.count == 1 && evaluation.notes[0].hasPrefix("grad-cam: left out"))
    #expect(
      evaluation.measured.criteria.allSatisfy {
        ![.sanity, .robustness].contains($0.group) || $0 == .infidelity
      })
  }

  @Test("One class, saturated probabilities, maps of zeros, clips shorter than a patch: numbers, never NaN")
  func degenerate() throws {
    var file = HandmadeONNX(input: "sound", ["N", 8, 8])
    file.add("Flatten", ["sound"], "flat")
    file.add("MatMul", ["flat"], "sum", weights: [Tensor([64, 1], repeating: 1000)])
    file.add("Relu", ["sum"], "logits")
    var description = ModelDescription()
    description.frontEnd = try frontEnd(frames: 8, bands: 8)
    description.activation = .sigmoid
    let model = try AudioModel(file.network(), description, name: "toy", path: "toy.onnx")
    let methods = AttributionMethod.all.filter {
      ![.cam, .gradCAM, .gradCAMPlusPlus, .layerCAM, .scoreCAM, .eigenCAM, .guidedGradCAM].contains($0)
    }
    var evaluation = Evaluation(model, methods: methods + AttributionMethod.ofSounds)
    try evaluation.run(
      clips: [
        .init(name: "short", samples: Self.tone(400, samples: 50)),
        .init(name: "silent", samples: [Float](repeating: 0, count: 400)),
      ], known: [])
    let measured = evaluation.measured
    #expect(!measured.criteria.contains(.randomLogit) && measured.methods.count == methods.count + 1)
    for method in measured.methods {
      for criterion in measured.criteria where ![.maxSensitivity, .infidelity].contains(criterion) {
        #expect(measured.values(method, criterion).count == 2, "\(method) \(criterion.name)")
      }
    }
    #expect(Ranking(measured).entries.allSatisfy { $0.meanRank.value.isFinite })
  }

  @Test("Explanations of a clip share what the network has said of its patches")
  func sharing() throws {
    let model = try Self.listener()
    let listening = try model.listen(to: Self.tone(400, samples: 900))
    let targets = try [0, 1].map { try model.targets(.index($0), for: listening)[0] }
    let memory = RowMemory(keepsGradients: true)
    var settings = AttributionMethod.Settings()
    settings.samples = 20
    for method in [AttributionMethod.rise, .lime, .smoothGrad] {
      let alone = try targets.map {
        try model.explain(listening, target: $0, by: method, settings).attribution
      }
      let shared = try targets.map {
        try model.explain(listening, target: $0, by: method, settings, memory: memory).attribution
      }
      #expect(alone == shared)
      let before = model.network.multiplyAccumulates
      for target in targets {
        _ = try model.explain(listening, target: target, by: method, settings, memory: memory)
      }
      #expect(model.network.multiplyAccumulates == before)
    }
  }
}

@Suite("Rankings")
struct RankingTests {
  private static func measured(_ rows: [(AttributionMethod, Criterion, [Double?])]) -> Measurements {
    var measured = Measurements(methods: [.saliency, .occlusion, .lime])
    let sounds = (0..<(rows.map(\.2.count).max() ?? 0)).map { measured.add(sound: "sound \($0)") }
    for (method, criterion, values) in rows {
      for (sound, value) in zip(sounds, values) { measured.add(value, method, criterion, sound: sound) }
    }
    return measured
  }

  @Test("Ranks by the mean, the better first, equal ones sharing")
  func ranks() throws {
    let ranking = Ranking(
      Self.measured([
        (.saliency, .deletion, [0.1, 0.3]), (.occlusion, .deletion, [0.2, 0.2]),
        (.lime, .deletion, [0.5, 0.5]),
        (.saliency, .sparseness, [0.5, 0.5]), (.occlusion, .sparseness, [0.9, 0.7]),
        (.lime, .sparseness, [nil, 0.1]),
      ]))
    #expect(ranking.criteria == [.deletion, .sparseness])
    // Faithfulness weighs 3, complexity 0.5.
    #expect(zip(ranking.weights, [6.0 / 7, 1.0 / 7]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(ranking.entries.map(\.method) == [.occlusion, .saliency, .lime])
    let ranks = ranking.entries.map(\.ranks)
    #expect(ranks == [[1.5, 1], [1.5, 2], [3, 3]])
    let overall = [1.5 * 6 / 7 + 1.0 / 7, 1.5 * 6 / 7 + 2.0 / 7, 3]
    #expect(zip(ranking.entries, overall).allSatisfy { abs($0.meanRank.value - $1) < 1e-12 })
    #expect(ranking.entries[2].values[1]?.value == 0.1)
  }

  @Test("Intervals hold the value, and close where all sounds agree")
  func intervals() throws {
    var generator = SplitMix64(seed: 3)
    let spread = (0..<40).map { _ in Double.random(in: 0...1, using: &generator) }
    let ranking = Ranking(
      Self.measured([
        (.saliency, .deletion, spread), (.occlusion, .deletion, [Double](repeating: 2, count: 40)),
        (.lime, .deletion, spread.map { $0 + 0.01 }),
      ]))
    let first = try #require(ranking.entries[0].values[0])
    let mean = spread.reduce(0, +) / 40
    let error = (spread.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40 / 40).squareRoot()
    #expect(first.low < mean && mean < first.high)
    // A percentile interval of a mean is about 1.96 standard errors to each side.
    #expect(abs((first.high - first.low) / (2 * 1.96 * error) - 1) < 0.15)
    #expect(ranking.entries[2].values[0].map { $0.low == 2 && $0.high == 2 } == true)
    // Sound by sound the two differ by exactly 0.01, far less than either is known.
    let paired = try #require(ranking.difference(of: .lime, from: .saliency, .deletion))
    #expect(abs(paired.low - 0.01) < 1e-9 && abs(paired.high - 0.01) < 1e-9)
    #expect(ranking.wins(of: .saliency, over: .lime) == 1 && ranking.wins(of: .lime, over: .saliency) == 0)
  }

  @Test("Fails what does not know classes, or outlives the weights, and says by how much")
  func failures() {
    let verdict = Verdict(
      Ranking(
        Self.measured([
          (.saliency, .classContrast, [-0.3, -0.3]), (.saliency, .classDifference, [0.5, 0.5]),
          (.occlusion, .classContrast, [0.6, 0.6]), (.occlusion, .classDifference, [0.06, 0.06]),
          (.lime, .classContrast, [0.4, 0.4]), (.lime, .classDifference, [1, 1]),
          (.saliency, .fullRandomisation, [0.504]), (.lime, .fullRandomisation, [0.5]),
        ])))
    #expect(verdict.recommended == .lime && verdict.failures[.lime] == nil)
    #expect(verdict.failures[.saliency] == [.sanity, .discrimination])
    #expect(verdict.failures[.occlusion] == [.discrimination])
    #expect(
      Set(verdict.warnings) == [
        "saliency fails the sanity check: with all its weights shuffled the network gets maps that correlate 0.50 with the "
          + "true ones.",
        "saliency is not class-discriminative: asked for a class of a mixture, it shows rather the other's part "
          + "(contrast -0.30, 95 % from -0.30 to -0.30).",
        "occlusion is not class-discriminative: its maps for the two classes of a mixture correlate 0.94.",
      ])
  }

  @Test("Values that are not finite count as not measured; nothing measured is no crash")
  func gaps() {
    let ranking = Ranking(Self.measured([(.saliency, .deletion, [.nan, .infinity, 0.5])]))
    #expect(ranking.entries[0].method == .saliency && ranking.entries[0].values[0]?.value == 0.5)
    #expect(ranking.entries[1].values == [nil])
    #expect(Ranking(Measurements(methods: [.saliency])).criteria.isEmpty)
    #expect(Verdict(Ranking(Measurements(methods: []))).recommended == nil)
  }
}
