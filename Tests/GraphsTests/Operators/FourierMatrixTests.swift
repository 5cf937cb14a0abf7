import Foundation
import Graphs
import Tensors
import TestSupport
import Testing

/// Products with a constant that is a real Fourier transform.
struct FourierMatrixTests {
  /// A matrix as an exporter writes it: windowed waves, rounded to single precision.
  private struct Waves {
    var samples: Int
    var bins: Int
    var points: Int
    var isSine = false
    var hasWindow = true
    var sign = 1.0

    func exact(_ n: Int, _ k: Int) -> Double {
      let angle = 2 * Double.pi * Double(n * k % points) / Double(points)
      let window = hasWindow ? 0.5 - 0.5 * cos(2 * Double.pi * Double(n) / Double(samples)) : 1
      return sign * window * (isSine ? sin(angle) : cos(angle))
    }

    var matrix: Tensor {
      Tensor([samples, bins], (0..<samples * bins).map { Float(exact($0 / bins, $0 % bins)) })
    }
  }

  private static let kinds = [
    Waves(samples: 512, bins: 257, points: 512),
    Waves(samples: 512, bins: 257, points: 512, isSine: true, sign: -1),
    Waves(samples: 400, bins: 257, points: 512), Waves(samples: 400, bins: 201, points: 400, isSine: true),
    Waves(samples: 128, bins: 128, points: 128, hasWindow: false),
    Waves(samples: 128, bins: 128, points: 128, isSine: true, hasWindow: false),
    Waves(samples: 250, bins: 100, points: 250, sign: -1),
  ]

  private func network(_ matrix: Tensor) throws -> Evaluator {
    var toy = ToyNetwork([2, 3, matrix.shape[0]])
    toy.add("MatMul", ["x", toy.weight("w", matrix)], "p")
    toy.add("Mul", ["p", toy.weight("half", Tensor([], [0.5]))], "y")
    return try toy.network()
  }

  @Test("a product with windowed waves is a transform, and so is its gradient", arguments: kinds.indices)
  func transforms(_ index: Int) throws {
    let waves = Self.kinds[index]
    let network = try network(waves.matrix)
    var generator = SplitMix64(seed: 11)
    let (x, seed) = (
      generator.tensor([2, 3, waves.samples]), generator.tensor([2, 3, waves.bins])
    )
    let listing = try Program(
      network.graph.simplified(keeping: ["y"]), inputShapes: ["x": x.shape], wanted: ["y"], threads: 1
    ).listing
    #expect(listing.contains { $0.hasSuffix("native") }, "\(listing)")
    let y = try network.values(of: ["y"], at: ["x": x])[0]
    let gradient = try network.gradients(of: "y", seed: seed, withRespectTo: ["x"], at: ["x": x]).gradients[0]
    var (expected, slopes) = ([Double](), [Double](repeating: 0, count: x.count))
    for row in 0..<6 {
      for k in 0..<waves.bins {
        var sum = 0.0
        for n in 0..<waves.samples {
          let weight = 0.5 * waves.exact(n, k)
          sum += Double(x.values[row * waves.samples + n]) * weight
          slopes[row * waves.samples + n] += Double(seed.values[row * waves.bins + k]) * weight
        }
        expected.append(sum)
      }
    }
    // A transform of N points adds log N times: 10 · 2⁻²⁴ of the largest sum, and weights are rounded at 2⁻²⁴ each.
    #expect(relativeError(y, Tensor(y.shape, expected.map { Float($0) })) < 1e-6)
    #expect(relativeError(gradient, Tensor(x.shape, slopes.map { Float($0) })) < 1e-6)
  }

  @Test("other matrices are left to products", arguments: [0, 1, 2, 3])
  func others(_ form: Int) throws {
    var waves = Waves(samples: 256, bins: 129, points: 256)
    var values = waves.matrix.values
    switch form {
    case 0: values[77 * 129 + 31] += 1e-4
    case 1:
      waves.points = 255
      values = waves.matrix.values
    case 2: values = (0..<values.count).map { values[$0] * Float(1 + 1e-3 * Double($0 % 129)) }
    default: values = [Float](repeating: 1, count: values.count)
    }
    let network = try network(Tensor([256, 129], values))
    var generator = SplitMix64(seed: 12)
    let x = generator.tensor([2, 3, 256])
    let y = try network.values(of: ["y"], at: ["x": x])[0]
    let expected = (0..<6 * 129).map { place in
      let (row, k) = (place / 129, place % 129)
      return Float(
        (0..<256).reduce(0.0) { $0 + 0.5 * Double(x.values[row * 256 + $1]) * Double(values[$1 * 129 + k]) })
    }
    // Sums of 256 terms in single precision.
    #expect(relativeError(y, Tensor(y.shape, expected)) < 2e-6)
  }
}
