import Explain
import Foundation
import Probe
import Tensors
import TestSupport
import Testing

/// Correlations and what follows from them, against SciPy (`Golden/make-maps.py`) and against loops.
struct StatisticsTests {
  static let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/maps.npz")
    .path

  private func table(permutations: Int = 0) throws -> (CorrelationTable, NumPyArchive) {
    let golden = try NumPy.readArchive(Self.golden)
    let (units, descriptors) = (try #require(golden["units"]), try #require(golden["descriptors"]))
    return (
      try CorrelationTable(
        units: units.rowArrays, descriptors: descriptors.rowArrays, permutations: permutations), golden
    )
  }

  // Products of 40 numbers of unit length in single precision: some 1e-6.
  @Test(
    "r, rho, distance, interval, p and q are SciPy's",
    arguments: ["r", "rho", "distance", "low", "high", "p", "q"])
  func scipy(_ name: String) throws {
    let (table, golden) = try table()
    let expected = try #require(golden[name])
    #expect(table.pairs.count == 20)
    for pair in table.pairs {
      let value =
        switch name {
        case "r": pair.r
        case "rho": pair.rho
        case "distance": pair.distance
        case "low": pair.interval.lowerBound
        case "high": pair.interval.upperBound
        case "p": pair.probability
        default: pair.q
        }
      let wanted = Double(expected[pair.unit, pair.descriptor])
      // A probability's relative error is some n times that of r.
      let tolerance = name == "p" || name == "q" ? 1e-3 * wanted + 1e-12 : 1e-5
      #expect(abs(value - wanted) <= tolerance, "unit \(pair.unit), descriptor \(pair.descriptor)")
    }
  }

  @Test("Spearman's probability is SciPy's")
  func rankProbability() throws {
    let (table, golden) = try table()
    let expected = try #require(golden["rho_p"])
    for pair in table.pairs {
      let wanted = Double(expected[pair.unit, pair.descriptor])
      let value = CorrelationTests.probability(of: pair.rho, count: pair.clips)
      #expect(abs(value - wanted) <= 1e-3 * wanted + 1e-12)
    }
  }

  @Test("A constant unit and clips without a value give no number, never NaN")
  func noNumber() throws {
    var units = (0..<3).map { unit in (0..<12).map { Float(($0 * (unit + 3)) % 7) } }
    units[1] = [Float](repeating: 2, count: 12)
    var descriptors = (0..<3).map { row in (0..<12).map { Float(($0 + row) % 5) } }
    descriptors[0][3] = .nan
    descriptors[1] = [Float](repeating: .nan, count: 12)
    let table = try CorrelationTable(units: units, descriptors: descriptors, permutations: 20)
    #expect(Set(table.pairs.map(\.unit)) == [0, 2])
    #expect(Set(table.pairs.map(\.descriptor)) == [0, 2])
    #expect(
      table.pairs.allSatisfy { [$0.r, $0.rho, $0.distance, $0.q, $0.probability].allSatisfy { $0.isFinite } })
    #expect(table.pairs.allSatisfy { $0.clips == ($0.descriptor == 0 ? 11 : 12) })
  }

  @Test("Too few clips, no units and no descriptors make an empty table", arguments: [0, 1, 3])
  func tooFew(clips: Int) throws {
    let column = (0..<clips).map(Float.init)
    let table = try CorrelationTable(units: [column], descriptors: [column], permutations: 5)
    #expect(table.pairs.isEmpty && table.chance == nil)
    #expect(try CorrelationTable(units: [], descriptors: [], permutations: 5).pairs.isEmpty)
  }

  @Test("Of noise, the permutation test finds nothing in most draws, and a real pair always")
  func permutations() throws {
    var generator = SplitMix64(seed: 3)
    func noise() -> [Float] { (0..<30).map { _ in Float.random(in: -1...1, using: &generator) } }
    var found = 0
    for _ in 0..<20 {
      let table = try CorrelationTable(
        units: (0..<8).map { _ in noise() }, descriptors: (0..<4).map { _ in noise() }, permutations: 99)
      if table.pairs.contains(where: { $0.familyProbability <= 0.05 }) { found += 1 }
    }
    // In 5 % of the draws by construction: more than 5 of 20 in one of 3000 runs; the seed is fixed.
    #expect(found <= 5)
    let units = (0..<8).map { _ in noise() }
    let table = try CorrelationTable(
      units: units, descriptors: [units[5].map { $0 * -2 + 1 }], permutations: 99)
    let pair = try #require(table.pairs.first { $0.unit == 5 })
    #expect(abs(pair.r + 1) < 1e-5 && pair.familyProbability == 0.01)
    #expect(pair.distance > 0.3)
  }

  @Test("The permutation test is the loop that shuffles by hand")
  func permutationOracle() throws {
    let (table, golden) = try table(permutations: 50)
    let units = try #require(golden["units"]).rowArrays
    let descriptors = try #require(golden["descriptors"]).rowArrays
    var largest: [Double] = []
    for index in 0..<50 {
      var generator = SplitMix64(seed: SplitMix64.mixed(0) &+ UInt64(index))
      let order = (0..<40).shuffled(using: &generator)
      largest.append(
        units.flatMap { unit in
          descriptors.compactMap { descriptor in correlation(unit, order.map { descriptor[$0] }).map(abs) }
        }.max() ?? 0)
    }
    for pair in table.pairs {
      let above = largest.count { $0 >= abs(pair.r) - 1e-6 }
      #expect(abs(pair.familyProbability - Double(above + 1) / 51) < 1e-9)
    }
  }
}

extension Tensor {
  /// The rows of a matrix.
  var rowArrays: [[Float]] { (0..<shape[0]).map { rows($0..<$0 + 1).values } }
}
