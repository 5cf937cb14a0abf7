extension SplitRule {
  /// How the clips were shared out, for a sentence.
  public var words: String {
    switch self {
    case .asDistributed: "shared out as distributed"
    case .folds(let test, let validation):
      "fold \(Self.list(test)) for testing"
        + (validation.isEmpty ? "" : ", fold \(Self.list(validation)) for validation")
    case .heldOut(let groups, _, _): "\(groups.sorted().joined(separator: ", ")) held out"
    case .random(let validation, let test, let seed):
      "\(Self.percent(test)) % for testing and \(Self.percent(validation)) % for validation drawn with seed \(seed)"
    }
  }

  private static func list(_ numbers: Set<Int>) -> String {
    numbers.sorted().map(String.init).joined(separator: ", ")
  }

  private static func percent(_ share: Double) -> Int { Int((100 * share).rounded()) }
}
