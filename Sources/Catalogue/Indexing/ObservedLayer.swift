import Audio
import Explain
package import Graphs
package import Models
package import Probe

/// A layer whose activations are looked at while a corpus is indexed.
package struct ObservedLayer: Sendable {
  package let geometry: LayerGeometry
  /// `convolution`, `dense`, …; `layer` for one that somebody named.
  package let kind: String

  var isEmbedding: Bool { kind == CatalogueLayer.embeddingKind }

  /// How a catalogue describes it.
  package func entry(_ number: Int, of model: AudioModel) -> CatalogueLayer {
    let axes = model.axes
    let frames = min(geometry.time.size, Double(model.patchFrames))
    return CatalogueLayer(
      number: number, tensor: geometry.tensor, kind: kind, channels: geometry.channels,
      times: geometry.time.count, bands: geometry.band.count,
      seenSeconds: (frames - 1) * axes.hop + axes.window, vectorFile: CatalogueSchema.vectorFile(number))
  }
}

extension ObservedLayer {
  /// A catalogue's layer, as the model has it.
  package init(_ layer: CatalogueLayer, of model: AudioModel) throws {
    self.init(geometry: try LayerGeometry(layer.tensor, of: model), kind: layer.kind)
  }

  /// Layers of a default selection.
  static let mostLayers = 32
  /// Channels of one of them: more are places that were not told from channels.
  static let mostChannels = 1 << 14
  /// Values of all of them on one patch.
  static let mostValues = 1 << 24

  /// The layers to look at, in the order in which they are computed, and behind them the embedding, if there is one.
  ///
  /// - Parameter names: tensors; none for those of the outline, without attention's maps (their channels are pairs of
  ///   moments) and without gates. Where these are more than 32, or more than 16 million values a patch, evenly spaced ones of them.
  /// - Throws: `GraphError.unknownTensor`; `ProbeError.notByPatch` for a named tensor.
  package static func layers(named names: [TensorName], of model: AudioModel) throws -> [ObservedLayer] {
    var layers: [ObservedLayer]
    if names.isEmpty {
      layers = try LayerOutline(model.network, upTo: model.logits).layers
        .filter { $0.kind != .attention }
        .compactMap { layer in
          // What has no row for each patch has no place in a sound.
          guard let geometry = try? LayerGeometry(layer.tensor, of: model),
            geometry.channels <= mostChannels
          else { return nil }
          return ObservedLayer(geometry: geometry, kind: layer.kind.rawValue)
        }
      // The gates of squeeze-and-excitation blocks: one place, before layers that have many.
      let last = layers.lastIndex { $0.geometry.places > 1 } ?? 0
      layers = layers.enumerated().filter { $0.offset >= last || $0.element.geometry.places > 1 }.map(
        \.element)
      var count = min(layers.count, mostLayers)
      while count > 1, values(of: thinned(layers, to: count)) > mostValues { count -= 1 }
      layers = thinned(layers, to: count)
    } else {
      let outline = try LayerOutline(model.network, upTo: model.logits).layers
      var seen: Set<TensorName> = []
      layers = try names.filter { seen.insert($0).inserted }.map { name in
        let tensor = try model.network.graph.tensor(named: name)
        let kind = outline.first { $0.tensor == tensor }?.kind.rawValue ?? "layer"
        return ObservedLayer(geometry: try LayerGeometry(tensor, of: model), kind: kind)
      }
    }
    if let tensor = try? model.defaultEmbedding(), let geometry = try? LayerGeometry(tensor, of: model) {
      layers.append(ObservedLayer(geometry: geometry, kind: CatalogueLayer.embeddingKind))
    }
    return layers
  }

  /// `count` of them, evenly spaced, the first and the last among them.
  static func thinned(_ layers: [ObservedLayer], to count: Int) -> [ObservedLayer] {
    guard count < layers.count else { return layers }
    guard count > 1 else { return Array(layers.suffix(count)) }
    return (0..<count).map { layers[$0 * (layers.count - 1) / (count - 1)] }
  }

  private static func values(of layers: [ObservedLayer]) -> Int {
    layers.reduce(0) { $0 + $1.geometry.channels * $1.geometry.places }
  }
}
