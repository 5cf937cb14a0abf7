import Graphs

/// Pons' musically motivated networks: filters as tall as timbres and as wide as rhythms.
extension ONNXNetworkBuilder {
  /// MM-CNN: six convolutions side by side, each with batch normalization and ELU. Pons, Slizovskaia et al., EUSIPCO
  /// 2017; Veleslavia/EUSIPCO2017, kernels as the released weights have them.
  ///
  /// For 11 classes, running statistics counted: 62,763 parameters with a single layer, 743,723 with more.
  mutating func addMMCNN(_ x: Value, classes: Int, isMultiLayer: Bool) throws -> Value {
    var maps: [Value] = []
    for (channels, height, width) in [
      (128, 5, 1), (64, 5, 3), (32, 5, 5), (128, 80, 1), (64, 80, 3), (32, 80, 5),
    ] {
      let name = "conv1_\(height)x\(width)"
      let map = try conv(x, name, channels, kernel: [width, height], padding: .same)
      maps.append(elu(try addNormalization(map, "bn1_\(height)x\(width)")))
    }
    // Pooling each alone needs less memory than pooling all together.
    let window = isMultiLayer ? [32, 24] : [32, 96]
    let pooled = try maps.map { try maxPool($0, "\($0.name).pool", kernel: fitting(window, $0)) }
    var map = concat(pooled, "pool1")
    if isMultiLayer {
      for number in 2...3 {
        let dropped = try dropout(map, "dropout\(number - 1)", ratio: 0.25)
        let made = try conv(dropped, "conv\(number)", 128, kernel: [3, 3], padding: .same)
        let active = elu(try addNormalization(made, "bn\(number)"))
        map = try maxPool(active, "pool\(number)", kernel: fitting([2, 2], active))
      }
      let hidden = try dropout(flatten(map), "dropout3", ratio: 0.5)
      map = elu(try dense(hidden, "fc1", 256))
    }
    let features = try dropout(
      isMultiLayer ? map : flatten(map), isMultiLayer ? "dropout4" : "dropout", ratio: 0.5)
    return try dense(features, isMultiLayer ? "fc2" : "fc", classes, output: "logits")
  }

  /// musicnn: timbral and temporal convolutions, the largest over all bands, three convolutions over time with residual
  /// sums, statistics over time, a dense layer of 200. Pons and Serra, 2019; jordipons/musicnn, `MTT_musicnn`.
  ///
  /// 787,159 parameters for 50 tags, the running statistics apart.
  mutating func addMusicnn(_ x: Value, classes: Int) throws -> Value {
    let (frames, bands) = (x.extents[1], x.extents[2])
    let normal = try addNormalization(x, "bn0")
    var parts: [Value] = []
    for (share, height) in [(4, bands * 4 / 10), (7, bands * 7 / 10)] {
      // Padded in time, not in frequency.
      let map = try conv(
        normal, "timbral\(share)", 204, kernel: [7, height], padding: .both([3, 0]), weights: .glorotUniform)
      parts.append(try addTallest(map))
    }
    for width in [128, 64, 32] {
      let map = try conv(
        normal, "temporal\(width)", 51, kernel: [width, 1], padding: .same, weights: .glorotUniform)
      parts.append(try addTallest(map))
    }
    var levels = [concat(parts, "front")]
    for number in 1...3 {
      let below = levels[levels.count - 1]
      let map = try conv(
        below, "mid\(number)", 64, kernel: [7, 1], padding: .both([3, 0]), weights: .glorotUniform)
      let made = try addNormalization(relu(map), "mid\(number).bn")
      levels.append(number == 1 ? made : sum(made, below, "mid\(number).sum"))
    }
    let all = concat(levels, "mid")
    let largest = try maxPool(all, "largest", kernel: [frames, 1])
    let statistics = concat([largest, globalAveragePool(all, "mean")], "statistics")
    let first = try dropout(try addNormalization(flatten(statistics), "bn1"), "dropout1", ratio: 0.5)
    let hidden = try addNormalization(relu(try dense(first, "fc1", 200, weights: .glorotUniform)), "bn2")
    return try dense(
      try dropout(hidden, "dropout2", ratio: 0.5), "fc2", classes, output: "logits", weights: .glorotUniform)
  }

  /// ReLU, batch normalization, and the largest over all bands.
  private mutating func addTallest(_ map: Value) throws -> Value {
    let normal = try addNormalization(relu(map), "\(map.name).bn")
    return try maxPool(normal, "\(map.name).pool", kernel: [1, normal.extents[2]])
  }

  /// As Keras has it where nothing says.
  private mutating func addNormalization(_ x: Value, _ name: String) throws -> Value {
    try batchNormalization(x, name, epsilon: 1e-3, momentum: 0.99)
  }
}
