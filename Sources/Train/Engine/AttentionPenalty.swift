package import Graphs
package import Tensors

extension TrainingStep {
  /// The gradient of a penalty on evidence outside of annotated regions, "right for the right reasons":
  ///
  /// `λ/N Σ_n Σ_i (A[n, i] ∂/∂x[n, i] Σ_k log p[n, k])²`, with `A` 1 outside. Ross, Hughes and Doshi-Velez, IJCAI 2017.
  ///
  /// Its gradient with respect to the weights `θ` is a derivative along a direction: with `g = ∂/∂x Σ_k log p_k` and
  /// `v = 2 λ/N A² g` held fast, `∂/∂θ (v · g) = d/dε ∂/∂θ Σ log p (x + ε v)`, taken as a central difference. That needs
  /// three backward passes and no second derivatives of any layer; the step is small against the batch, and a rectifier
  /// that changes sides within it changes its share by as much as the step.
  ///
  /// - Returns: by parameter.
  package func attentionPenalty(
    _ batch: Tensor, outside: Tensor, strength: Double, seed: UInt64
  ) throws -> [TensorName: Tensor] {
    let rows = batch.shape[0]
    let g = try inputGradient(batch, seed: seed)
    let factor = Float(2 * strength / Double(rows))
    let v = Tensor(
      unsafeUninitialized: batch.shape
    ) { result in
      g.withUnsafeValues { g in
        outside.withUnsafeValues { outside in
          for place in result.indices { result[place] = factor * outside[place] * outside[place] * g[place] }
        }
      }
    }
    let (size, length) = (norm(batch), norm(v))
    guard length > 0, size > 0 else { return [:] }
    let epsilon = Float(1e-3 * size / length)
    let sides = try [epsilon, -epsilon].map { step in
      try sumGradients(moved(batch, along: v, by: step), seed: seed)
    }
    return sides[0].reduce(into: [:]) { result, entry in
      guard let other = sides[1][entry.key] else { return }
      // The loss is −Σ log p, so is its gradient along −g: both signs cancel.
      result[entry.key] = Tensor(
        entry.value.shape, zip(entry.value.values, other.values).map { ($0 - $1) / (2 * epsilon) })
    }
  }

  private func moved(_ batch: Tensor, along v: Tensor, by step: Float) -> Tensor {
    Tensor(unsafeUninitialized: batch.shape) { result in
      batch.withUnsafeValues { batch in
        v.withUnsafeValues { v in
          for place in result.indices { result[place] = batch[place] + step * v[place] }
        }
      }
    }
  }

  private func norm(_ tensor: Tensor) -> Double {
    tensor.withUnsafeValues { $0.reduce(0.0) { $0 + Double($1) * Double($1) } }.squareRoot()
  }
}
