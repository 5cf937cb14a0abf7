import Explain
import Tensors
import TestSupport
import Testing

struct BaselineTests {
  private let x = Tensor.random([3, 2, 7, 5], seed: 1)

  @Test("One number everywhere; a row for all, a row for each")
  func given() throws {
    #expect(try Baseline.constant(-3).rows(like: x) == Tensor(x.shape, repeating: -3))
    #expect(try Baseline.given(x).rows(like: x) == x)
    let row = Tensor.random([2, 7, 5], seed: 2)
    for shape in [[2, 7, 5], [1, 2, 7, 5]] as [Shape] {
      let rows = try Baseline.given(row.reshaped(to: shape)).rows(like: x)
      #expect((0..<3).allSatisfy { rows.rows($0..<$0 + 1).values == row.values })
    }
    for wrong in [[7, 5], [2, 2, 7, 5], [70]] as [Shape] {
      #expect(throws: ExplainError.self) { try Baseline.given(Tensor(wrong)).rows(like: x) }
    }
  }

  @Test(
    "The noise floor is each band's quantile over time, between neighbours", arguments: [0.0, 0.1, 0.5, 1.0])
  func noiseFloor(quantile: Double) throws {
    let floor = try Baseline.noiseFloor(quantile: quantile).rows(like: x)
    for picture in 0..<6 {
      for band in 0..<5 {
        let sorted = (0..<7).map { x.values[(picture * 7 + $0) * 5 + band] }.sorted()
        let place = quantile * 6
        let (below, share) = (Int(place), Float(place - Double(Int(place))))
        let expected = sorted[below] * (1 - share) + sorted[min(6, below + 1)] * share
        for frame in 0..<7 { #expect(abs(floor.values[(picture * 7 + frame) * 5 + band] - expected) < 1e-6) }
      }
    }
  }

  @Test("The local mean is that of the square around a bin", arguments: [0, 1, 2, 9])
  func localMean(radius: Int) throws {
    let means = try Baseline.localMean(radius: radius).rows(like: x)
    for picture in 0..<6 {
      for frame in 0..<7 {
        for band in 0..<5 {
          var sum = 0.0
          var count = 0.0
          for f in max(0, frame - radius)...min(6, frame + radius) {
            for b in max(0, band - radius)...min(4, band + radius) {
              sum += Double(x.values[(picture * 7 + f) * 5 + b])
              count += 1
            }
          }
          #expect(abs(Double(means.values[(picture * 7 + frame) * 5 + band]) - sum / count) < 1e-6)
        }
      }
    }
  }

  @Test("Another sound is repeated over time, and must have as many bands")
  func repeated() throws {
    let sound = Tensor.random([3, 5], seed: 4)
    let rows = try Baseline.repeated(sound).rows(like: x)
    for place in 0..<x.count { #expect(rows.values[place] == sound.values[place % 35 % 15]) }
    #expect(throws: ExplainError.self) { try Baseline.repeated(Tensor([3, 4])).rows(like: x) }
    #expect(throws: ExplainError.self) { try Baseline.repeated(Tensor([0, 5])).rows(like: x) }
  }

  @Test("Noise has the row's mean and spread, and the same bits for the same seed")
  func noise() throws {
    let wide = Tensor([1, 100, 40], (0..<4000).map { Float($0 % 7) })
    let noise = try Baseline.noise(seed: 3).rows(like: wide)
    #expect(try noise == Baseline.noise(seed: 3).rows(like: wide))
    #expect(try noise != Baseline.noise(seed: 4).rows(like: wide))
    let mean = noise.values.reduce(0, +) / 4000
    let variance = noise.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
    // Numbers 0 to 6 have mean 3 and variance 4; five standard errors of each.
    #expect(abs(mean - 3) < 0.16 && abs(variance - 4) < 0.45)
  }

  @Test("Nothing of nothing")
  func empty() throws {
    let none = Tensor([0, 7, 5])
    for baseline in [.constant(1), .given(Tensor([7, 5])), .noiseFloor(quantile: 0.1), .noise(seed: 0)]
      as [Baseline]
    {
      #expect(try baseline.rows(like: none).shape == [0, 7, 5])
    }
    #expect(throws: ExplainError.self) { try Baseline.noiseFloor(quantile: 0.1).rows(like: Tensor([4, 3])) }
  }
}
