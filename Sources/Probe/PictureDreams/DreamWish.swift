package import Graphs
package import Models
import Tensors

/// What is drawn out of a picture.
package enum DreamWish: Sendable, Hashable {
  /// Half the mean square of a layer: its gradient goes along the activations themselves, as in Google's *DeepDream* (2015).
  case layer(TensorName)
  /// The mean of channels of a layer over all places.
  case channels(TensorName, [Int])
  /// The mean of some classes' logits.
  case classes([Int])
  /// The guided dream: the mean over the layer's places of the largest dot product of its activations with those of any
  /// place of another picture. As in Google's notebook, which takes the sum.
  case likeness(TensorName, to: RGBPicture)
}

/// A wish and its share among several.
package struct WeightedWish: Sendable, Hashable {
  package var wish: DreamWish
  package var weight: Float

  package init(_ wish: DreamWish, weight: Float = 1) { (self.wish, self.weight) = (wish, weight) }
}

/// How a picture is changed by one step: `picture += size · gradient / mean |gradient|`.
package struct PictureStep: Sendable, Hashable, Codable {
  /// How far a step goes on average, in grey levels of 255.
  package var size: Float
  /// The largest shift along both axes for each step, in pixels; what leaves on one side comes back on the other.
  package var jitter: Int
  /// The weight of total variation beside the gradient: `Σ d / √(d² + 8²)` over a pixel's four neighbours, `d` the difference
  /// in grey levels.
  package var totalVariation: Float
  package var seed: UInt64

  package init(size: Float = 2, jitter: Int = 16, totalVariation: Float = 0.1, seed: UInt64 = 0) {
    (self.size, self.jitter, self.totalVariation, self.seed) = (size, jitter, totalVariation, seed)
  }
}

/// A layer that can be dreamt of: its values are channels of places.
package struct DreamLayer: Sendable, Hashable {
  package let tensor: TensorName
  package let kind: LayerOutline.Kind
  package let channels: Int
  /// Pixels from place to place.
  package let stride: Double
}

extension ImageModel {
  /// The layers that can be dreamt of, in the order in which they are computed.
  package func dreamLayers() -> [DreamLayer] {
    guard let outline = try? LayerOutline(network, upTo: logits),
      let shapes = try? network.shapes(at: [
        input: inputShape(width: usualSize.width, height: usualSize.height)
      ])
    else { return [] }
    return outline.layers.compactMap { layer in
      guard let shape = shapes[layer.tensor], shape.rank == 4, shape[2] > 1, shape[3] > 1 else { return nil }
      return DreamLayer(
        tensor: layer.tensor, kind: layer.kind, channels: shape[1],
        stride: Double(usualSize.height) / Double(shape[2]))
    }
  }

  /// A layer at two thirds of the network: early ones draw edges, late ones whole things.
  ///
  /// - Throws: `ProbeError.noLayer` where the network has no layer of places.
  package func usualLayer() throws -> DreamLayer {
    let layers = dreamLayers()
    guard !layers.isEmpty else { throw ProbeError.noLayer("a layer with places", layers: []) }
    return layers[min(layers.count - 1, layers.count * 2 / 3)]
  }
}
