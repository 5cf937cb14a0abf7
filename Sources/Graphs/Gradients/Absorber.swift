/// What keeps relevance from reaching the inputs.
package enum Absorber: String, Sendable, CaseIterable {
  /// A layer's bias has its share of the layer's result, and so of its relevance.
  case biases
  /// What is added to a denominator so that it is never zero.
  case stabilizers
}

extension Graph {
  /// Under which the relevance that was absorbed, `[N]`, is found in a gradient graph made by a rule that tallies;
  /// where nothing is absorbed there is no such tensor.
  package static func absorbedName(_ absorber: Absorber) -> TensorName { "absorbed by \(absorber.rawValue)" }
}
