package import Models
import Tensors

extension AudioModel {
  /// The question of a clip and a class: its picture, and what the model says of pictures like it.
  ///
  /// - Parameter removal: what bins become when they are taken away.
  /// - Throws: what the removal and the network throw.
  package func trial(of listening: Listening, _ target: Target, removal: Baseline) throws -> Trial {
    let x = listening.logMel.reshaped(to: Shape([1] + listening.logMel.shape.dimensions))
    @Sendable func column(_ matrix: Tensor) -> [Double] {
      matrix.withUnsafeValues { values in
        (0..<matrix.shape[0]).map { Double(values[$0 * matrix.shape[1] + target.index]) }
      }
    }
    return try Trial(
      x, nothing: removal.rows(like: x), probabilities: { column(try self.clipOutputs(at: $0).scores) },
      scores: { column(try self.clipOutputs(at: $0).logits) })
  }
}
