public import Tensors

/// A method that explains scores element by element of the input. The result is shaped as the input.
public protocol InputMethod: Sendable {
  func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor
}
