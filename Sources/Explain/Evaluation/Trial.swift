public import Tensors

/// A question whose answers, maps, can be judged: an input, what counts as nothing, and what the network says of inputs
/// like it.
public struct Trial: Sendable {
  /// One row: `[1, places…]`.
  public let x: Tensor
  /// Shaped as `x`: what bins become when they are taken away.
  public let nothing: Tensor
  /// What is reported for each row of inputs shaped as `x`: probabilities.
  public let probabilities: @Sendable (Tensor) throws -> [Double]
  /// What is explained for each row: logits.
  public let scores: @Sendable (Tensor) throws -> [Double]

  /// - Throws: `ExplainError.map` where `x` is not one row, or `nothing` not shaped as it.
  public init(
    _ x: Tensor, nothing: Tensor, probabilities: @escaping @Sendable (Tensor) throws -> [Double],
    scores: @escaping @Sendable (Tensor) throws -> [Double]
  ) throws {
    guard x.shape.dimensions.first == 1 else { throw ExplainError.map(expected: "one row", got: x.shape) }
    guard nothing.shape == x.shape else {
      throw ExplainError.map(expected: "a baseline of \(x.shape)", got: nothing.shape)
    }
    (self.x, self.nothing, self.probabilities, self.scores) = (x, nothing, probabilities, scores)
  }

  /// The values of a map of this input.
  ///
  /// - Throws: `ExplainError.map` where it has not one value for each place.
  func values(of map: Tensor) throws(ExplainError) -> [Float] {
    guard map.count == x.count else {
      throw .map(expected: "one value for each place of \(x.shape)", got: map.shape)
    }
    return map.values
  }

  /// The rows of `count` inputs, made in batches of a bounded size and asked about by `ask`.
  ///
  /// - Parameter fill: writes row `index`, which holds a copy of `x`.
  func asking(
    _ ask: (Tensor) throws -> [Double], _ count: Int,
    _ fill: (_ index: Int, _ row: UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> [Double] {
    let size = x.count
    let step = copiesAtOnce(ofRow: size, atMost: 64)
    var answers: [Double] = []
    for start in stride(from: 0, to: count, by: step) {
      let part = start..<min(start + step, count)
      let rows = x.withUnsafeValues { x in
        Tensor(unsafeUninitialized: Shape([part.count] + self.x.shape.dimensions.dropFirst())) { values in
          for (place, index) in part.enumerated() {
            let row = UnsafeMutableBufferPointer(rebasing: values[place * size..<(place + 1) * size])
            _ = row.update(fromContentsOf: x)
            fill(index, row)
          }
        }
      }
      answers += try ask(rows)
    }
    return answers
  }
}
