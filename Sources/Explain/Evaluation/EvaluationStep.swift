extension Evaluation {
  /// What was measured of one sound, or of all by shuffling weights: enough to go on with an evaluation that was
  /// interrupted.
  public struct Step: Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
      /// A clip and its most probable class.
      case clip
      /// The clips that are looked at closely, with weights shuffled.
      case sanity
      /// A sound with known answers.
      case known
    }

    public let kind: Kind
    /// The sound's.
    public let name: String
    var values: [Value] = []
    var curves: [Curve] = []
    var notes: [String] = []
    /// Methods that turned out not to explain this model.
    var leftOut: [String] = []

    struct Value: Sendable, Codable {
      let method: String
      let criterion: String
      /// Its number among the measurements.
      let sound: Int
      let value: Double
    }

    struct Curve: Sendable, Codable {
      let method: String
      let deletion: [Double]
      let insertion: [Double]
    }

    init(_ kind: Kind, name: String) { (self.kind, self.name) = (kind, name) }
  }
}
