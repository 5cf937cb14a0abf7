import Graphs

/// How deep a residual network is.
enum ResNetDepth {
  case eighteen
  case fifty
}

extension ONNXNetworkBuilder {
  /// ResNet-18 and ResNet-50 of He et al., CVPR 2016, as torchvision has them: strides of ResNet-50 in its 3 x 3
  /// convolutions (version 1.5), names of weights and way of drawing them alike.
  ///
  /// 11,689,512 and 25,557,032 parameters for three channels and 1000 classes, the running statistics apart.
  mutating func addResNet(_ x: Value, classes: Int, _ depth: ResNetDepth) throws -> Value {
    var map = try addConvolution(x, "conv1", 64, 7, stride: 2)
    map = relu(try addNormalization(map, "bn1"))
    map = try maxPool(map, "maxpool", kernel: [3, 3], strides: [2, 2], padding: .both([1, 1]))
    let counts = depth == .eighteen ? [2, 2, 2, 2] : [3, 4, 6, 3]
    for (stage, count) in counts.enumerated() {
      for block in 0..<count {
        let stride = stage > 0 && block == 0 ? 2 : 1
        map = try addBlock(map, "layer\(stage + 1).\(block)", 64 << stage, stride: stride, depth)
      }
    }
    return try dense(flatten(globalAveragePool(map)), "fc", classes, output: "logits", weights: .pyTorch)
  }

  private mutating func addBlock(
    _ x: Value, _ name: String, _ channels: Int, stride: Int, _ depth: ResNetDepth
  ) throws -> Value {
    // Kernel, channels and stride of each convolution.
    let layers =
      depth == .eighteen
      ? [(3, channels, stride), (3, channels, 1)]
      : [(1, channels, 1), (3, channels, stride), (1, 4 * channels, 1)]
    var map = x
    for (place, (kernel, made, stride)) in layers.enumerated() {
      map = try addConvolution(map, "\(name).conv\(place + 1)", made, kernel, stride: stride)
      map = try addNormalization(map, "\(name).bn\(place + 1)")
      if place + 1 < layers.count { map = relu(map) }
    }
    var way = x
    if x.extents != map.extents {
      way = try addConvolution(x, "\(name).downsample.0", map.extents[0], 1, stride: stride)
      way = try addNormalization(way, "\(name).downsample.1")
    }
    return relu(sum(map, way, "\(name).sum"), "\(name).relu")
  }

  private mutating func addConvolution(
    _ x: Value, _ name: String, _ channels: Int, _ kernel: Int, stride: Int
  )
    throws -> Value
  {
    try conv(
      x, name, channels, kernel: [kernel, kernel], strides: [stride, stride],
      padding: .both([kernel / 2, kernel / 2]), hasBias: false, weights: .heNormalOfResults)
  }

  private mutating func addNormalization(_ x: Value, _ name: String) throws -> Value {
    try batchNormalization(x, name, epsilon: 1e-5, momentum: 0.9)
  }
}
