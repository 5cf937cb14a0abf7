public import Audio
public import Tensors

/// A front end that knows its derivative, on rows of a batch: from samples or magnitudes to the picture, and back from
/// gradients with respect to the picture to those with respect to what it was made of.
///
/// `FrontEnd.pullback` does the work; rows are computed one after another, the frames of each on several threads.
public struct DifferentiableFrontEnd: Sendable {
  /// What the picture is a function of.
  public enum Source: Sendable, Hashable {
    /// `[rows, samples]`, mono at the front end's rate; the tail rule's padding is added here.
    case samples
    /// `[rows, frames, bins]`, as `FrontEnd.magnitudes`. A negative one counts as its magnitude.
    case magnitudes
  }

  public let frontEnd: FrontEnd
  public let source: Source

  /// - Parameters:
  ///   - threads: ignored; `ComputeThreads` says how many compute.
  ///   - memory: ignored; a row needs that of a few pictures.
  public init(_ frontEnd: FrontEnd, from source: Source, threads: Int, memory: Int? = nil) throws {
    (self.frontEnd, self.source) = (frontEnd, source)
  }

  /// The pictures of all rows, `[rows, frames, bands]`: as `FrontEnd.logMel`.
  public func logMel(of x: Tensor) throws -> Tensor {
    joined(x.shape[0]) { row in
      switch source {
      case .samples: frontEnd.logMel(samples(row, of: x))
      case .magnitudes: frontEnd.logMel(magnitudes: magnitudes(row, of: x))
      }
    }
  }

  /// `Σ gradient · ∂picture/∂x` for each row of `x`: the vector-Jacobian product, shaped as `x`.
  ///
  /// Where a derivative is beyond what single precision can hold, which takes a compression of some 10³⁸ a unit, it
  /// is 0.
  ///
  /// - Parameter gradient: with respect to the picture, `[rows, frames, bands]`.
  public func pullback(_ gradient: Tensor, at x: Tensor) throws -> Tensor {
    joined(x.shape[0]) { row in
      let part = gradient.rows(row..<row + 1).reshaped(to: [gradient.shape[1], gradient.shape[2]])
      return switch source {
      case .samples: frontEnd.pullback(part, at: samples(row, of: x))
      case .magnitudes: frontEnd.pullback(part, atMagnitudes: magnitudes(row, of: x))
      }
    }
  }

  private func samples(_ row: Int, of x: Tensor) -> [Float] { x.rows(row..<row + 1).values }

  private func magnitudes(_ row: Int, of x: Tensor) -> Tensor {
    x.rows(row..<row + 1).reshaped(to: [x.shape[1], x.shape[2]])
  }

  private func joined(_ rows: Int, _ make: (Int) -> Tensor) -> Tensor {
    Tensor(
      joining: (0..<rows).map { row in
        let part = make(row)
        return part.reshaped(to: Shape([1] + part.shape.dimensions))
      })
  }
}
