public import Models
public import Tensors

extension Evaluation {
  /// A sound to evaluate on, mono at the front end's rate.
  public struct Clip: Sendable {
    public var name: String
    public var samples: [Float]

    public init(name: String, samples: [Float]) { (self.name, self.samples) = (name, samples) }
  }

  /// A sound with known answers: where each of some classes sounds.
  public struct Known: Sendable {
    public var name: String
    public var samples: [Float]
    /// A class, and 1 where it sounds, `[frames, bands]`.
    public var answers: [(classIndex: Int, region: Tensor)]

    public init(name: String, samples: [Float], answers: [(classIndex: Int, region: Tensor)]) {
      (self.name, self.samples, self.answers) = (name, samples, answers)
    }

    public init(_ mixture: Mixture, name: String) {
      self.init(
        name: name, samples: mixture.samples,
        answers: Array(zip(mixture.classes, mixture.regions)).map { (classIndex: $0, region: $1) })
    }
  }

  /// A sound with what the methods say of it.
  public struct Example: Sendable {
    public let name: String
    /// Its number among the measurements.
    public let sound: Int
    /// Mono, at the front end's rate.
    public let samples: [Float]
    /// Whether it is known where the class sounds.
    public let isKnown: Bool
    public let target: Target
    public let listening: Listening
    public let explanations: [ClipExplanation]
  }
}
