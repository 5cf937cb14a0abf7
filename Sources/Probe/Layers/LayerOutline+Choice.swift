package import Graphs

extension LayerOutline {
  /// The layers that a user's words mean, in the order of the network.
  ///
  /// A word is the name of a tensor (any that the network computes), the number of a layer in the outline, from 1 on, or a
  /// pattern of names in it: `*` stands for any characters, `?` for one, capital letters for small ones, too.
  ///
  /// - Parameter words: none for the whole outline.
  /// - Throws: `ProbeError.noLayer` with the list.
  package func layers(_ words: [String], of network: Network) throws -> [Layer] {
    guard !words.isEmpty else { return layers }
    let computed = Set(network.graph.nodes.flatMap(\.outputs))
    var chosen: [Layer] = []
    for word in words {
      let found: [Layer] =
        if let known = layers.first(where: { $0.tensor == word }) {
          [known]
        } else if !word.isEmpty,
          computed.contains(word)
        {
          [Layer(tensor: word, kind: .other)]
        } else if let number = Int(word), layers.indices.contains(number - 1) {
          [layers[number - 1]]
        } else {
          layers.filter { Self.matches(Array($0.tensor.lowercased())[...], Array(word.lowercased())[...]) }
        }
      guard !found.isEmpty else { throw ProbeError.noLayer(word, layers: layers.map(\.tensor)) }
      for layer in found where !chosen.contains(layer) { chosen.append(layer) }
    }
    let places = Dictionary(
      network.graph.nodes.enumerated().flatMap { place, node in node.outputs.map { ($0, place) } },
      uniquingKeysWith: { first, _ in first })
    return chosen.sorted { places[$0.tensor, default: 0] < places[$1.tensor, default: 0] }
  }

  /// The number of a layer in the outline, from 1 on; nil for a tensor that it does not list.
  package func number(of layer: Layer) -> Int? { layers.firstIndex(of: layer).map { $0 + 1 } }

  private static func matches(_ name: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    switch first {
    case "*":
      return matches(name, pattern.dropFirst()) || !name.isEmpty && matches(name.dropFirst(), pattern)
    case "?": return !name.isEmpty && matches(name.dropFirst(), pattern.dropFirst())
    default: return name.first == first && matches(name.dropFirst(), pattern.dropFirst())
    }
  }
}
