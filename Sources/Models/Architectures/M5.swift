import Graphs

extension ONNXNetworkBuilder {
  /// M5: four convolutions on the samples themselves, each with batch normalization, ReLU and a pooling of 4. Dai et al.,
  /// ICASSP 2017.
  ///
  /// 559,114 parameters for 10 classes, the running statistics apart; the paper says 0.5 million.
  mutating func addM5(_ x: Value, classes: Int) throws -> Value {
    var map = x
    for (place, (channels, kernel)) in [(128, 80), (128, 3), (256, 3), (512, 3)].enumerated() {
      let number = place + 1
      map = try conv(
        map, "conv\(number)", channels, kernel: [kernel], strides: [place == 0 ? 4 : 1], padding: .same,
        weights: .glorotUniform)
      map = relu(try batchNormalization(map, "bn\(number)", epsilon: 1e-5, momentum: 0.9))
      map = try maxPool(map, "pool\(number)", kernel: [4])
    }
    return try dense(
      flatten(globalAveragePool(map)), "fc", classes, output: "logits", weights: .glorotUniform)
  }
}
