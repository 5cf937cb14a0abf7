import Tensors

/// Numbers from -1 to 1 that are the same each time.
func noise(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
  var generator = SplitMix64(seed: seed)
  return Tensor(shape, (0..<shape.count).map { _ in Float.random(in: -1...1, using: &generator) })
}
