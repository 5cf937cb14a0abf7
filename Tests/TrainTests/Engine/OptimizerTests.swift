import Tensors
import Testing
import Train

/// Three steps of each optimizer as PyTorch 2 takes them, in double precision: `torch.optim.SGD(lr=.1, ...)` and so on.
struct OptimizerTests {
  private static let gradients: [[Float]] = [[0.3, -0.2, 0.05], [-0.1, 0.4, 0.2], [0.25, 0.1, -0.6]]

  static let cases: [(Optimizer, [Double])] = [
    (.sgd(momentum: 0), [0.455, -1.03, 2.035]),
    (.sgd(momentum: 0.9, weightDecay: 0.01), [0.410001369, -1.026230779, 1.997278593]),
    (.sgd(momentum: 0.9, nesterov: true, weightDecay: 0.01), [0.372685085, -1.050646324, 2.026658458]),
    (.adam(weightDecay: 0.01), [0.29356041, -0.972317439, 1.842226636]),
    (.adam(weightDecay: 0.01, isDecoupled: true), [0.294818751, -0.975341764, 1.844071131]),
  ]

  @Test("steps are PyTorch's", arguments: cases)
  func steps(_ optimizer: Optimizer, _ expected: [Double]) {
    var weights = Tensor([3], [0.5, -1, 2])
    var moments = (0..<optimizer.momentCount).map { _ in Tensor([3]) }
    for (step, gradient) in Self.gradients.enumerated() {
      Tensor([3], gradient).withUnsafeValues {
        optimizer.update(
          &weights, along: $0, moments: &moments, rate: 0.1, scale: 1, step: step + 1, threads: 1)
      }
    }
    for (value, expected) in zip(weights.values, expected) { #expect(abs(Double(value) - expected) < 1e-6) }
  }

  @Test("a scale is a scaled gradient; threads share the work without a trace")
  func scaleAndThreads() {
    let count = 100_003
    var generator = SplitMix64(seed: 3)
    func drawn() -> Tensor {
      Tensor([count], (0..<count).map { _ in Float(Int64(bitPattern: generator.next()) >> 40) / 0x1p23 })
    }
    let (first, gradient) = (drawn(), drawn())
    func stepped(_ gradient: Tensor, scale: Float, threads: Int) -> [Float] {
      var (weights, moments) = (first, [Tensor([count]), Tensor([count])])
      gradient.withUnsafeValues {
        Optimizer.adam().update(
          &weights, along: $0, moments: &moments, rate: 0.1, scale: scale, step: 1, threads: threads)
      }
      return weights.values
    }
    let halves = Tensor([count], gradient.values.map { $0 / 2 })
    #expect(stepped(gradient, scale: 0.5, threads: 1) == stepped(halves, scale: 1, threads: 1))
    #expect(stepped(gradient, scale: 1, threads: 3) == stepped(gradient, scale: 1, threads: 1))
  }

  @Test("schedules: warm-up, cosine, steps, decay")
  func schedules() {
    func factors(_ schedule: Schedule) -> [Double] {
      (0..<8).map { schedule.factor(step: $0, stepsPerEpoch: 2, epochs: 4) }
    }
    #expect(factors(Schedule()) == [Double](repeating: 1, count: 8))
    #expect(factors(Schedule(.constant, warmUp: 2)) == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1])
    #expect(factors(Schedule(.steps(epochs: 2, factor: 0.5))) == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5])
    #expect(factors(Schedule(.inverse(decay: 1)))[3] == 0.25)
    let cosine = factors(Schedule(.cosine))
    #expect(cosine[0] == 1 && abs(cosine[4] - 0.5) < 1e-12)
    #expect(zip(cosine, cosine.dropFirst()).allSatisfy { $0 > $1 })
  }
}
