import Graphs

extension ONNXNetworkBuilder {
  /// MobileNetV1 of Howard et al., 2017: one convolution, then thirteen of a filter for each channel followed by a mix of
  /// channels. YAMNet is this network with 521 sigmoids.
  ///
  /// 4,253,864 parameters for three channels and 1000 classes, running statistics counted, as Keras counts.
  mutating func addMobileNetV1(_ x: Value, classes: Int) throws -> Value {
    func normalised(_ map: Value, _ name: String) throws -> Value {
      relu(try batchNormalization(map, name, epsilon: 1e-3, momentum: 0.99))
    }
    var map = try conv(
      x, "conv1", 32, kernel: [3, 3], strides: [2, 2], padding: .same, hasBias: false, weights: .glorotUniform
    )
    map = try normalised(map, "bn1")
    let wide = [(512, 2)] + [(Int, Int)](repeating: (512, 1), count: 5)
    for (place, (channels, stride))
      in ([(64, 1), (128, 2), (128, 1), (256, 2), (256, 1)] + wide + [(1024, 2), (1024, 1)]).enumerated()
    {
      let name = "layer\(place + 1)"
      map = try conv(
        map, "\(name).depthwise", map.extents[0], kernel: [3, 3], strides: [stride, stride], padding: .same,
        groups: map.extents[0], hasBias: false, weights: .glorotUniform)
      map = try normalised(map, "\(name).bn1")
      map = try conv(
        map, "\(name).pointwise", channels, kernel: [1, 1], hasBias: false, weights: .glorotUniform)
      map = try normalised(map, "\(name).bn2")
    }
    return try dense(
      flatten(globalAveragePool(map)), "classifier", classes, output: "logits", weights: .glorotUniform)
  }

  /// MobileNetV2 of Sandler et al., CVPR 2018, as torchvision has it, names of weights and way of drawing them alike.
  ///
  /// 3,504,872 parameters for three channels and 1000 classes, the running statistics apart.
  mutating func addMobileNetV2(_ x: Value, classes: Int) throws -> Value {
    var map = try addBlockLayer(x, "features.0.0", "features.0.1", 32, kernel: 3, stride: 2)
    var number = 1
    // Growth, channels, blocks, stride of the first.
    for (growth, channels, count, stride) in [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ] {
      for block in 0..<count {
        map = try addInvertedBlock(
          map, "features.\(number)", growth: growth, channels, stride: block == 0 ? stride : 1)
        number += 1
      }
    }
    map = try addBlockLayer(map, "features.18.0", "features.18.1", 1280, kernel: 1, stride: 1)
    let features = try dropout(flatten(globalAveragePool(map)), "classifier.0", ratio: 0.2)
    return try dense(features, "classifier.1", classes, output: "logits", weights: .normal(deviation: 0.01))
  }

  private mutating func addInvertedBlock(
    _ x: Value, _ name: String, growth: Int, _ channels: Int, stride: Int
  ) throws -> Value {
    var (map, part) = (x, 0)
    if growth > 1 {
      map = try addBlockLayer(
        map, "\(name).conv.0.0", "\(name).conv.0.1", growth * x.extents[0], kernel: 1, stride: 1)
      part = 1
    }
    map = try addBlockLayer(
      map, "\(name).conv.\(part).0", "\(name).conv.\(part).1", map.extents[0], kernel: 3, stride: stride,
      groups: map.extents[0])
    map = try conv(
      map, "\(name).conv.\(part + 1)", channels, kernel: [1, 1], hasBias: false, weights: .heNormalOfResults)
    map = try batchNormalization(map, "\(name).conv.\(part + 2)", epsilon: 1e-5, momentum: 0.9)
    return x.extents == map.extents ? sum(x, map, "\(name).sum") : map
  }

  /// A convolution, batch normalization and ReLU6.
  private mutating func addBlockLayer(
    _ x: Value, _ name: String, _ normalization: String, _ channels: Int, kernel: Int, stride: Int,
    groups: Int = 1
  ) throws -> Value {
    let map = try conv(
      x, name, channels, kernel: [kernel, kernel], strides: [stride, stride],
      padding: .both([kernel / 2, kernel / 2]), groups: groups, hasBias: false, weights: .heNormalOfResults)
    return try relu6(try batchNormalization(map, normalization, epsilon: 1e-5, momentum: 0.9))
  }
}
