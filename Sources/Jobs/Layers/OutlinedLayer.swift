import Graphs
package import Models
package import Probe

/// A layer of a network, as it can be chosen to look at.
package struct OutlinedLayer: Codable, Sendable, Hashable {
  /// Its place in the outline, from 0 on.
  package let index: Int
  /// The tensor.
  package let name: String
  package let kind: LayerOutline.Kind
  /// Heads, of attention.
  package let channels: Int
  /// Places of a patch, along time and along frequency.
  package let frames: Int
  package let bands: Int
  /// What a place sees; a place behind attention or a recurrence hears the whole patch.
  package let seconds: Double
  package let hertz: Double
  /// Weights.
  package let parameters: Int
  package let isConvolution: Bool
}

extension AudioModel {
  /// The layers of the network that can be looked at, in the order in which they are computed. Layers whose values do not
  /// belong to single patches are left out.
  package func outlinedLayers() throws -> [OutlinedLayer] {
    let outline = try LayerOutline(network, upTo: logits)
    let graph = network.graph
    return outline.layers.enumerated().compactMap { index, layer in
      guard let geometry = try? LayerGeometry(layer.tensor, of: self),
        let channels = try? ClipMaps.channelCount(of: layer, self)
      else { return nil }
      let field = geometry.field(of: self)
      return OutlinedLayer(
        index: index, name: layer.tensor, kind: layer.kind, channels: channels, frames: geometry.time.count,
        bands: geometry.band.count, seconds: min(field.seconds, patchSeconds), hertz: field.hertz,
        parameters: graph.producer(of: layer.origin)?.parameterCount(in: graph) ?? 0,
        isConvolution: layer.kind == .convolution)
    }
  }
}

extension Workspace {
  /// The layers of a model; of one that takes sounds of any length, as five seconds of sound go through them.
  ///
  /// - Throws: `ModelError`, `ONNXError`, `GraphError`, `FileError`.
  package func outlinedLayers(of choice: ModelChoice) throws -> [OutlinedLayer] {
    try catalogueModel(choice).outlinedLayers()
  }
}
