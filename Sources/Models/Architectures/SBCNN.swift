import Graphs

/// Networks of valid 5 x 5 and 6 x 6 convolutions: SB-CNN, and the two towers of TL-IMINET that it became.
extension ONNXNetworkBuilder {
  /// SB-CNN: three convolutions, two poolings of (4, 2) frames and bands, a dense layer of 64. Salamon and Bello, IEEE
  /// Signal Processing Letters, 2017.
  ///
  /// 241,434 parameters for 10 classes.
  mutating func addSBCNN(_ x: Value, classes: Int) throws -> Value {
    var map = relu(try conv(x, "conv1", 24, kernel: [5, 5], weights: .glorotUniform))
    map = try maxPool(map, "pool1", kernel: [4, 2])
    map = relu(try conv(map, "conv2", 48, kernel: [5, 5], weights: .glorotUniform))
    map = try maxPool(map, "pool2", kernel: [4, 2])
    map = relu(try conv(map, "conv3", 48, kernel: [5, 5], weights: .glorotUniform))
    let first = try dropout(flatten(map), "dropout1", ratio: 0.5)
    let hidden = relu(try dense(first, "fc1", 64, weights: .glorotUniform))
    return try dense(
      try dropout(hidden, "dropout2", ratio: 0.5), "fc2", classes, output: "logits", weights: .glorotUniform)
  }

  /// TL-IMINET's tower of vocal imitations, with the head of its training on languages: a dense layer of 256. Zhang, Pardo
  /// and Duan, 2019; interactiveaudiolab/Siamese-Vocal-Imitations.
  ///
  /// 167,760 parameters of convolutions, batch normalizations apart.
  mutating func addImitationTower(_ x: Value, classes: Int) throws -> Value {
    var map = try addTowerLayer(x, 1, 48, [6, 6], pool: [2, 2])
    map = try addTowerLayer(map, 2, 48, [6, 6], pool: [2, 2])
    map = try addTowerLayer(map, 3, 48, [6, 6], pool: [2, 1])
    let hidden = relu(try dense(flatten(map), "fc1", 256, weights: .glorotUniform))
    return try dense(hidden, "fc2", classes, output: "logits", weights: .glorotUniform)
  }

  /// TL-IMINET's tower of recordings, with the head of its training on UrbanSound8K: SB-CNN with batch normalizations.
  ///
  /// 87,120 parameters of convolutions, batch normalizations apart.
  mutating func addRecordingTower(_ x: Value, classes: Int) throws -> Value {
    var map = try addTowerLayer(x, 1, 24, [5, 5], pool: [4, 2])
    map = try addTowerLayer(map, 2, 48, [5, 5], pool: [4, 2])
    map = try addTowerLayer(map, 3, 48, [5, 5], pool: nil)
    let first = try dropout(flatten(map), "dropout1", ratio: 0.5)
    let hidden = relu(try dense(first, "fc1", 64, weights: .glorotUniform))
    return try dense(
      try dropout(hidden, "dropout2", ratio: 0.5), "fc2", classes, output: "logits", weights: .glorotUniform)
  }

  private mutating func addTowerLayer(
    _ x: Value, _ number: Int, _ channels: Int, _ kernel: [Int], pool: [Int]?
  ) throws -> Value {
    let map = try conv(x, "conv\(number)", channels, kernel: kernel, weights: .glorotUniform)
    let activated = relu(try batchNormalization(map, "bn\(number)", epsilon: 1e-3, momentum: 0.99))
    return try pool.map { try maxPool(activated, "pool\(number)", kernel: $0) } ?? activated
  }
}
