public import Tensors

/// A method that explains scores by gradients with respect to the input. The result is shaped as the input.
public protocol GradientMethod: Sendable {
  func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor
}
