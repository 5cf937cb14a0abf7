/// What a network is given of a sound, and whether another program gives it the same.
package struct FrontEndRequest: Codable, Sendable, Hashable {
  /// A file.
  package var sound: String
  /// The model whose front end it is; nil for a front end alone.
  package var model: ModelChoice?
  /// A preset or a JSON file, where there is no model.
  package var frontEnd: String?
  package var part = Stretch()
  /// An array of what another program gave its network.
  package var theirs: String?
  /// A file of what a model said of it in another program.
  package var theirScores: String?
  /// Whether the patch that differs most is wanted as a picture.
  package var drawsPicture = false
  /// The largest share of the range that counts as no difference; nil for what rounding explains.
  package var tolerance: Double?

  package init(sound: String, model: ModelChoice) { (self.sound, self.model) = (sound, model) }
  package init(sound: String, frontEnd: String) { (self.sound, self.frontEnd) = (sound, frontEnd) }
}
