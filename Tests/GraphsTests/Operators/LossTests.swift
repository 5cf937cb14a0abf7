import Foundation
import Graphs
import Tensors
import TestSupport
import Testing

/// Losses against their definitions in double precision, and their gradients against differences of those.
struct LossTests {
  private static let classes = 4
  private static let logits: [Double] = [1.5, -0.3, 0.2, -2, 0, 30, -40, 3, -1, 0.5, 0.25, 2]
  private static let weights: [Double] = [1, 0.5, 2, 1.25]
  /// One class, shares of two, and (each class for itself) several at once.
  private static let targets: [Double] = [0, 0, 1, 0, 0, 0.75, 0, 0.25, 1, 0, 1, 1]

  static let all: [Loss] = [
    .crossEntropy, .binaryCrossEntropy, .focal(gamma: 2), .binaryFocal(gamma: 2), .focal(gamma: 0.5),
  ]

  /// As the doc comments say it, word by word.
  private func naive(_ loss: Loss, _ x: [Double], _ t: [Double], _ w: [Double]) -> Double {
    let sum = x.reduce(0) { $0 + exp($1) }
    let p = x.map { exp($0) / sum }
    let s = x.map { 1 / (1 + exp(-$0)) }
    let each = x.indices
    switch loss {
    case .crossEntropy: return -each.reduce(0) { $0 + w[$1] * t[$1] * log(p[$1]) }
    case .focal(let gamma):
      return -each.reduce(0) { $0 + w[$1] * t[$1] * pow(1 - p[$1], Double(gamma)) * log(p[$1]) }
    case .binaryCrossEntropy:
      return -each.reduce(0) { $0 + w[$1] * binary(t[$1], s[$1]) } / Double(x.count)
    case .binaryFocal(let gamma):
      return -each.reduce(0) {
        let q = t[$1] * s[$1] + (1 - t[$1]) * (1 - s[$1])
        return $0 + w[$1] * pow(1 - q, Double(gamma)) * binary(t[$1], s[$1])
      } / Double(x.count)
    }
  }

  private func binary(_ t: Double, _ s: Double) -> Double {
    (t == 0 ? 0 : t * log(s)) + (t == 1 ? 0 : (1 - t) * log(1 - s))
  }

  private func inputs(_ logits: [Double]) -> [TensorName: Tensor] {
    let shape: Shape = [logits.count / Self.classes, Self.classes]
    return [
      "x": Tensor(shape, logits.map { Float($0) }),
      Graph.LossName.targets: Tensor(shape, Self.targets.map { Float($0) }),
      Graph.LossName.weights: Tensor([Self.classes], Self.weights.map { Float($0) }),
    ]
  }

  private func network(_ loss: Loss) throws -> Evaluator {
    var toy = ToyNetwork([1, Self.classes])
    toy.add("Add", ["x", toy.weight("zero", Tensor([Self.classes]))], "logits")
    return Evaluator(try toy.graph().appending(loss, to: "logits"), threads: 2)
  }

  @Test("losses are what their definitions say", arguments: all)
  func values(_ loss: Loss) throws {
    let values = try network(loss).values(of: [Graph.LossName.result], at: inputs(Self.logits))[0]
    #expect(values.shape == [3])
    for (row, value) in values.values.enumerated() {
      let part = row * Self.classes..<(row + 1) * Self.classes
      // A sigmoid of 30 is 1 to double precision, and the definition's logarithm of what is left is lost there.
      if row == 1, loss == .binaryCrossEntropy || loss == .binaryFocal(gamma: 2) { continue }
      let expected = naive(loss, Array(Self.logits[part]), Array(Self.targets[part]), Self.weights)
      #expect(abs(Double(value) - expected) < 2e-6 * max(1, abs(expected)), "row \(row)")
    }
  }

  @Test("gradients are differences of the definitions", arguments: all)
  func gradients(_ loss: Loss) throws {
    let seed = Tensor([3], [1, 0.5, -2])
    let gradient = try network(loss).gradients(
      of: Graph.LossName.result, seed: seed, withRespectTo: ["x"], at: inputs(Self.logits)
    ).gradients[0]
    for row in [0, 2] {
      let part = row * Self.classes..<(row + 1) * Self.classes
      let (x, t) = (Array(Self.logits[part]), Array(Self.targets[part]))
      for place in x.indices {
        let sides = [1e-5, -1e-5].map { step in
          var moved = x
          moved[place] += step
          return naive(loss, moved, t, Self.weights)
        }
        let expected = Double(seed.values[row]) * (sides[0] - sides[1]) / 2e-5
        #expect(
          abs(Double(gradient.values[row * Self.classes + place]) - expected) < 1e-6 * max(1, abs(expected)))
      }
    }
  }

  @Test("large logits neither overflow nor lose their gradient", arguments: all)
  func extremes(_ loss: Loss) throws {
    let inputs = inputs([1000, -1000, 0, 500, -1000, 1000, 88, -88, 0, 0, 0, 0])
    let network = try network(loss)
    let values = try network.values(of: [Graph.LossName.result], at: inputs)[0]
    let gradient = try network.gradients(
      of: Graph.LossName.result, seed: Tensor([3], repeating: 1), withRespectTo: ["x"], at: inputs
    ).gradients[0]
    #expect(values.values.allSatisfy(\.isFinite) && gradient.values.allSatisfy(\.isFinite))
    if loss == .crossEntropy {
      // Row 0: the class of logit 0 against one of 1000, with weight 2.
      #expect(abs(values.values[0] - 2000) < 1e-3)
      #expect(abs(gradient.values[2] + 2) < 1e-6 && abs(gradient.values[0] - 2) < 1e-6)
    }
  }

  @Test("targets of another size are refused")
  func mismatch() throws {
    var inputs = inputs(Self.logits)
    inputs[Graph.LossName.targets] = Tensor([3, 5])
    let network = try network(.crossEntropy)
    #expect(throws: GraphError.self) { _ = try network.values(of: [Graph.LossName.result], at: inputs) }
  }
}
