import Graphs

/// Choi's fully convolutional taggers.
extension ONNXNetworkBuilder {
  /// FCN-4: 3 x 3 convolutions of 128, 384, 768 and 2048 channels, each with batch normalization, ReLU, pooling and
  /// dropout. Choi, Fazekas and Sandler, ISMIR 2016.
  ///
  /// 17,365,938 parameters for 50 tags, the running statistics apart.
  mutating func addFCN4(_ x: Value, classes: Int) throws -> Value {
    var map = x
    for (place, (channels, pool)) in zip([128, 384, 768, 2048], [[4, 2], [5, 4], [8, 3], [8, 4]]).enumerated()
    {
      let number = place + 1
      map = try conv(map, "conv\(number)", channels, kernel: [3, 3], padding: .same)
      map = relu(try batchNormalization(map, "bn\(number)", epsilon: 1e-3, momentum: 0.99))
      map = try maxPool(map, "pool\(number)", kernel: fitting(pool, map))
      map = try dropout(map, "dropout\(number)", ratio: 0.5)
    }
    return try dense(flatten(map), "fc", classes, output: "logits", weights: .glorotUniform)
  }

  /// The released "MusicTaggerCNN": five 3 x 3 convolutions of 32, 128, 128, 192 and 256 channels, as its weights have
  /// them. A batch normalization of the input runs over time. keunwoochoi/music-auto_tagging-keras.
  ///
  /// 865,950 parameters for 50 tags, the running statistics apart.
  mutating func addMusicTaggerCNN(_ x: Value, classes: Int) throws -> Value {
    // Frames as channels, and back.
    let turned = transpose(x, "frames first", [1, 0, 2])
    let normal = try batchNormalization(turned, "bn0", epsilon: 1e-3, momentum: 0.99)
    var map = transpose(normal, "channels first", [1, 0, 2])
    let pools = [[4, 2], [4, 2], [4, 2], [5, 3], [4, 4]]
    for (place, (channels, pool)) in zip([32, 128, 128, 192, 256], pools).enumerated() {
      let number = place + 1
      map = try conv(
        map, "conv\(number)", channels, kernel: [3, 3], padding: .same, weights: .glorotUniform)
      map = elu(try batchNormalization(map, "bn\(number)", epsilon: 1e-3, momentum: 0.99))
      map = try maxPool(map, "pool\(number)", kernel: fitting(pool, map))
    }
    return try dense(flatten(map), "fc", classes, output: "logits", weights: .glorotUniform)
  }

  /// A window no larger than the map: for patches shorter than the published ones.
  func fitting(_ window: [Int], _ x: Value) -> [Int] {
    zip(window, x.extents.dropFirst()).map { min($0, $1) }
  }
}
