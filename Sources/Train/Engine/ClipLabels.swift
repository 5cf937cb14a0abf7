import Glibc
import Graphs
import Tensors

/// What clips are, and on which side of a training they stand.
package struct ClipLabels: Sendable {
  /// By clip: places of its classes.
  package let classesOf: [[Int]]
  package let classes: Int
  package let isMultiLabel: Bool
  /// Clips to learn from, and clips to watch.
  package let training: [Int]
  package let validation: [Int]

  package init(
    classesOf: [[Int]], classes: Int, isMultiLabel: Bool, training: [Int], validation: [Int]
  ) {
    (self.classesOf, self.classes, self.isMultiLabel) = (classesOf, classes, isMultiLabel)
    (self.training, self.validation) = (training, validation)
  }

  /// `[N, C]`: 1 for the classes of each clip.
  func targets(_ clips: [Int]) -> Tensor {
    var targets = Tensor([clips.count, classes])
    targets.withUnsafeMutableValues { values in
      for (row, clip) in clips.enumerated() {
        for place in classesOf[clip] { values[row * classes + place] = 1 }
      }
    }
    return targets
  }

  func smoothed(_ targets: Tensor, by share: Double, _ loss: Loss) -> Tensor {
    guard share > 0 else { return targets }
    let floor: Float
    switch loss {
    case .crossEntropy, .focal: floor = Float(share / Double(classes))
    case .binaryCrossEntropy, .binaryFocal: floor = Float(share / 2)
    }
    return Tensor(targets.shape, targets.values.map { Float(1 - share) * $0 + floor })
  }

  /// `[C]`.
  func weights(_ choice: TrainingPlan.ClassWeights) -> Tensor {
    guard choice == .balanced else { return Tensor([classes], repeating: 1) }
    var counts = [Double](repeating: 0, count: classes)
    for clip in training { for place in classesOf[clip] { counts[place] += 1 } }
    let all = counts.reduce(0, +)
    // A class that nothing is learnt of has no weight.
    return Tensor([classes], counts.map { $0 > 0 ? Float(all / (Double(classes) * $0)) : 0 })
  }

  func probabilities(_ logits: [Double]) -> [Double] {
    guard !isMultiLabel else { return logits.map { 1 / (1 + exp(-$0)) } }
    let highest = logits.max() ?? 0
    let powers = logits.map { exp($0 - highest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Of one clip: the highest probability is that of its class, or all are on their side of ½.
  func isCorrect(_ probabilities: [Double], _ clip: Int) -> Bool {
    guard isMultiLabel else {
      return probabilities.indices.max { probabilities[$0] < probabilities[$1] } == classesOf[clip].first
    }
    let own = Set(classesOf[clip])
    return probabilities.enumerated().allSatisfy { ($1 > 0.5) == own.contains($0) }
  }

  /// How many rows of logits are right.
  func correct(_ logits: [Float], _ clips: [Int]) -> Int {
    clips.enumerated().count { row, clip in
      let own = logits[row * classes..<(row + 1) * classes].map(Double.init)
      return isCorrect(isMultiLabel ? own.map { $0 + 0.5 } : own, clip)
    }
  }

  /// Cross-entropy of a clip's probabilities.
  func clipLoss(_ probabilities: [Double], _ clip: Int) -> Double {
    func logarithm(_ p: Double) -> Double { log(max(p, 1e-12)) }
    guard isMultiLabel else {
      return -classesOf[clip].reduce(0) { $0 + logarithm(probabilities[$1]) }
    }
    let own = Set(classesOf[clip])
    return -probabilities.enumerated().reduce(0) {
      $0 + logarithm(own.contains($1.offset) ? $1.element : 1 - $1.element)
    } / Double(max(1, classes))
  }
}
