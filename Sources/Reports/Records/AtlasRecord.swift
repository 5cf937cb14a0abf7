/// A map of a corpus, as it is told as JSON.
package struct AtlasRecord: Codable, Sendable {
  package var catalogue: String
  package var model: String
  package var layer: String
  /// `tsne` or `pca`.
  package var method: String
  package var clips: Int
  package var dimensions: Int
  package var classes: Int
  package var seed: UInt64
  /// As used; null for a map of principal components, and where there were too few clips.
  @OrNull package var perplexity: Double?
  /// The share of neighbours on the map that are neighbours in the layer's space, 5 each, as scikit-learn counts it.
  @OrNull package var trustworthiness: Double?
  /// Kullback and Leibler's divergence of the map from the space, in nats.
  @OrNull package var divergence: Double?
  /// The share of the variance along each of the first principal components.
  package var explainedVariance: [Double]
  /// What the map took, in seconds.
  package var seconds: Double
  package var files: [String]

  package init(
    catalogue: String, model: String, layer: String, method: String, clips: Int, dimensions: Int,
    classes: Int,
    seed: UInt64, perplexity: Double?, trustworthiness: Double?, divergence: Double?,
    explainedVariance: [Double], seconds: Double, files: [String]
  ) {
    (self.catalogue, self.model, self.layer, self.method) = (catalogue, model, layer, method)
    (self.clips, self.dimensions, self.classes, self.seed) = (clips, dimensions, classes, seed)
    self.perplexity = perplexity
    self.trustworthiness = trustworthiness
    self.divergence = divergence
    (self.explainedVariance, self.seconds, self.files) = (explainedVariance, seconds, files)
  }

  private enum CodingKeys: String, CodingKey {
    case catalogue, model, layer, method, clips, dimensions, classes, seed, perplexity, trustworthiness,
      seconds, files
    case divergence = "kl_divergence"
    case explainedVariance = "explained_variance"
  }
}
