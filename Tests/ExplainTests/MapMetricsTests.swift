import Explain
import Glibc
import Tensors
import TestSupport
import Testing

@Suite("Numbers that judge a map")
struct MapMetricsTests {
  /// The probability of a picture is the sigmoid of `a · x`; nothing is −1 everywhere.
  static func trial(_ shape: Shape = [1, 4, 5], seed: UInt64 = 1) throws -> (Trial, weights: [Float]) {
    let weights = Tensor.random([shape.count], seed: seed + 10).values
    @Sendable func logits(_ rows: Tensor) -> [Double] {
      (0..<rows.shape[0]).map { row in
        zip(rows.rows(row..<row + 1).values, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
    }
    return (
      try Trial(
        .random(shape, seed: seed), nothing: Tensor(shape, repeating: -1),
        probabilities: { logits($0).map(sigmoid) }, scores: { logits($0) }),
      weights
    )
  }

  /// The loop a student would write: one picture after another.
  @Test(arguments: [1, 4, 10, 20])
  func deletionAndInsertion(steps: Int) throws {
    let (trial, weights) = try Self.trial()
    let map = Tensor.random([1, 4, 5], seed: 3)
    let order = (0..<20).sorted { map.values[$0] > map.values[$1] }
    for isDeletion in [true, false] {
      var expected: [Double] = []
      for step in 0...steps {
        let changed = Set(order.prefix(20 * step / steps))
        let picture = (0..<20).map { place -> Float in
          changed.contains(place) == isDeletion ? -1 : trial.x.values[place]
        }
        expected.append(sigmoid(zip(picture, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }))
      }
      var area = 0.0
      for step in 0..<steps { area += (expected[step] + expected[step + 1]) / 2 / Double(steps) }
      let curve = try isDeletion ? trial.deletion(map, steps: steps) : trial.insertion(map, steps: steps)
      #expect(curve.values.count == steps + 1)
      #expect(zip(curve.values, expected).allSatisfy { abs($0 - $1) < 1e-12 })
      #expect(abs(curve.area - area) < 1e-12)
    }
  }

  @Test("Bins of equal relevance do not go by their places")
  func ties() throws {
    let (trial, _) = try Self.trial()
    let flat = try trial.deletion(Tensor([1, 4, 5]), steps: 20)
    let byPlace = try trial.deletion(Tensor([1, 4, 5], (0..<20).map { Float(-$0) }), steps: 20)
    #expect(flat.values != byPlace.values)
    #expect(flat.values.first == byPlace.values.first && abs(flat.values[20] - byPlace.values[20]) < 1e-12)
  }

  @Test func masking() throws {
    let (trial, weights) = try Self.trial()
    let map = Tensor.random([1, 4, 5], seed: 4)
    let magnitudes = map.values.map(abs)
    let (least, most) = (magnitudes.min() ?? 0, magnitudes.max() ?? 0)
    var sum = 0.0
    for place in 0..<20 {
      let share = (magnitudes[place] - least) / (most - least)
      sum += Double(-1 + share * (trial.x.values[place] + 1)) * Double(weights[place])
    }
    let result = try trial.masked(by: map)
    #expect(abs(result.masked - sigmoid(sum)) < 1e-6)
    #expect(abs(result.whole - (try trial.probabilities(trial.x)[0])) < 1e-12)
  }

  @Test(arguments: [
    (0.8, 0.6, 25.0, 0.0, 0.0), (0.6, 0.8, 0.0, 100.0, 50.0), (0.5, 0.5, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0),
    (1.0, 1.0, 0.0, 0.0, 0.0),
  ])
  func dropsAndGains(_ row: (whole: Double, masked: Double, drop: Double, increase: Double, gain: Double)) {
    let result = MaskedProbability(whole: row.whole, masked: row.masked)
    #expect(abs(result.drop - row.drop) < 1e-9)
    #expect(result.increase == row.increase)
    #expect(abs(result.gain - row.gain) < 1e-9)
  }

  @Test("A linear score is foretold by its weights, whatever their scale; nothing by zeros")
  func infidelity() throws {
    let (trial, weights) = try Self.trial()
    let disturbances = Tensor.random([7, 4, 5], seed: 5)
    let right = Tensor([1, 4, 5], weights)
    #expect(try Infidelity(right, of: trial.disturbed(by: disturbances)).value(isScaled: false) < 1e-9)
    let tenfold = Tensor([1, 4, 5], weights.map { 10 * $0 })
    #expect(try Infidelity(tenfold, of: trial.disturbed(by: disturbances)).value() < 1e-9)
    #expect(
      abs(
        try Infidelity(Tensor([1, 4, 5]), of: trial.disturbed(by: disturbances)).value(isRelative: true) - 1)
        < 1e-9)

    // The definition, disturbance by disturbance.
    let map = Tensor.random([1, 4, 5], seed: 6)
    var (sum, shared, power) = (0.0, 0.0, 0.0)
    var pairs: [(Double, Double)] = []
    for sample in 0..<7 {
      let disturbance = disturbances.rows(sample..<sample + 1).values
      let foretold = zip(map.values, disturbance).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let shaken = Tensor([1, 4, 5], zip(trial.x.values, disturbance).map { $0 - $1 })
      pairs.append((foretold, try trial.scores(trial.x)[0] - trial.scores(shaken)[0]))
    }
    for (foretold, difference) in pairs {
      sum += (foretold - difference) * (foretold - difference) / 7
      shared += foretold * difference
      power += foretold * foretold
    }
    #expect(
      abs(try Infidelity(map, of: trial.disturbed(by: disturbances)).value(isScaled: false) - sum) < 1e-6
        * sum)
    let scaled = pairs.reduce(0.0) {
      $0 + (shared / power * $1.0 - $1.1) * (shared / power * $1.0 - $1.1) / 7
    }
    #expect(abs(try Infidelity(map, of: trial.disturbed(by: disturbances)).value() - scaled) < 1e-6 * scaled)
  }

  @Test("The most of how far maps move, relative to the first")
  func maxSensitivity() throws {
    let map = Tensor([1, 2], [3, 4])
    #expect(
      MaxSensitivity.value(map, disturbed: [Tensor([1, 2], [3, 5]), Tensor([1, 2], [0, 4])]) == 0.6)
    #expect(MaxSensitivity.value(Tensor([1, 2]), disturbed: [map]) == nil)
    let x = Tensor.random([1, 50], seed: 2)
    let shaken = MaxSensitivity(samples: 3, radius: 0.02).disturbed(x)
    #expect(shaken.count == 3 && shaken[0] != shaken[1])
    #expect(shaken.allSatisfy { largestDifference($0, x) <= 0.0201 && largestDifference($0, x) > 0.01 })
  }

  @Test func concentration() {
    #expect(abs(Concentration.sparseness(Tensor([4], repeating: 2))) < 1e-9)
    #expect(abs(Concentration.sparseness(Tensor([4], [0, 0, -8, 0])) - 0.75) < 1e-6)
    #expect(abs(Concentration.entropy(Tensor([4], repeating: -3)) - 1.3862943611) < 1e-9)
    #expect(Concentration.entropy(Tensor([4], [0, 5, 0, 0])) == 0)
    #expect(abs(Concentration.entropy(Tensor([4])) - 1.3862943611) < 1e-9)
    // The formulas in NumPy, in double precision.
    #expect(abs(Concentration.sparseness(Tensor([5], [10, -1, 2, -3, 4])) - 0.4) < 1e-6)
    #expect(abs(Concentration.entropy(Tensor([5], [10, -1, 2, -3, 4])) - 1.3330743) < 1e-6)
  }

  @Test func localisation() {
    let region = Tensor([2, 3], [1, 1, 0, 0, 0, 0])
    #expect(Localisation.points(Tensor([2, 3], [5, 0, 0, 0, 0, 1]), into: region))
    #expect(Localisation.points(Tensor([2, 3], [5, 0, 0, 5, 0, 1]), into: region))
    #expect(!Localisation.points(Tensor([2, 3], [1, 0, 0, 5, 0, 1]), into: region))
    #expect(!Localisation.points(Tensor([2, 3]), into: region))
    #expect(Localisation.mass(Tensor([2, 3], [2, 1, 1, -9, 0, 0]), in: region) == 0.75)
    #expect(Localisation.mass(Tensor([2, 3]), in: region) == 0)
    #expect(Localisation.rank(Tensor([2, 3], [2, 1, 1.5, -9, 0, 0]), in: region) == 0.5)
    #expect(Localisation.rank(Tensor([2, 3], [2, 3, 1.5, -9, 0, 0]), in: region) == 1)
  }

  @Test func rankCorrelations() throws {
    #expect(rankCorrelation([1, 2, 3], [10, 20, 90]) == 1)
    #expect(rankCorrelation([1, 2, 3], [3, 2, -1]) == -1)
    #expect(rankCorrelation([1, 1, 1], [3, 2, 1]) == nil)
    // In NumPy; ties share the mean of their ranks.
    let value = try #require(rankCorrelation([1, 2, 2, 4, 5], [3, 1, 2, 2, 5]))
    #expect(abs(value - 0.2894736842) < 1e-9)
  }

  @Test("Maps and baselines of other sizes are refused")
  func shapes() throws {
    let (trial, _) = try Self.trial()
    #expect(throws: ExplainError.self) { try trial.deletion(Tensor([3, 3])) }
    #expect(throws: ExplainError.self) { try trial.disturbed(by: Tensor([2, 3])) }
    #expect(throws: ExplainError.self) {
      try Trial(Tensor([2, 3]), nothing: Tensor([2, 3]), probabilities: { _ in [] }, scores: { _ in [] })
    }
  }
}

private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
