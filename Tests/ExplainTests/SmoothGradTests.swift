import Explain
import Synchronization
import Tensors
import TestSupport
import Testing

struct SmoothGradTests {
  @Test("Given noise, it is the mean of the gradients, in one loop or in several", arguments: [1, 5, 16, 37])
  func naive(samples: Int) throws {
    let function = Polynomial(6, seed: 3)
    let x = Tensor.random([3, 2, 3], seed: 4)
    let noise = Tensor.random([samples, 2, 3], seed: 5)
    let ours = try SmoothGrad(noise: noise).attribute(function, at: x)
    var expected: [Float] = []
    for row in 0..<3 {
      for place in 0..<6 {
        var sum = 0.0
        for sample in 0..<samples {
          sum += Double(
            function.derivative(place, x.values[row * 6 + place] + noise.values[sample * 6 + place]))
        }
        expected.append(Float(sum / Double(samples)))
      }
    }
    #expect(ours == Tensor(x.shape, expected))
  }

  /// A function whose gradient at `x` is a power of each element: moments of the noise, where `x` is 0.
  struct Power: ScoreFunction {
    var exponent: Int
    func scores(at x: Tensor) throws -> [Float] { [Float](repeating: 0, count: x.shape[0]) }
    func gradient(at x: Tensor) throws -> Tensor {
      Tensor(x.shape, x.values.map { value in (0..<exponent).reduce(1) { product, _ in product * value } })
    }
  }

  // The mean of n draws errs by its standard deviation / √n; the seed is fixed, five of them are generous.
  @Test("Drawn noise has the moments of a normal distribution", arguments: [UInt64(0), 1, 99])
  func moments(seed: UInt64) throws {
    let sigma: Float = 0.7
    let x = Tensor([2, 4, 5])
    let method = SmoothGrad(samples: 1000, sigma: .absolute(sigma), seed: seed)
    let standardErrors = [1.0, 2.0, 15.0, 96.0].map { ($0 / 40000).squareRoot() }
    for (exponent, (expected, error)) in zip(1...4, zip([0.0, 1, 0, 3], standardErrors)) {
      let means = try method.attribute(Power(exponent: exponent), at: x).values.map { Double($0) }
      let scale = (0..<exponent).reduce(1) { product, _ in product * Double(sigma) }
      #expect(abs(means.reduce(0, +) / 40 / scale - expected) < 5 * error)
      // Every place of every row has noise of its own.
      #expect(Set(means).count == 40)
    }
  }

  @Test("The same seed draws the same bits, another one others")
  func seeds() throws {
    let function = Polynomial(6, seed: 3)
    let x = Tensor.random([2, 6], seed: 4)
    func result(_ seed: UInt64) throws -> Tensor {
      try SmoothGrad(samples: 20, seed: seed).attribute(function, at: x)
    }
    #expect(try result(5) == result(5))
    let (a, b) = (try result(5).values, try result(6).values)
    #expect(zip(a, b).allSatisfy { $0 != $1 })
  }

  @Test("A relative σ is a share of each row's own range")
  func relativeSigma() throws {
    let method = SmoothGrad(samples: 4000, sigma: .relative(0.15))
    let x = Tensor([3, 4], [0, 0, 0, 1, -5, 0, 0, 5, 2, 2, 2, 2])
    for (row, sigma) in [Float(0.15), 1.5, 0].enumerated() {
      #expect(abs(method.absoluteSigma(for: x.rows(row..<row + 1)) - sigma) < 1e-6)
    }
    #expect(SmoothGrad(sigma: .absolute(0.3)).absoluteSigma(for: x) == 0.3)
    // The variance of the noise where x is 0. Of 4,000 squares the mean errs by √(2 / 4000) = 2.2 %.
    let squares = try method.attribute(Power(exponent: 2), at: x)
    #expect(abs(squares[0, 0] / (0.15 * 0.15) - 1) < 0.11)
    #expect(abs(squares[1, 1] / (1.5 * 1.5) - 1) < 0.11)
    // A row without any range gets no noise at all.
    #expect(squares.rows(2..<3).values == [4, 4, 4, 4])
  }

  @Test("Fewer than one sample is one")
  func fewSamples() throws {
    let x = Tensor([1, 2], [3, 4])
    for samples in [0, -3, 1] {
      let method = SmoothGrad(samples: samples, sigma: .absolute(0))
      #expect(method.samples == 1)
      #expect(try method.attribute(Power(exponent: 1), at: x) == x)
    }
  }

  private static let misfits: [Shape] = [[], [2], [5, 3, 2], [5, 6], [5, 1, 2, 3], [0, 2, 3]]

  @Test("Noise that does not fit is refused with both shapes", arguments: misfits)
  func wrongNoise(shape: Shape) throws {
    let error = #expect(throws: ExplainError.self) {
      try SmoothGrad(noise: Tensor(shape)).attribute(Polynomial(6, seed: 1), at: Tensor([1, 2, 3]))
    }
    let message = try #require(error).description
    #expect(message.contains("shape \(shape)") && message.contains("[samples] + [2, 3]"))
  }

  @Test("Progress goes from none to all, once for every batch")
  func progress() throws {
    let seen = Mutex<[[Int]]>([])
    var method = SmoothGrad(samples: 20)
    method.control = RunControl { told in seen.withLock { $0.append([told.done, told.all]) } }
    _ = try method.attribute(Power(exponent: 1), at: Tensor([2, 3]))
    #expect(seen.withLock { $0 } == [[16, 40], [20, 40], [36, 40], [40, 40]])
  }

  @Test("Long rows go through in smaller batches, to the same result")
  func longRows() throws {
    let seen = Mutex<[Int]>([])
    struct Recorded: ScoreFunction {
      let record: @Sendable (Int) -> Void
      func scores(at x: Tensor) throws -> [Float] { [] }
      func gradient(at x: Tensor) throws -> Tensor {
        record(x.shape[0])
        return x
      }
    }
    let count = 1_500_000
    let x = Tensor([1, count], repeating: 2)
    let ours = try SmoothGrad(samples: 3, sigma: .relative(1)).attribute(
      Recorded { rows in seen.withLock { $0.append(rows) } }, at: x)
    #expect(seen.withLock { $0 } == [2, 1])
    #expect(ours == x)
  }
}
