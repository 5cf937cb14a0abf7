import Audio
package import Explain
package import Models
import Probe

/// What is told of a model that listens, and how its answers can be explained.
package struct ModelFacts: Codable, Sendable, Hashable {
  package struct Method: Codable, Sendable, Hashable {
    package let name: String
    package let title: String
    package let family: AttributionMethod.Family
    package let takesLayer: Bool
  }

  /// Where the picture lies that sounds are explained on.
  package enum Picture: String, Codable, Sendable {
    /// The front end makes it.
    case logMel = "log-mel"
    /// The network makes it inside.
    case inner
    /// There is none; sounds are explained on an STFT before the network.
    case none
  }

  /// Samples a second.
  package let rate: Int
  package let classes: Int
  package let patchSeconds: Double
  package let picture: Picture
  /// Whether the model says so; one that says nothing is judged by its scores, clip by clip.
  package let isProbability: Bool
  /// That explain the model in a domain at least.
  package let methods: [Method]
  /// The one to begin with: quick, so that a page shows something at once.
  package let defaultMethod: String?
  /// The one that an evaluation recommends.
  package let recommendedMethod: String?
  package let domains: [String]

  /// - Parameter recommended: the method that an evaluation recommends.
  package init(_ model: AudioModel, recommended: AttributionMethod? = nil) {
    (rate, classes, patchSeconds) = (model.sampleRate, model.classCount, model.patchSeconds)
    picture = model.hasInnerPicture ? .inner : model.hasPicture ? .logMel : .none
    isProbability = model.output.meaning?.isProbability ?? false
    let domains = Domain.allCases.filter { $0 != .logMel || model.hasPicture }
    let able = (AttributionMethod.all + AttributionMethod.ofSounds).filter { method in
      domains.contains { method.explains(in: $0, of: model) }
    }
    methods = able.map {
      Method(name: $0.name, title: $0.title, family: $0.family, takesLayer: $0.takesLayer)
    }
    let maps =
      (try? LayerOutline(model.network, upTo: model.logits).layers.contains { $0.kind == .convolution })
    defaultMethod = ((maps ?? false) && able.contains(.gradCAM) ? .gradCAM : able.first)?.name
    recommendedMethod = recommended.flatMap { able.contains($0) ? $0.name : nil }
    self.domains = domains.filter { domain in able.contains { $0.explains(in: domain, of: model) } }.map(
      \.rawValue)
  }
}

extension Workspace {
  /// What is told of a model, its recommended method first.
  ///
  /// - Throws: `ModelError`, `ONNXError`, `GraphError`, `FileError`.
  package func facts(of choice: ModelChoice) throws -> ModelFacts {
    let model = try model(choice)
    return ModelFacts(
      model, recommended: recommendedMethod(of: model, at: try BundledData.modelPath(choice.name)))
  }

  /// What an evaluation recommends; nil where there is none, or none that explains the model.
  package func recommendedMethod(of model: AudioModel, at path: String) -> AttributionMethod? {
    // What cannot be read recommends nothing.
    guard let found = try? recommendations.recommendation(for: path, named: model.name),
      let method = try? RecommendationStore.method(of: found, named: model.name),
      Domain.allCases.contains(where: { method.explains(in: $0, of: model) })
    else { return nil }
    return method
  }
}
