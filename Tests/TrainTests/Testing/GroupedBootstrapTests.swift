import Explain
import Testing

struct GroupedBootstrapTests {
  private static func mean(_ values: [Double]) -> @Sendable ([Double]) -> [Double?] {
    { weights in
      let whole = weights.reduce(0, +)
      return [whole > 0 ? zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / whole : nil]
    }
  }

  @Test("a draw takes whole groups, as many as there are")
  func wholeGroups() {
    let groups = ["a", nil, "a", "b", nil, "b", "b"]
    let bootstrap = GroupedBootstrap(groups: groups, draws: 50, seed: 7)
    #expect(bootstrap.groupCount == 4)
    for draw in 0..<50 {
      let weights = bootstrap.weights(ofDraw: draw)
      #expect(weights[0] == weights[2] && weights[3] == weights[5] && weights[5] == weights[6])
      #expect(weights[0] + weights[1] + weights[3] + weights[4] == 4)
      #expect(weights == bootstrap.weights(ofDraw: draw))
    }
    #expect(
      bootstrap.weights(ofDraw: 0) != bootstrap.weights(ofDraw: 1)
        || bootstrap.weights(ofDraw: 1) != bootstrap.weights(ofDraw: 2))
  }

  @Test("the interval of a mean is about two standard errors to both sides")
  func interval() throws {
    // 200 clips, half 0 and half 1: the standard error of their mean is 0.5 / √200.
    let values = (0..<200).map { Double($0 % 2) }
    let bootstrap = GroupedBootstrap(groups: values.map { _ in nil }, draws: 2000, seed: 3)
    let measured = bootstrap.measured(Self.mean(values))[0]
    let reach = 1.96 * 0.5 / 200.0.squareRoot()
    let (low, high) = (try #require(measured.low), try #require(measured.high))
    #expect(measured.value == 0.5)
    // The quantiles of 2000 draws lie within a tenth of their distance.
    #expect(abs(0.5 - low - reach) < 0.1 * reach && abs(high - 0.5 - reach) < 0.1 * reach)
  }

  @Test("clips of one recording tell as much as one clip")
  func clusters() throws {
    // Twenty recordings of ten equal clips each: the standard error is that of 20, not of 200.
    let values = (0..<200).map { Double($0 / 10 % 2) }
    let bootstrap = GroupedBootstrap(groups: (0..<200).map { "\($0 / 10)" }, draws: 2000, seed: 3)
    let measured = bootstrap.measured(Self.mean(values))[0]
    let reach = 1.96 * 0.5 / 20.0.squareRoot()
    let (low, high) = (try #require(measured.low), try #require(measured.high))
    // Means of 20 have steps of 0.05.
    #expect(abs(high - low - 2 * reach) < 0.06)
  }

  @Test("what says nothing has no value, and what seldom says something no interval")
  func nothing() {
    let bootstrap = GroupedBootstrap(groups: [nil, nil, nil], draws: 200, seed: 1)
    let measured = bootstrap.measured { weights in
      // A number of the first clip alone, and one that only all clips together have.
      [nil, weights[0] > 0 ? 1 : nil, weights == [1, 1, 1] ? 2 : nil]
    }
    #expect(measured[0].value == nil && measured[0].low == nil)
    #expect(measured[1].value == 1 && measured[1].low == 1 && measured[1].high == 1)
    #expect(measured[2].value == 2 && measured[2].low == nil)
    let single = GroupedBootstrap(groups: ["a", "a"], draws: 200).measured { _ in [3] }
    #expect(single[0].value == 3 && single[0].low == nil)
  }
}
