import Audio
import Explain
package import Models
package import Tensors

/// What an ascent begins with.
package enum CanvasStart: Sendable, Hashable {
  /// Faint noise, another for each row.
  case noise
  case silence
  /// Mono samples at the model's rate.
  case sound([Float])
}

extension AudioModel {
  /// The pictures an ascent begins with, `[rows, frames, bands]`.
  ///
  /// Noise is of the basis' own colour, in the middle of the range, where real sounds are, too: near to silence most units of
  /// most networks have no gradient. Samples begin with noise 40 dB below full scale. The same seed draws the same numbers.
  package func startingPictures(
    _ start: CanvasStart, rows: Int, _ shape: CanvasShape, _ basis: PictureBasis,
    within range: ClosedRange<Float>,
    seed: UInt64
  ) throws -> Tensor {
    let width = range.upperBound - range.lowerBound
    let silence = try silentPicture(frames: shape.frames)
    func repeated(_ picture: Tensor) -> Tensor {
      Tensor(joining: [Tensor](repeating: picture.reshaped(to: shape.tensor(rows: 1)), count: rows))
    }
    switch start {
    case .silence: return repeated(silence)
    case .sound(let samples):
      let heard = try picture(of: samples)
      let known = min(heard.shape[0], shape.frames)
      let picture =
        known < shape.frames
        ? Tensor(joining: [heard.rows(0..<known), silence.rows(known..<shape.frames)]) : heard.rows(0..<known)
      return repeated(picture)
    case .noise:
      var normal = GaussianGenerator(seed: seed)
      let white = Tensor(unsafeUninitialized: shape.tensor(rows: rows)) { values in
        for place in values.indices { values[place] = normal.normal() }
      }
      let colored = basis.pictures(of: white, shape)
      let (level, deviation): (Float, Float) = hasPicture ? (0.45, 0.03) : (0.5, 0.005)
      return colored.mapped { noise in range.lowerBound + width * min(max(level + deviation * noise, 0), 1) }
    }
  }

  /// What digital silence is as a picture of so many frames, `[frames, bands]`.
  package func silentPicture(frames: Int) throws -> Tensor {
    let silence = try picture(of: [Float](repeating: 0, count: 2 * channelCount))
    let row = silence.rows(0..<1)
    guard silence.shape[0] < frames else { return silence.rows(0..<frames) }
    return Tensor(joining: [silence] + [Tensor](repeating: row, count: frames - silence.shape[0]))
  }
}
