public import Tensors

/// The baseline that hears nothing: each class is as likely as it is often in the training set, whatever the clip.
///
/// Of a set with one class a clip, the most frequent class is always first: `DummyClassifier(strategy="prior")` of scikit-learn.
public struct MajorityClass: Sendable {
  /// The share of the training clips that each class has.
  public let shares: [Double]

  /// - Parameter classes: of each training clip, places of its classes.
  public init(_ classes: [[Int]], classCount: Int) {
    var counts = [Double](repeating: 0, count: classCount)
    for place in classes.joined() { counts[place] += 1 }
    shares = counts.map { $0 / Double(max(1, classes.count)) }
  }

  /// For so many clips, `[clips, classes]`.
  public func probabilities(clips: Int) -> Tensor {
    Tensor([clips, shares.count], (0..<clips).flatMap { _ in shares.map { Float($0) } })
  }
}
