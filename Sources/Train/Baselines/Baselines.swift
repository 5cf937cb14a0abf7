public import Audio
public import Explain
import Models
public import Tensors

/// What a network has to be better than, on the same clips: the majority class, and a logistic regression on averages of the
/// picture, both made of the training side of a split.
///
/// The regression is given mean and standard deviation of each band over a clip, in SB-CNN's pictures unless another front end is
/// named.
public struct Baselines: Sendable {
  /// A baseline's name, and what it says of the clips.
  public typealias Answered = (name: String, answers: Answers)

  public var frontEnd = Architecture.sbCNN.frontEnd
  /// The regression's `C`.
  public var strength = 1.0

  public init() {}

  /// - Parameters:
  ///   - training: places in the data set's clips.
  ///   - places: of the clips to say something of. Those that cannot be read are left out.
  ///   - cache: a folder for pictures.
  /// - Throws: `Cancelled`; `FeatureError`.
  public func answers(
    of data: DataSet, training: [Int], on places: [Int], cache: String, threads: Int = ComputeThreads.count,
    control: RunControl = RunControl()
  ) throws -> [Answered] {
    let all = Array(Set(training).union(places)).sorted()
    let store = try FeatureStore(
      all.map { data.clips[$0] }, variations: [[]], frontEnd: frontEnd, cache: cache, threads: threads,
      unusable: UnusableClips(unreadable: .skip, silent: .keep), control: control.part(from: 0, to: 0.6))
    let rows = Dictionary(uniqueKeysWithValues: zip(all, all.indices))
    func usable(_ places: [Int]) -> [Int] {
      places.filter { place in rows[place].map { store.isUsable(clip: $0) } ?? false }
    }
    func features(_ places: [Int]) -> [[Double]] {
      store.statistics(of: places.compactMap { rows[$0] }.map { ($0, 0) })
    }
    let (known, wanted) = (usable(training), usable(places))
    guard !known.isEmpty, !wanted.isEmpty else { throw FeatureError.nothingUsable(store.failures) }
    let classes = known.map { data.clips[$0].classes }
    let majority = MajorityClass(classes, classCount: data.classes.count)
    let regression = LogisticRegression(
      features(known), classes: classes, classCount: data.classes.count, isMultiLabel: data.isMultiLabel,
      strength: strength)
    try control.report(9, of: 10, "logistic regression")
    return [
      ("majority class", answers(majority.probabilities(clips: wanted.count), of: wanted, data)),
      (
        "logistic regression on mean log-mel",
        answers(regression.probabilities(features(wanted)), of: wanted, data)
      ),
    ]
  }

  private func answers(_ scores: Tensor, of places: [Int], _ data: DataSet) -> Answers {
    Answers(
      classes: data.classes,
      clips: places.enumerated().map { row, place in
        let clip = data.clips[place]
        return Answers.Clip(
          place: place, truth: clip.classes, scores: data.classes.indices.map { scores[row, $0] },
          group: clip.group, fold: clip.fold)
      }, isMultiLabel: data.isMultiLabel)
  }
}
