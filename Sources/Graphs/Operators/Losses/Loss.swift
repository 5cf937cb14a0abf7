import Glibc

/// What a classifier is trained to make small, for one example with logits `x[c]`, targets `t[c]` of 0 to 1 and weights
/// `w[c]` of the classes.
public enum Loss: Sendable, Hashable, Codable {
  /// `−Σ_c w[c] t[c] log p[c]` with `p = softmax(x)`: one class an example, or shares of several.
  case crossEntropy
  /// `−1/C Σ_c w[c] (t[c] log σ(x[c]) + (1 − t[c]) log(1 − σ(x[c])))`: each class for itself.
  case binaryCrossEntropy
  /// `−Σ_c w[c] t[c] (1 − p[c])^γ log p[c]` with `p = softmax(x)`: examples that are right already count less. Lin et al.,
  /// ICCV 2017, for several classes.
  case focal(gamma: Float)
  /// `1/C Σ_c w[c] (1 − q[c])^γ b[c]`, where `b[c]` is the binary cross-entropy and `q[c] = t σ(x) + (1 − t)(1 − σ(x))`:
  /// Lin et al., each class for itself.
  case binaryFocal(gamma: Float)

  /// The loss of one example, and its gradient with respect to the logits, times `seed`.
  ///
  /// In double precision: there are few logits, and the loss is what is watched.
  func evaluate(
    _ logits: UnsafePointer<Float>, _ targets: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
    _ count: Int, seed: Double, gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    switch self {
    case .crossEntropy: overClasses(0, logits, targets, weights, count, seed, gradient)
    case .focal(let gamma): overClasses(Double(gamma), logits, targets, weights, count, seed, gradient)
    case .binaryCrossEntropy: byClass(0, logits, targets, weights, count, seed, gradient)
    case .binaryFocal(let gamma): byClass(Double(gamma), logits, targets, weights, count, seed, gradient)
    }
  }

  /// With `f(p) = −(1 − p)^γ log p`: `∂L/∂x[k] = Σ_c w[c] t[c] f′(p[c]) p[c] ([c = k] − p[k])`.
  private func overClasses(
    _ gamma: Double, _ logits: UnsafePointer<Float>, _ targets: UnsafePointer<Float>,
    _ weights: UnsafePointer<Float>, _ count: Int, _ seed: Double, _ gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    var highest = -Double.infinity
    for c in 0..<count { highest = max(highest, Double(logits[c])) }
    var sum = 0.0
    for c in 0..<count { sum += exp(Double(logits[c]) - highest) }
    let logSum = highest + log(sum)
    var (loss, pull) = (0.0, 0.0)
    /// `w t f′(p) p`
    func slope(_ c: Int, _ logP: Double) -> Double {
      let weight = Double(weights[c]) * Double(targets[c])
      guard gamma != 0 else { return -weight }
      let p = exp(logP)
      let rest = max(0, 1 - p)
      guard rest > 0 else { return 0 }
      return weight * (gamma * pow(rest, gamma - 1) * p * logP - pow(rest, gamma))
    }
    for c in 0..<count where targets[c] != 0 {
      let logP = Double(logits[c]) - logSum
      let weight = Double(weights[c]) * Double(targets[c])
      loss -= weight * logP * (gamma == 0 ? 1 : pow(max(0, 1 - exp(logP)), gamma))
      pull += slope(c, logP)
    }
    guard let gradient else { return loss }
    for k in 0..<count {
      let logP = Double(logits[k]) - logSum
      let own = targets[k] == 0 ? 0 : slope(k, logP)
      gradient[k] = Float(seed * (own - pull * exp(logP)))
    }
    return loss
  }

  /// With `s = log(1 + e^(−|x|))`: `−log σ(x) = max(0, −x) + s`, which is exact for large logits.
  private func byClass(
    _ gamma: Double, _ logits: UnsafePointer<Float>, _ targets: UnsafePointer<Float>,
    _ weights: UnsafePointer<Float>, _ count: Int, _ seed: Double, _ gradient: UnsafeMutablePointer<Float>?
  ) -> Double {
    var loss = 0.0
    for c in 0..<count {
      let (x, t) = (Double(logits[c]), Double(targets[c]))
      let weight = Double(weights[c]) / Double(count)
      let entropy = max(0, x) - t * x + log1p(exp(-abs(x)))
      let p = 1 / (1 + exp(-x))
      if gamma == 0 {
        loss += weight * entropy
        gradient?[c] = Float(seed * weight * (p - t))
      } else {
        let rest = max(0, 1 - (t * p + (1 - t) * (1 - p)))
        loss += weight * pow(rest, gamma) * entropy
        let falling = rest > 0 ? gamma * pow(rest, gamma - 1) * (1 - 2 * t) * p * (1 - p) * entropy : 0
        gradient?[c] = Float(seed * weight * (falling + pow(rest, gamma) * (p - t)))
      }
    }
    return loss
  }
}
