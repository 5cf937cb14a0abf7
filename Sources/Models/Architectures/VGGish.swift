import Graphs

extension ONNXNetworkBuilder {
  /// VGGish: six 3 x 3 convolutions in four blocks, dense layers of 4096, 4096 and 128. Hershey et al., 2017; TensorFlow
  /// Models, `audioset/vggish`.
  ///
  /// 72,141,184 parameters up to the tensor `embedding`; the classifier follows its ReLU, as in the 2017 file. The
  /// original draws all weights from `N(0, 0.01²)`, with which, without batch normalizations, signals fade to a
  /// millionth on their way: here as He et al., 2015.
  mutating func addVGGish(_ x: Value, classes: Int) throws -> Value {
    var map = x
    for (block, channels) in [[64], [128], [256, 256], [512, 512]].enumerated() {
      for (place, count) in channels.enumerated() {
        let name = channels.count == 1 ? "conv\(block + 1)" : "conv\(block + 1)_\(place + 1)"
        map = relu(try conv(map, name, count, kernel: [3, 3], padding: .same))
      }
      map = try maxPool(map, "pool\(block + 1)", kernel: [2, 2], padding: .same)
    }
    let hidden = relu(try dense(flatten(map), "fc1_1", 4096))
    let second = relu(try dense(hidden, "fc1_2", 4096))
    let embedding = try dense(second, "fc2", 128, output: "embedding")
    return try dense(relu(embedding), "classifier", classes, output: "logits")
  }
}
