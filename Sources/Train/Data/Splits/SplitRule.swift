/// How the clips of a data set are shared out for training, validation and testing.
public enum SplitRule: Sendable, Hashable, Codable {
  /// As the corpus has it: by its parts; else by its folds, the last one for testing and the one before for validation; else
  /// ``random(validation:test:seed:)`` with the default shares and seed 0.
  ///
  /// A part that is missing, and validation where there are two folds only, is drawn from the training clips.
  case asDistributed
  /// Folds by their numbers; the others are for training. Without one for validation it is the fold before the first test
  /// fold, or the last one before the first fold.
  case folds(test: Set<Int>, validation: Set<Int>)
  /// Whole groups for testing, such as a source or a voice; `*` in a name stands for any characters. A share of the others
  /// is drawn for validation.
  case heldOut(groups: Set<String>, validation: Double = SplitRule.defaultShare, seed: UInt64 = 0)
  /// Shares of the clips, from 0 to 1, drawn class by class; clips of one group stay on one side.
  case random(validation: Double, test: Double, seed: UInt64)

  /// The share of the clips for validation, and for testing, where nobody says.
  public static let defaultShare = 0.15
}

/// Which clips are for what: places in `DataSet.clips`, ascending, no clip on two sides.
public struct Split: Sendable, Hashable, Codable {
  public var training: [Int]
  public var validation: [Int]
  public var test: [Int]
  /// What should be known of it, in sentences: classes that cannot be tested, sides that were drawn.
  public var remarks: [String] = []

  public init(training: [Int], validation: [Int], test: [Int], remarks: [String] = []) {
    (self.training, self.validation, self.test, self.remarks) = (training, validation, test, remarks)
  }

  /// The clips of one side.
  public subscript(_ part: LabelledClip.Part) -> [Int] {
    get {
      switch part {
      case .training: training
      case .validation: validation
      case .test: test
      }
    }
    set {
      switch part {
      case .training: training = newValue
      case .validation: validation = newValue
      case .test: test = newValue
      }
    }
  }
}
