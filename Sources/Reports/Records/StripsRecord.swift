/// Strips of one sound, as they are told as JSON.
package struct StripsRecord: Codable, Sendable {
  package struct Layer: Codable, Sendable {
    package var tensor: String
    package var moments: Int
    /// In each of the three components.
    package var explainedVariance: [Double]

    package init(tensor: String, moments: Int, explainedVariance: [Double]) {
      (self.tensor, self.moments, self.explainedVariance) = (tensor, moments, explainedVariance)
    }

    private enum CodingKeys: String, CodingKey {
      case tensor, moments
      case explainedVariance = "explained_variance"
    }
  }

  package var sound: String
  package var model: String
  package var layers: [Layer]
  package var files: [String]

  package init(sound: String, model: String, layers: [Layer], files: [String]) {
    (self.sound, self.model, self.layers, self.files) = (sound, model, layers, files)
  }
}
