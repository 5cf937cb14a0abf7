/// How far two vectors are from each other.
package enum VectorMetric: String, Sendable, Hashable, Codable, CaseIterable {
  /// `1 − x·y / (|x| |y|)`, from 0 to 2; 1 where one of them is zero, which has no direction.
  case cosine
  /// `|x − y|`
  case euclidean
}
