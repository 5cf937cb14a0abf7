import OneDNN
import Tensors

/// The steps that lead from a sound to its compressed spectrum, and from that to what a network is given, as
/// operators for graphs that are made, not read.
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

  /// A curve, and the derivative to take for it.
  package static func curve(
    _ value: @escaping @Sendable (Float) -> Float, slope: @escaping @Sendable (Float) -> Float
  ) -> any Operator {
    Pointwise.curve(value, slope: slope)
  }

  /// Of two operands, element by element; axes of extent 1 are stretched.
  package static var difference: any Operator { Binary(.subtract) }
  package static var product: any Operator { Binary(.multiply) }
  package static var quotient: any Operator { Binary(.divide) }
  package static var larger: any Operator { Binary(.maximum) }

  /// Axis `i` of the result is axis `axes[i]` of the operand.
  package static func transposed(_ axes: [Int]) -> any Operator { Transposition(axes: axes) }

  package static var squareRoot: any Operator { Activation(.sqrt, kind: "Sqrt") }

  /// `min(max(x, lowest), highest)`; its derivative is 0 outside.
  package static func clipped(from lowest: Float, to highest: Float) -> any Operator {
    Activation(.clip(lowest: lowest, highest: highest), kind: "Clip")
  }

  /// Another size of the last two axes of four: straight lines between the centres of places, or the place at
  /// `⌊i · old / new⌋`, as PyTorch's `interpolate(align_corners=False)`.
  package static func resized(to extents: [Int], nearest: Bool) -> any Operator {
    let target = ResampledAxes.Target.sizes(extents)
    if nearest {
      let axes = ResampledAxes(.asymmetric, axes: [2, 3], target: target, region: [])
      return NearestResampling(kind: "Resize", axes: axes, rounding: .down, extrapolation: 0)
    }
    let axes = ResampledAxes(.halfPixel, axes: [2, 3], target: target, region: [])
    return WeightedResampling(
      kind: "Resize", axes: axes, interpolation: .linear, excludesOutside: false, extrapolation: 0)
  }

  /// `max(x, lowest)`; its derivative is 0 up to there.
  package static func raised(to lowest: Float) -> any Operator {
    Activation(.clip(lowest: lowest, highest: .greatestFiniteMagnitude), kind: "Clip")
  }
}
