import Audio
package import Explain
package import Graphs
package import Models
package import Tensors

/// A dream of a model upon a sound: on its picture, and back to a sound that keeps the clip's phase where its energy is.
package struct SoundDream: Sendable {
  /// For sounds of the clip's length.
  package let model: AudioModel
  /// The clip, mono at the model's rate.
  package let samples: [Float]
  package let picture: Tensor
  private let range: ClosedRange<Float>

  package init(_ model: AudioModel, of samples: [Float]) throws {
    self.model = try model.fitted(toSamples: samples.count)
    self.samples = samples
    picture = try self.model.picture(of: samples)
    // A clip may be louder than anything else.
    let usual = try self.model.valueRange()
    let values = picture.values
    range = min(usual.lowerBound, values.min() ?? 0)...max(usual.upperBound, values.max() ?? 1)
  }

  /// What of a layer the dream draws out: the layer's length, channels, or the likeness to another sound.
  package enum Wish: Sendable {
    case classes([Int])
    case layer(TensorName)
    case channels(TensorName, [Int])
    case likeness(TensorName, to: [Float])
  }

  package func excitation(_ wish: Wish) throws -> Excitation {
    switch wish {
    case .classes(let indices): return try Self.together(.classes(indices, of: model))
    case .layer(let tensor):
      _ = try LayerGeometry(tensor, of: model)
      return Excitation(tensor, [.energy])
    case .channels(let tensor, let indices):
      return try Self.together(.channels(indices, of: LayerGeometry(tensor, of: model)))
    case .likeness(let tensor, let samples):
      let geometry = try LayerGeometry(tensor, of: model)
      let guide = try model.fitted(toSamples: samples.count)
      let patches = guide.patches(of: try guide.picture(of: samples))
      let values = try guide.network.values(
        of: [tensor], at: [guide.inputName: guide.inputTensor(for: patches)])[0]
      let own = guide.patchFrames == model.patchFrames ? geometry : try LayerGeometry(tensor, of: guide)
      return Excitation(tensor, [.likeness(Guide(values, own, of: geometry))])
    }
  }

  /// The sum of several questions as one.
  private static func together(_ several: Excitation) -> Excitation {
    let terms = several.measures.flatMap { measure in
      if case .sum(let terms) = measure { terms } else { [(element: Int, weight: Float)]() }
    }
    return Excitation(several.tensor, [.sum(terms)])
  }

  package struct Result: Sendable {
    package let dream: Dream.Result
    /// As long as the clip, at most full scale; nil where there is no way back.
    package let sound: [Float]?
    /// Pictures on the way.
    package let way: [Tensor]
  }

  /// - Parameter keeping: how many pictures of the way are kept.
  /// - Throws: `Cancelled`; `GraphError`, `AudioError`.
  package func run(
    _ excitation: Excitation, _ settings: Dream.Settings, keeping: Int = 0, control: RunControl = RunControl()
  ) throws -> Result {
    let shape = CanvasShape(frames: picture.shape[0], panels: model.axes.panelRanges)
    let lens = PictureLens(model)
    let dream = Dream(
      model.network, excitation, input: model.inputName, shape: shape, range: range, settings: settings
    ) { size -> any Lens in
      if size == shape { return lens }
      return ZoomedLens(lens, from: size, to: shape)
    }
    let steps = settings.octaves.count * settings.steps
    let kept = Set((0..<keeping).map { $0 * max(1, steps - 1) / max(1, keeping - 1) })
    var way: [Tensor] = []
    var step = 0
    let found = try dream.run(on: picture, control: control.part(from: 0, to: 0.8, "dream")) { picture in
      if kept.contains(step) { way.append(picture) }
      step += 1
    }
    var sound: [Float]?
    if model.channelCount == 1 {
      sound = try model.sound(
        ofPicture: found.picture, like: samples, seed: settings.seed,
        control: control.part(from: 0.8, to: 1, "sound"))
    }
    return Result(dream: found, sound: sound, way: way)
  }
}
