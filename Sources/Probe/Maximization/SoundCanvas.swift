import Audio
package import Explain
import Graphs
package import Models
import Tensors

/// Sounds as what is changed: the samples that a model listens to, whatever it makes of them first.
package struct SoundCanvas: Sendable {
  /// Which takes the samples, or whose picture is made of them.
  private let model: AudioModel
  private let lens: any Lens

  /// - Parameter model: of sounds of this length.
  package init(_ model: AudioModel) throws {
    if model.hasInnerPicture {
      self.model = model.onWholeNetwork
      lens = PictureLens(model.onWholeNetwork)
    } else if model.hasPicture {
      self.model = model
      lens = try SampleLens(model)
    } else {
      self.model = model
      lens = PictureLens(model)
    }
  }

  /// What is excited by sounds of one length.
  package func values(of sounds: [[Float]], _ excitation: Excitation) throws -> [Double] {
    try ascent(sounds, excitation, settings(steps: 0, seed: 0)).run().last
  }

  /// Sounds changed so that they excite more.
  package func refine(
    _ sounds: [[Float]], _ excitation: Excitation, steps: Int, seed: UInt64, control: RunControl
  ) throws -> (sounds: [[Float]], values: [Double], curves: [[Double]], endings: [Ascent.Ending]) {
    let result = try ascent(sounds, excitation, settings(steps: steps, seed: seed)).run(control: control)
    let pictures = result.pictures[0]
    return (
      sounds.indices.map { pictures.picture($0).values }, result.last, result.curves, result.endings
    )
  }

  private func settings(steps: Int, seed: UInt64) -> Ascent.Settings {
    var settings = Ascent.Settings()
    settings.steps = steps
    settings.rate = Self.rate
    settings.seed = seed
    settings.leak = nil
    return settings
  }

  /// In units of a wave's amplitude before squashing.
  private static let rate: Float = 0.004

  private func ascent(_ sounds: [[Float]], _ excitation: Excitation, _ settings: Ascent.Settings) -> Ascent {
    let count = sounds.first?.count ?? 1
    let shape = CanvasShape(frames: count, bands: 1)
    var canvas = Canvas(
      model.inputName, shape: shape, lens: lens,
      start: Tensor(shape.tensor(rows: sounds.count), Array(sounds.joined())))
    canvas.basis = .waves(decay: 0.5)
    canvas.range = -1...1
    return Ascent(model.network, excitation, [canvas], settings: settings)
  }
}
