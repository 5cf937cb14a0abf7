/// What a model said of labelled clips.
public struct Answers: Sendable {
  public let classes: [String]
  /// Whether a clip may be of several classes, or of none.
  public let isMultiLabel: Bool
  /// Whether scores are probabilities: only then the loss and the calibration mean something.
  public let isProbability: Bool
  /// For each class whether the model can name it.
  public let isKnown: [Bool]
  public let clips: [Clip]

  public struct Clip: Sendable, Hashable {
    /// Among the data set's clips.
    public let place: Int
    /// Places of its classes, ascending.
    public let truth: [Int]
    /// One for each class, 0 for those that the model does not know.
    public let scores: [Float]
    public let group: String?
    public let fold: Int?

    public init(place: Int, truth: [Int], scores: [Float], group: String? = nil, fold: Int? = nil) {
      (self.place, self.truth, self.scores) = (place, truth, scores)
      (self.group, self.fold) = (group, fold)
    }
  }

  public init(
    classes: [String], clips: [Clip], isMultiLabel: Bool = false, isProbability: Bool = true,
    isKnown: [Bool]? = nil
  ) {
    (self.classes, self.clips, self.isMultiLabel) = (classes, clips, isMultiLabel)
    self.isProbability = isProbability
    self.isKnown = isKnown ?? classes.map { _ in true }
  }

  /// The class that a clip is taken for: of those that the model knows the one with the highest score, the first of equals.
  public func answer(to clip: Clip) -> Int {
    var best = isKnown.firstIndex(of: true) ?? 0
    for index in classes.indices where isKnown[index] && clip.scores[index] > clip.scores[best] {
      best = index
    }
    return best
  }

  /// How many clips are of each class.
  public var supports: [Int] {
    var counts = [Int](repeating: 0, count: classes.count)
    for clip in clips { for index in clip.truth { counts[index] += 1 } }
    return counts
  }

  /// `[class][answer]`: how often clips of a class were taken for another; nil where clips may be of several classes.
  public var confusion: [[Int]]? {
    guard !isMultiLabel else { return nil }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
    for clip in clips { for index in clip.truth { counts[index][answer(to: clip)] += 1 } }
    return counts
  }
}
