import OneDNN
import Tensors

/// Convolutions, normalizations and poolings.
let layerReaders: [String: OperatorReader] = [
  "Conv": { node in
    let weights = try node.operands(2, atMost: 3)
    let window = try node.window(kernel: node.optionalIntegers("kernel_shape") ?? node.kernelFromWeights())
    let groups = node.integer("group", default: 1)
    guard groups > 0 else { throw node.unsupported("group = \(groups)") }
    return (Convolution(window: window, groups: groups), weights)
  },
  "BatchNormalization": { node in
    guard node.integer("training_mode", default: 0) == 0 else { throw node.unsupported("training_mode = 1") }
    let tensors = try (1...4).map { try node.weight($0) }
    guard tensors.allSatisfy({ $0.count == tensors[0].count && $0.shape.rank == 1 }) else {
      throw node.unsupported("its four constants are not of one length")
    }
    let operation = BatchNormalization(
      scale: tensors[0], bias: tensors[1], mean: tensors[2], variance: tensors[3],
      epsilon: node.float("epsilon", default: 1e-5))
    return (operation, try node.operands(1))
  },

  "MaxPool": { node in
    guard node.integer("storage_order", default: 0) == 0 else { throw node.unsupported("storage_order = 1") }
    return (Pooling(reduction: .maximum, window: try node.poolingWindow()), try node.operands(1))
  },
  "AveragePool": { node in
    let countsPadding = node.integer("count_include_pad", default: 0) != 0
    let pooling = Pooling(
      reduction: .average(countingPadding: countsPadding), window: try node.poolingWindow())
    return (pooling, try node.operands(1))
  },
  "GlobalMaxPool": { (Pooling(reduction: .maximum, window: nil), try $0.operands(1)) },
  "GlobalAveragePool": { node in
    (Pooling(reduction: .average(countingPadding: false), window: nil), try node.operands(1))
  },

]

extension ONNXNode {
  fileprivate func kernelFromWeights() throws -> [Int] { Array(try weight(1).shape.dimensions.dropFirst(2)) }

  fileprivate func poolingWindow() throws -> Window {
    guard let kernel = optionalIntegers("kernel_shape") else { throw unsupported("it has no kernel_shape") }
    var window = try window(kernel: kernel)
    window.roundsUp = integer("ceil_mode", default: 0) != 0
    return window
  }

  /// The attributes that all sliding windows share: `kernel_shape`, `strides`, `dilations`, `pads`, `auto_pad`.
  fileprivate func window(kernel: [Int]) throws -> Window {
    let rank = kernel.count
    let ones = [Int](repeating: 1, count: rank)
    let strides = optionalIntegers("strides") ?? ones
    let dilations = optionalIntegers("dilations") ?? ones
    let pads = optionalIntegers("pads") ?? [Int](repeating: 0, count: 2 * rank)
    guard (1...3).contains(rank), strides.count == rank, dilations.count == rank, pads.count == 2 * rank,
      (kernel + strides + dilations).allSatisfy({ (1...1 << 20).contains($0) }),
      pads.allSatisfy({ (0...1 << 20).contains($0) })
    else {
      throw unsupported(
        "a window of kernel \(kernel), strides \(strides), dilations \(dilations), pads \(pads)")
    }
    let padding: Window.Padding
    switch string("auto_pad", default: "NOTSET") {
    case "SAME_UPPER": padding = .same(oddBehind: true)
    case "SAME_LOWER": padding = .same(oddBehind: false)
    case "VALID":
      let zeros = [Int](repeating: 0, count: rank)
      padding = .explicit(before: zeros, after: zeros)
    case "NOTSET", "": padding = .explicit(before: Array(pads.prefix(rank)), after: Array(pads.suffix(rank)))
    case let other: throw unsupported("auto_pad = \(other)")
    }
    return Window(kernel: kernel, strides: strides, dilations: dilations, padding: padding)
  }
}
