/// What runs along an axis of a network's tensor.
public enum AxisRole: String, Sendable, Hashable, Codable, CaseIterable {
  /// Examples that have nothing to do with one another.
  case batch
  case time
  /// A number for each class.
  case `class`
  case channel
  /// The bands of a picture of sound.
  case frequency
}
