import Explain
import Graphs
import Tensors
import TestSupport

/// A convolution (3 × 3, zeros around it), a rectifier and a dense layer whose bias stands in a node of its own, on
/// pictures with negative elements; and the rules as a student would write them down, in double precision, weight by
/// weight.
struct RelevanceOracle {
  static let (height, width, maps, classes) = (4, 3, 2, 3)
  let kernels = Tensor.random([maps, 1, 3, 3], seed: 21)
  let kernelBias = Tensor([maps], [0.3, -0.2])
  let dense = Tensor.random([maps * height * width, classes], seed: 22)
  let denseBias = Tensor([classes], [-0.4, 0.5, 0.1])
  let x = Tensor.random([3, 1, height, width], seed: 23)

  func network() throws -> Network {
    var file = HandmadeONNX(input: "x", ["N", 1, .fixed(Self.height), .fixed(Self.width)])
    file.add("Conv", ["x"], "maps", weights: [kernels, kernelBias], ["pads": [1, 1, 1, 1]])
    file.add("Relu", ["maps"], "open")
    file.add("Flatten", ["open"], "flat")
    file.add("MatMul", ["flat"], "products", weights: [dense])
    file.add("Add", ["products"], "logits", weights: [denseBias])
    return try file.network(rowsPerRun: 2)
  }

  /// `z_j = Σ_i w_ji x_i + b_j`; a weight that is not there is nil.
  struct Layer {
    var weights: [[Double?]]
    var bias: [Double]

    func results(of x: [Double]) -> [Double] {
      weights.indices.map { j in bias[j] + x.indices.reduce(0) { $0 + (weights[j][$1] ?? 0) * x[$1] } }
    }
  }

  var convolution: Layer {
    var layer = Layer(weights: [], bias: [])
    for map in 0..<Self.maps {
      for row in 0..<Self.height {
        for column in 0..<Self.width {
          var weights = [Double?](repeating: nil, count: Self.height * Self.width)
          for (i, j) in (0..<9).map({ ($0 / 3, $0 % 3) }) {
            let (r, c) = (row + i - 1, column + j - 1)
            guard (0..<Self.height).contains(r), (0..<Self.width).contains(c) else { continue }
            weights[r * Self.width + c] = Double(kernels.values[map * 9 + i * 3 + j])
          }
          layer.weights.append(weights)
          layer.bias.append(Double(kernelBias.values[map]))
        }
      }
    }
    return layer
  }

  var classifier: Layer {
    Layer(
      weights: (0..<Self.classes).map { j in
        (0..<dense.shape[0]).map { Double(dense.values[$0 * Self.classes + j]) }
      }, bias: denseBias.values.map { Double($0) })
  }

  /// The relevance of one row's elements for the score of class `target`.
  func relevance(of x: [Double], target: Int, _ rule: RelevanceRule) -> [Double] {
    let maps = convolution.results(of: x)
    let open = maps.map { max(0, $0) }
    let logits = classifier.results(of: open)
    let seed = logits.indices.map { $0 == target ? logits[$0] : 0 }
    let atMaps = Self.hand(seed, rule.dense, through: classifier, at: open, rule.ignoresBiases)
    return Self.hand(atMaps, rule.first ?? rule.convolution, through: convolution, at: x, rule.ignoresBiases)
  }

  private static func stabilized(_ z: Double) -> Double { z + (z < 0 ? -1e-6 : 1e-6) }

  static func hand(
    _ relevance: [Double], _ rule: RelevanceRule.Layer, through layer: Layer, at x: [Double],
    _ ignoresBiases: Bool
  ) -> [Double] {
    var result = [Double](repeating: 0, count: x.count)
    let (low, high) = (x.min() ?? 0, x.max() ?? 0)
    for (j, given) in relevance.enumerated() {
      let bias = ignoresBiases ? 0 : layer.bias[j]
      /// Hands `share` of what is given to each input in proportion to what it contributes.
      func hand(_ share: Double, bias: Double, _ contribution: (_ x: Double, _ w: Double) -> Double) {
        let parts = x.indices.map { i in layer.weights[j][i].map { contribution(x[i], $0) } ?? 0 }
        let denominator = stabilized(parts.reduce(bias, +))
        for i in x.indices { result[i] += share * given * parts[i] / denominator }
      }
      func up(_ a: Double) -> Double { max(0, a) }
      func down(_ a: Double) -> Double { min(0, a) }
      func favour(_ gamma: Float, _ a: Double, _ part: (Double) -> Double) -> Double {
        a + Double(gamma) * part(a)
      }
      switch rule {
      case .epsilon: hand(1, bias: bias) { x, w in x * w }
      case .flat: hand(1, bias: 0) { _, _ in 1 }
      case .zBox: hand(1, bias: 0) { x, w in x * w - low * up(w) - high * down(w) }
      case .zPlus: hand(1, bias: up(bias)) { x, w in up(x) * up(w) + down(x) * down(w) }
      case .alphaBeta(let alpha, let beta):
        hand(Double(alpha), bias: up(bias)) { x, w in up(x) * up(w) + down(x) * down(w) }
        hand(-Double(beta), bias: down(bias)) { x, w in up(x) * down(w) + down(x) * up(w) }
      case .gamma(let gamma):
        // By the sign of the layer's own result, its bias counted even where the rule ignores it.
        let z = layer.results(of: x)[j]
        if z > 0 {
          hand(1, bias: favour(gamma, bias, up)) { x, w in
            up(x) * favour(gamma, w, up) + down(x) * favour(gamma, w, down)
          }
        } else if z < 0 {
          hand(1, bias: favour(gamma, bias, down)) { x, w in
            up(x) * favour(gamma, w, down) + down(x) * favour(gamma, w, up)
          }
        }
      }
    }
    return result
  }
}
