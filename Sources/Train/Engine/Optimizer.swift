import Glibc
import OneDNN
package import Tensors

/// How weights `w` follow their gradients `g` at the learning rate `η`; each as PyTorch defines it.
public enum Optimizer: Sendable, Hashable, Codable {
  /// `g ← g + λ w`, `v ← μ v + g`, `w ← w − η v`; with Nesterov's momentum, `w ← w − η (g + μ v)`. `torch.optim.SGD`.
  case sgd(momentum: Float = 0.9, nesterov: Bool = false, weightDecay: Float = 0)
  /// `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`, `w ← w − η m̂ / (√v̂ + ε)` with `m̂ = m / (1 − β₁ᵗ)`,
  /// `v̂ = v / (1 − β₂ᵗ)`. Weight decay adds `λ w` to the gradient (`torch.optim.Adam`) or, decoupled, takes `η λ w` from
  /// the weights first (`torch.optim.AdamW`; Loshchilov and Hutter, 2019).
  case adam(
    beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0,
    isDecoupled: Bool = false)

  /// How many numbers it keeps for each weight.
  public var momentCount: Int {
    switch self {
    case .sgd(let momentum, _, _): momentum == 0 ? 0 : 1
    case .adam: 2
    }
  }

  /// A step of `weights` along their gradients.
  ///
  /// - Parameters:
  ///   - moments: what it keeps, as many tensors as `momentCount`, zeros before the first step.
  ///   - scale: what gradients are multiplied with first.
  ///   - step: from 1.
  ///   - threads: to share the work among.
  package func update(
    _ weights: inout Tensor, along gradient: UnsafeBufferPointer<Float>, moments: inout [Tensor],
    rate: Float, scale: Float, step: Int, threads: Int
  ) {
    let count = weights.count
    guard count > 0, let g = gradient.baseAddress else { return }
    let m = moments.isEmpty ? nil : moments[0].withUnsafeMutableValues { $0.baseAddress }
    let v = moments.count < 2 ? nil : moments[1].withUnsafeMutableValues { $0.baseAddress }
    weights.withUnsafeMutableValues { values in
      guard let w = values.baseAddress else { return }
      let chunks = (count + Self.chunk - 1) / Self.chunk
      let lanes = min(threads, chunks)
      func take(_ lane: Int) {
        let range = lane * chunks / lanes * Self.chunk..<min(count, (lane + 1) * chunks / lanes * Self.chunk)
        switch self {
        case .sgd(let momentum, let nesterov, let decay):
          Self.descend(range, w, g, m, rate, scale, momentum, nesterov, decay)
        case .adam(let beta1, let beta2, let epsilon, let decay, let isDecoupled):
          guard let m, let v else { return }
          let corrections = (1 - pow(Double(beta1), Double(step)), 1 - pow(Double(beta2), Double(step)))
          Self.adapt(
            range, w, g, m, v, rate: Float(Double(rate) / corrections.0),
            root: Float(1 / corrections.1.squareRoot()), scale, beta1, beta2, epsilon,
            added: isDecoupled ? 0 : decay, kept: isDecoupled ? 1 - rate * decay : 1)
        }
      }
      guard lanes > 1 else { return take(0) }
      Engine.share(lanes, take)
    }
  }

  private static let chunk = 1 << 14

  @inline(never)
  private static func descend(
    _ range: Range<Int>, _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>?, _ rate: Float, _ scale: Float, _ momentum: Float, _ nesterov: Bool,
    _ decay: Float
  ) {
    guard let m else {
      for i in range { w[i] -= rate * (g[i] * scale + decay * w[i]) }
      return
    }
    if nesterov {
      for i in range {
        let slope = g[i] * scale + decay * w[i]
        let kept = momentum * m[i] + slope
        m[i] = kept
        w[i] -= rate * (slope + momentum * kept)
      }
    } else {
      for i in range {
        let kept = momentum * m[i] + (g[i] * scale + decay * w[i])
        m[i] = kept
        w[i] -= rate * kept
      }
    }
  }

  @inline(never)
  private static func adapt(
    _ range: Range<Int>, _ w: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, rate: Float, root: Float,
    _ scale: Float, _ beta1: Float, _ beta2: Float, _ epsilon: Float, added: Float, kept: Float
  ) {
    for i in range {
      let slope = g[i] * scale + added * w[i]
      let first = beta1 * m[i] + (1 - beta1) * slope
      let second = beta2 * v[i] + (1 - beta2) * slope * slope
      m[i] = first
      v[i] = second
      w[i] = kept * w[i] - rate * first / (second.squareRoot() * root + epsilon)
    }
  }
}
