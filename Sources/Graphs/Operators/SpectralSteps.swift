import OneDNN
import Tensors

/// The steps that lead from a sound to its compressed spectrum, as operators for graphs that are made, not read.
package enum SpectralSteps {
  /// The one-sided transforms of frames of `length` samples `hop` apart: `[batch, frames, bins, 2]` of
  /// `[batch, samples, 1]` and a window.
  package static func transform(length: Int, hop: Int) -> any Operator {
    ShortTimeFourierTransform(step: hop, length: length, onesided: true)
  }

  /// `|X|` of real and imaginary parts along the last axis of four; its derivative is 0 where `X` is.
  package static var magnitude: any Operator { Reduction(.norm, axes: [3], keepsAxes: false) }

  /// `|X|²`, likewise.
  package static var power: any Operator { Reduction(.squareSum, axes: [3], keepsAxes: false) }

  /// `|x|`; its derivative is 0 at 0.
  package static var absolute: any Operator { Activation(.abs, kind: "Abs") }

  package static var square: any Operator { Activation(.square, kind: "Square") }

  /// Sums along the last axis, weighted by the columns of a matrix.
  package static var weightedSums: any Operator { MatrixProduct(kind: "MatMul") }

  package static var naturalLogarithm: any Operator { Activation(.log, kind: "Log") }

  /// `scale · x + shift`
  package static func linear(scale: Float, shift: Float = 0) -> any Operator {
    Activation(.linear(scale: scale, shift: shift), kind: "Linear")
  }

  /// `max(x, lowest)`; its derivative is 0 up to there.
  package static func raised(to lowest: Float) -> any Operator {
    Activation(.clip(lowest: lowest, highest: .greatestFiniteMagnitude), kind: "Clip")
  }
}
