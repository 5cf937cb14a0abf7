/// Which of a model's classes the labels of annotations mean, where they are called otherwise: `hen=Chicken, rooster`.
public struct LabelMap: Sendable, Hashable {
  /// The model's label for a table's; the empty one stands for regions without a label.
  public var labels: [String: String] = [:]

  public init() {}

  /// Of pairs `old=new`, the first equals sign parting them; nothing before it means regions without a label.
  ///
  /// - Throws: `AnnotationError.badMapping`.
  public init(_ pairs: [String]) throws(AnnotationError) {
    for pair in pairs {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
      guard sides.count == 2, !sides[1].isEmpty else {
        throw .badMapping(text: pair, problem: "give a table's label and the model's, as hen=Chicken")
      }
      guard labels.updateValue(sides[1], forKey: sides[0]) == nil else {
        throw .badMapping(text: pair, problem: "says twice what '\(sides[0])' means")
      }
    }
  }

  /// What a region may be called in the model's own labels, the likeliest first: as mapped, or by each of its names, or by
  /// two of them joined as BirdNET's labels are ("Gallus gallus_Chicken").
  package func names(of region: AnnotatedRegion) -> [String] {
    let own = [region.label ?? ""] + region.otherLabels
    if let mapped = own.lazy.compactMap({ labels[$0] }).first { return [mapped] }
    let joined = own.flatMap { first in own.filter { $0 != first }.map { "\(first)_\($0)" } }
    return (own + joined).filter { !$0.isEmpty }
  }
}
