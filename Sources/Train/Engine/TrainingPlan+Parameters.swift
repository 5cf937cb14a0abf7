package import Graphs
import Models

import class FoundationEssentials.JSONEncoder

extension TrainingPlan {
  /// The same where what is frozen is left out already.
  package var withoutPatterns: TrainingPlan {
    var plan = self
    plan.frozen = []
    return plan
  }

  /// The parameters that are not frozen.
  ///
  /// - Throws: `TrainingError.allFrozen`, `ParameterPatternError`.
  package func learnt(of parameters: [TensorName]) throws -> [TensorName] {
    let kept = Set(try frozen.map { try ParameterPattern($0) }.selecting(from: parameters))
    _ = try rateFactors.map { try ParameterPattern($0.pattern) }.selecting(from: parameters)
    let left = parameters.filter { !kept.contains($0) }
    guard !left.isEmpty else { throw TrainingError.allFrozen(frozen) }
    return left
  }

  func rateFactor(of name: TensorName) throws -> Double {
    for entry in rateFactors where try ParameterPattern(entry.pattern).matches(name) { return entry.factor }
    return 1
  }

  /// The plan in one line, so that a checkpoint can tell another one.
  var identity: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
