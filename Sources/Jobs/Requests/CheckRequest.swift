/// What to look for in labelled sounds before a network is trained on them.
package struct CheckRequest: Codable, Sendable, Hashable {
  package var data: DataChoice
  /// Clips that are shorter are told, in seconds.
  package var shortest = 0.1

  package init(_ data: DataChoice) { self.data = data }
}
