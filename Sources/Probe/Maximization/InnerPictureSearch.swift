import Explain
import Glibc
import Graphs
import Models
import Tensors

/// Finds samples of which a network makes a given picture inside.
///
/// Gradient descent by Adam on the mean square of what its picture differs by, from noise or from the sound that the picture
/// was made of. Whatever the network does to samples before its picture is gone back through by its own derivative.
struct InnerPictureSearch {
  private let model: AudioModel
  private let panels: [PicturePanel]
  private static let steps = 120

  init(_ model: AudioModel) {
    self.model = model
    panels = model.panels ?? []
  }

  /// - Parameters:
  ///   - picture: `[patches · frames, bands]`.
  ///   - original: to begin with; nil for noise.
  func sound(of picture: Tensor, like original: [Float]?, seed: UInt64, control: RunControl) throws -> [Float]
  {
    let whole = model.onWholeNetwork
    let targets = model.patches(of: picture)
    let length = whole.patchFrames
    var samples: [Float]
    if let original {
      samples = whole.patches(of: try whole.picture(of: original)).values
    } else {
      var normal = GaussianGenerator(seed: seed)
      samples = (0..<targets.shape[0] * length).map { _ in 0.02 * normal.normal() }
    }
    var (means, squares) = (
      [Float](repeating: 0, count: samples.count), [Float](repeating: 0, count: samples.count)
    )
    let rate: Float = original == nil ? 0.01 : 0.002
    for step in 0..<Self.steps {
      try control.report(step, of: Self.steps)
      let input = whole.inputTensor(for: Tensor([targets.shape[0], length, 1], samples))
      let slopes = try gradient(at: input, whole, targets)
      let left = Float(Self.steps - step) / Float(Self.steps)
      let (a, b) = (1 - powf(0.9, Float(step + 1)), 1 - powf(0.99, Float(step + 1)))
      slopes.withUnsafeValues { slopes in
        for place in samples.indices where slopes[place].isFinite {
          means[place] = 0.9 * means[place] + 0.1 * slopes[place]
          squares[place] = 0.99 * squares[place] + 0.01 * slopes[place] * slopes[place]
          samples[place] -= rate * left * (means[place] / a) / ((squares[place] / b).squareRoot() + 1e-20)
        }
      }
    }
    return original.map { Array(samples.prefix($0.count)) } ?? samples
  }

  /// Of `½ Σ (picture − target)²`, `[patches, samples, 1]`.
  private func gradient(at input: Tensor, _ whole: AudioModel, _ targets: Tensor) throws -> Tensor {
    let names = panels.map(\.tensor)
    let values = try whole.network.values(of: names, at: [whole.inputName: input])
    var seeds: [TensorName: Tensor] = [:]
    var first = 0
    for (panel, value) in zip(panels, values) {
      let shown = panel.picture(value)
      let target = targets.bands(first..<first + panel.width)
      first += panel.width
      let difference = shown.minus(target)
      // Which element of the tensor each bin of the picture is.
      let places = panel.places
      let width = value.count / max(1, value.shape[0])
      seeds[panel.tensor] = difference.withUnsafeValues { difference in
        var seed = Tensor(value.shape)
        seed.withUnsafeMutableValues { seed in
          for row in 0..<value.shape[0] {
            for (bin, place) in places.enumerated() {
              seed[row * width + place] = difference[row * places.count + bin]
            }
          }
        }
        return seed
      }
    }
    let found = try whole.network.gradients(
      of: seeds, withRespectTo: [whole.inputName], at: [whole.inputName: input])
    return whole.patches(from: found.gradients[0])
  }
}

extension PicturePanel {
  /// For each bin of the picture, the element of a row that it is.
  fileprivate var places: [Int] {
    let count = row.reduce(1, *)
    func halves(_ part: (Int) -> Int) -> [Float] {
      picture(Tensor(Shape([1] + row), (0..<count).map { Float(part($0)) })).values
    }
    return zip(halves { $0 & 0xffff }, halves { $0 >> 16 }).map { Int($0) + Int($1) << 16 }
  }
}

extension Tensor {
  /// Some bands of `[rows, frames, bands]`.
  fileprivate func bands(_ range: Range<Int>) -> Tensor {
    let (count, width) = (shape[0] * shape[1], shape[2])
    return withUnsafeValues { values in
      Tensor(unsafeUninitialized: [shape[0], shape[1], range.count]) { result in
        for frame in 0..<count {
          for band in range {
            result[frame * range.count + band - range.lowerBound] = values[frame * width + band]
          }
        }
      }
    }
  }
}
