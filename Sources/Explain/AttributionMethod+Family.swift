import Graphs

extension AttributionMethod {
  /// What methods have in common: by what they find out which parts of an input matter.
  package enum Family: String, Sendable, Hashable, Codable, CaseIterable {
    /// By how the score changes with the input.
    case gradients
    /// By where a layer's channels answer.
    case layers = "maps of layers"
    /// By what happens when parts of the input are taken away.
    case perturbation
    /// By sharing the score out, layer by layer, to the input.
    case relevance
  }

  package var family: Family {
    switch procedure(Settings()) {
    case .input(let method) where rule.startsFromScore || method is DeepLIFT: .relevance
    case .input(let method): method.asksForGradientsOnly ? .gradients : .perturbation
    case .classActivation, .product: .layers
    case .sound: .perturbation
    }
  }

  /// Whether it is about a layer that can be named.
  package var takesLayer: Bool { family == .layers }
}
