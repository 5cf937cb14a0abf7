import Glibc
package import Tensors

/// How the weights of a layer are drawn before training.
///
/// `in` and `out` are the sums and the results that a weight takes part in: `in = channels read / groups · places`, and
/// `out = channels made · places`, places those of the kernel. He et al., 2015; Glorot and Bengio, 2010.
public enum WeightInitialization: Sendable, Hashable {
  /// `N(0, 2 / in)`: PyTorch's `kaiming_normal_`, Keras' `he_normal` without its cut at two deviations.
  case heNormal
  /// `N(0, 2 / out)`: PyTorch's `kaiming_normal_` with `fan_out`, as torchvision draws ResNets and MobileNets.
  case heNormalOfResults
  /// `U(±√(6 / in))`
  case heUniform
  /// `U(±√(6 / (in + out)))`: what Keras draws where nothing says.
  case glorotUniform
  /// `N(0, 1 / in)`
  case lecunNormal
  /// `U(±1/√in)`: what PyTorch draws where nothing says, for weights and biases.
  case pyTorch
  /// `N(0, deviation²)`
  case normal(deviation: Float)
  case zeros

  /// Values for a weight `[out, in / groups, places…]`.
  ///
  /// They depend on the seed and the name only, so that a change of one layer leaves the others as they were.
  package func values(_ shape: Shape, named name: TensorName, seed: UInt64) -> Tensor {
    let places = shape.dimensions.dropFirst(2).reduce(1, *)
    let fanIn = Float(shape.rank > 1 ? shape[1] * places : 1)
    let fanOut = Float(shape.rank > 0 ? shape[0] * places : 1)
    let draw = Draw(name, seed: seed)
    return switch self {
    case .heNormal: draw.normal(shape, sqrtf(2 / fanIn))
    case .heNormalOfResults: draw.normal(shape, sqrtf(2 / fanOut))
    case .heUniform: draw.uniform(shape, sqrtf(6 / fanIn))
    case .glorotUniform: draw.uniform(shape, sqrtf(6 / (fanIn + fanOut)))
    case .lecunNormal: draw.normal(shape, sqrtf(1 / fanIn))
    case .pyTorch: draw.uniform(shape, 1 / sqrtf(fanIn))
    case .normal(let deviation): draw.normal(shape, deviation)
    case .zeros: Tensor(shape)
    }
  }

  /// Values for the bias of a layer whose weights have the shape `weights`: PyTorch draws it as the weights, others begin
  /// with zeros.
  package func bias(_ weights: Shape, named name: TensorName, seed: UInt64) -> Tensor {
    guard self == .pyTorch else { return Tensor([weights[0]]) }
    let fanIn = weights.dimensions.dropFirst().reduce(1, *)
    return Draw(name, seed: seed).uniform([weights[0]], 1 / sqrtf(Float(fanIn)))
  }

  /// Random numbers of one weight.
  private struct Draw {
    private let seed: UInt64

    init(_ name: TensorName, seed: UInt64) {
      var hash = FNV1a()
      for byte in name.utf8 { hash.add(UInt64(byte)) }
      self.seed = SplitMix64.mixed(seed &+ hash.fingerprint)
    }

    func normal(_ shape: Shape, _ deviation: Float) -> Tensor {
      Tensor(unsafeUninitialized: shape) { values in
        var generator = GaussianGenerator(seed: seed)
        generator.fill(values)
        for place in values.indices { values[place] *= deviation }
      }
    }

    func uniform(_ shape: Shape, _ bound: Float) -> Tensor {
      Tensor(unsafeUninitialized: shape) { values in
        var bits = SplitMix64(seed: seed)
        for place in values.indices {
          values[place] = bound * (Float(bits.next() >> 40) * 0x1p-23 - 1)
        }
      }
    }
  }
}
