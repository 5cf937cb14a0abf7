import Glibc

/// How the learning rate goes through a training: a factor at each step, behind a linear warm-up.
public struct Schedule: Sendable, Hashable, Codable {
  public enum Course: Sendable, Hashable, Codable {
    case constant
    /// `½ (1 + cos π s)`, with `s` the share of the training that is over. Loshchilov and Hutter, 2017.
    case cosine
    /// `factor` once more after every so many epochs.
    case steps(epochs: Int, factor: Double)
    /// `1 / (1 + decay · step)`: Keras' learning rate decay.
    case inverse(decay: Double)
  }

  public var course: Course
  /// Over which the rate rises from 0, in epochs.
  public var warmUp: Double

  public init(_ course: Course = .constant, warmUp: Double = 0) {
    (self.course, self.warmUp) = (course, warmUp)
  }

  /// What the learning rate is multiplied with at step `step` (from 0) of `epochs` epochs of so many steps.
  public func factor(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
    let epoch = Double(step) / Double(max(1, stepsPerEpoch))
    let rise = warmUp > 0 ? min(1, Double(step + 1) / (warmUp * Double(stepsPerEpoch))) : 1
    switch course {
    case .constant: return rise
    case .cosine:
      let share = (epoch - warmUp) / max(1e-9, Double(epochs) - warmUp)
      return rise * 0.5 * (1 + cos(.pi * min(1, max(0, share))))
    case .steps(let every, let factor):
      return rise * pow(factor, (epoch / Double(max(1, every))).rounded(.down))
    case .inverse(let decay): return rise / (1 + decay * Double(step))
    }
  }
}
