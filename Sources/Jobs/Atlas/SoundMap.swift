import Explain
import Files
import Probe
import Tensors

/// Where sounds lie on a map, and how far it is to be trusted.
struct SoundMap {
  let vectors: Tensor
  let coordinates: Tensor
  let components: Tensor
  let colours: Tensor
  let explained: [Double]
  let perplexity: Double?
  let divergence: Double?
  let trust: Double?
  let seconds: Double
  private let method: AtlasRequest.Method

  private static let kept = 10

  /// - Throws: `Cancelled`.
  init(_ vectors: Tensor, _ request: AtlasRequest, control: RunControl) throws(Cancelled) {
    self.vectors = vectors
    method = request.method
    let start = ContinuousClock.now
    try control.report(0, of: 10, "components")
    let principal = PrincipalComponents(of: vectors, count: Self.kept, seed: request.seed)
    components = principal.coordinates(of: vectors)
    explained = principal.explained
    colours = ComponentColours(coordinates: components, explained: explained).values
    let distances = PairwiseDistances(vectors)
    switch request.method {
    case .tsne:
      var settings = NeighbourMap.Settings()
      settings.seed = request.seed
      let map = try NeighbourMap(of: distances, settings, control: control.part(from: 0.1, to: 0.9))
      (coordinates, divergence) = (map.coordinates, map.divergence)
      perplexity = map.divergence == nil ? nil : map.perplexity
    case .pca:
      (divergence, perplexity) = (nil, nil)
      coordinates = Self.plane(components)
    }
    try control.report(9, of: 10, "trustworthiness")
    trust = trustworthiness(of: coordinates, in: distances)
    seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
  }

  /// The first two columns; those that are missing are 0.
  private static func plane(_ components: Tensor) -> Tensor {
    let (rows, width) = (components.shape[0], components.shape[1])
    return Tensor(
      [rows, 2], (0..<rows).flatMap { row in (0..<2).map { $0 < width ? components[row, $0] : 0 } })
  }

  /// How the map was made, and how far it is to be trusted.
  func words(count: Int) -> String {
    func percent(_ share: Double) -> String { "\(NumberText.rounded(share * 100, digits: 3)) %" }
    func two(_ value: Double) -> String { NumberText.rounded(value, digits: 3) }
    var words =
      switch method {
      case .tsne where divergence != nil:
        "t-SNE of mean activations, perplexity \(two(perplexity ?? 0)): near points sound alike to the layer; far ones, and "
          + "the sizes of clouds, say little. "
      case .tsne:
        "Too few sounds, or all alike, for t-SNE: the first two principal components of mean activations. "
      case .pca:
        "The first two principal components of mean activations, which hold "
          + "\(percent(explained.prefix(2).reduce(0, +))) of the variance. "
      }
    if let trust { words += "Trustworthiness of the 5 nearest: \(two(trust))" }
    if let divergence { words += ", divergence \(two(divergence)) nats" }
    words += trust == nil ? "" : ". "
    words +=
      "\(count) sounds; three components hold \(percent(explained.prefix(3).reduce(0, +))) of the variance."
    return words
  }
}
