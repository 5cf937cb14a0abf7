public import Tensors

/// A method that explains scores element by element of the input. The result is shaped as the input.
public protocol InputMethod: Sendable {
  /// The attribution of each row of `x`, which does not depend on the other rows.
  func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor

  /// Whether it is made of one gradient, so that it can be averaged over noise.
  var isOfGradients: Bool { get }

  /// Whether all it asks a score for are scores and gradients, and it takes the input for mere numbers: then it explains
  /// sounds in every domain.
  var asksForGradientsOnly: Bool { get }

  /// Whether it begins from, or puts in, what counts as nothing.
  var usesBaseline: Bool { get }

  /// What decides the result for the clip `x`, by name, for reports.
  func parameters(at x: Tensor) -> [(name: String, value: String)]
}

extension InputMethod {
  public var isOfGradients: Bool { false }
  public var asksForGradientsOnly: Bool { isOfGradients }
  public var usesBaseline: Bool { false }
  public func parameters(at x: Tensor) -> [(name: String, value: String)] { [] }
}

extension Tensor {
  /// What `body` makes of each row, joined; itself if it has no rows.
  func eachRow(_ body: (_ index: Int, _ row: Tensor) throws -> Tensor) rethrows -> Tensor {
    let rows = shape.dimensions.first ?? 0
    guard rows > 0 else { return self }
    return Tensor(joining: try (0..<rows).map { try body($0, self.rows($0..<$0 + 1)) })
  }

  /// `a · b`, element by element.
  func times(_ other: Tensor) -> Tensor {
    withUnsafeValues { a in
      other.withUnsafeValues { b in
        Tensor(unsafeUninitialized: shape) { result in
          for place in result.indices { result[place] = a[place] * b[place] }
        }
      }
    }
  }
}
