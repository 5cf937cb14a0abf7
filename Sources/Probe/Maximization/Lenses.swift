import Audio
import Explain
package import Models
package import Tensors

/// A model's own picture of a sound: what its network is given, patch by patch.
package struct PictureLens: Lens {
  package let model: AudioModel

  package init(_ model: AudioModel) { self.model = model }

  package func input(of pictures: Tensor) -> Tensor { model.inputTensor(forClips: pictures) }

  package func pullback(_ gradient: Tensor, at pictures: Tensor) -> Tensor {
    model.overlaid(gradient, on: pictures)
  }
}

/// The samples of a sound, `[rows, samples, 1]`, of which the front end makes the picture.
package struct SampleLens: Lens {
  private let model: AudioModel
  private let frontEnd: DifferentiableFrontEnd

  package init(_ model: AudioModel) throws {
    self.model = model
    frontEnd = try model.differentiableFrontEnd(from: .samples)
  }

  package func input(of sounds: Tensor) throws -> Tensor {
    model.inputTensor(forClips: try frontEnd.logMel(of: Self.flat(sounds)))
  }

  package func pullback(_ gradient: Tensor, at sounds: Tensor) throws -> Tensor {
    let flat = Self.flat(sounds)
    let pictures = try frontEnd.logMel(of: flat)
    return try frontEnd.pullback(model.overlaid(gradient, on: pictures), at: flat).reshaped(to: sounds.shape)
  }

  private static func flat(_ sounds: Tensor) -> Tensor {
    sounds.reshaped(to: [sounds.shape[0], sounds.shape[1]])
  }
}

/// A network's input as it is: a row's last axis are the bands, all others together the frames.
package struct ArrayLens: Lens {
  private let row: [Int]

  /// - Parameter row: the extents of the input's axes, the rows' left out.
  package init(row: [Int]) { self.row = row }

  package var canvas: CanvasShape {
    let bands = row.count > 1 ? row[row.count - 1] : 1
    return CanvasShape(frames: max(1, row.reduce(1, *) / max(1, bands)), bands: bands)
  }

  package func input(of pictures: Tensor) -> Tensor {
    pictures.reshaped(to: Shape([pictures.shape[0]] + row))
  }

  package func pullback(_ gradient: Tensor, at pictures: Tensor) -> Tensor {
    gradient.reshaped(to: pictures.shape)
  }
}
