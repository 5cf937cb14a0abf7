package import Tensors

/// Which network a catalogue was made with, and how that listens.
package struct ModelIdentity: Sendable, Hashable, Codable {
  /// For people.
  package var name: String
  /// Where its file lay, or the name of a bundled model.
  package var path: String
  /// Of the model's file.
  package var contentHash: String
  /// As JSON with sorted keys: sample rate, analysis, patches.
  package var frontEnd: String
  /// What else was said of the model, as JSON, so that a question about a new sound reads it the same way.
  package var choice: String

  package init(name: String, path: String, contentHash: ContentHash, frontEnd: String, choice: String) {
    (self.name, self.path, self.contentHash) = (name, path, contentHash.digits)
    (self.frontEnd, self.choice) = (frontEnd, choice)
  }

  /// Checks that what `other` makes of a sound can stand beside what this made.
  package func requireSame(as other: ModelIdentity, in folder: String) throws(CatalogueError) {
    guard contentHash == other.contentHash else { throw .otherModel(folder, made: self, given: other) }
    guard frontEnd == other.frontEnd else { throw .otherFrontEnd(folder, made: self, given: other) }
  }

  /// The first stretch of the front ends that differs, for messages.
  func firstDifference(from other: ModelIdentity) -> String {
    func fields(_ json: String) -> [Substring] { json.split { "{},".contains($0) } }
    let (mine, theirs) = (fields(frontEnd), fields(other.frontEnd))
    let place = zip(mine, theirs).prefix { $0 == $1 }.count
    func field(_ list: [Substring]) -> String {
      list.indices.contains(place) ? String(list[place]) : "nothing"
    }
    return "\(field(mine)), not \(field(theirs))"
  }
}
