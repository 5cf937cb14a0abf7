import Files
import Models
package import Reports

/// A proposal of how a model listens, and what it then hears, as JSON.
package struct ProposalRecord: Codable, Sendable {
  package struct Entry: Codable, Sendable {
    package let key: String
    package let value: JSONValue
    package let certainty: Proposal.Certainty
    package let reason: String
  }

  package struct Score: Codable, Sendable {
    package let index: Int
    package let label: String
    package let score: Double

    package init(index: Int, label: String, score: Double) {
      (self.index, self.label, self.score) = (index, label, score)
    }
  }

  package var entries: [Entry]
  /// What nothing tells, in words.
  package var questions: [String]
  /// The text of the file beside the model.
  package let json: String
  /// The highest scores first; empty where the model cannot listen.
  package let heard: [Score]
  /// What it was tried on.
  package var sound: String
  /// What the scores are, in words.
  @OrNull package var meaning: String?
  /// Where the picture lies that is explained, in words.
  @OrNull package var picture: String?
  /// Whether the model can listen as it is proposed.
  package let ready: Bool

  package init(_ result: ConfigureJob.Result) throws {
    entries = try result.proposal.entries.map { entry in
      Entry(
        key: entry.key, value: try RecordCoding.read(JSONValue.self, from: entry.value.utf8),
        certainty: entry.certainty, reason: entry.reason)
    }
    (questions, json) = (result.proposal.questions.map(\.what), result.proposal.json)
    heard = result.heard.map { Score(index: $0.index, label: $0.label, score: Double($0.value).finite ?? 0) }
    (sound, ready) = (Folder.name(of: result.sound), result.model != nil)
    (meaning, picture) = (result.meaning.map(\.inWords), result.picture)
  }
}

extension ScoreMeaning {
  /// "probabilities of classes that exclude each other, as the description says".
  fileprivate var inWords: String {
    let what =
      switch activation {
      case .softmax: "probabilities of classes that exclude each other"
      case .sigmoid: "probabilities, each class for itself"
      case .none: "numbers of any size, no probabilities"
      }
    return switch source {
    case .graph: "\(what), as the network makes them"
    case .description: "\(what), as the description says"
    case .values: "\(what), by what the values look like"
    case .unknown: what
    }
  }
}
