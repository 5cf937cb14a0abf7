import Audio
public import Models
import Tensors

/// What a model says of a sound through its front end, against scores that another program got from it.
public struct ScoreComparison: Sendable {
  /// What the scores were compared with: those that are reported, or those before a softmax or sigmoid.
  public enum Quantity: String, Sendable, Codable {
    case reported
    case logits
  }

  public let quantity: Quantity
  public let outcome: CulpritSearch.Outcome

  /// What rounding of a picture leaves in scores. Those that were written with three digits need more.
  public static let defaultTolerance = 1e-4

  /// - Throws: what listening throws; `Cancelled`.
  public init(
    _ theirs: TheirScores, with hearing: Hearing, of sound: HeardSound, model: AudioModel,
    tolerance: Double = defaultTolerance, control: RunControl = RunControl()
  ) throws {
    let listener = ChangedListener(model: model)
    let own = try listener.listen(to: sound, as: hearing)
    let quantity: Quantity = own.meaning.isProbability && !theirs.mayBeProbabilities ? .logits : .reported
    self.quantity = quantity
    // A network uses all threads by itself.
    let search = CulpritSearch(tolerance: .init(share: tolerance, typical: tolerance), lanes: 1) { hearing in
      let listening = try listener.listen(to: sound, as: hearing)
      return theirs.distance(quantity == .logits ? listening.logits : listening.scores)
    }
    outcome = try search.search(hearing, of: sound, control: control)
  }
}

/// A model that listens through other front ends than its own.
private struct ChangedListener: Sendable {
  let model: AudioModel

  /// - Throws: `ModelError.frontEndMismatch` for pictures that the network does not take; `CannotBeGiven`.
  func listen(to sound: HeardSound, as hearing: Hearing) throws -> Listening {
    guard !hearing.isTransposed else { throw CannotBeGiven() }
    let listener = try model.listening(through: hearing.frontEnd)
    // Several channels stand one behind another, as `AudioModel.samples(of:)` has them.
    return try listener.listen(to: hearing.channels(of: sound).flatMap { $0 })
  }
}

/// A network cannot be given exchanged axes: its own have their extents.
private struct CannotBeGiven: Error {}
