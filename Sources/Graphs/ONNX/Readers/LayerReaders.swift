import OneDNN
import Tensors

/// Convolutions, poolings and dropout.
let layerReaders: [String: OperatorReader] = [
  "Conv": { node in
    let operands = try node.operands(2, atMost: 3)
    return (
      Convolution(window: try node.window(kernel: node.kernel()), groups: try node.groups()), operands
    )
  },
  "ConvTranspose": { node in
    let operands = try node.operands(2, atMost: 3)
    let (window, outputPadding) = try node.transposedWindow(kernel: node.kernel())
    let forward = Convolution(window: window, groups: try node.groups())
    return (TransposedConvolution(forward: forward, outputPadding: outputPadding), operands)
  },

  "MaxPool": { node in
    var pooling = Pooling(.maximum, window: try node.poolingWindow())
    pooling.columnsFirst = node.integer("storage_order", default: 0) != 0
    return (pooling, try node.operands(1))
  },
  "AveragePool": { node in
    let countsPadding = node.integer("count_include_pad", default: 0) != 0
    let window = try node.poolingWindow()
    return (Pooling(.average(countingPadding: countsPadding), window: window), try node.operands(1))
  },
  "Dropout": { node in
    let ratio = try node.optionalFloat("ratio") ?? node.scalar(1) ?? 0.5
    guard ratio >= 0, ratio < 1 else { throw node.unsupported("ratio = \(ratio)") }
    return (Dropout(ratio: ratio), try node.operands(1))
  },
  "GlobalMaxPool": { (Pooling(.maximum, window: nil), try $0.operands(1)) },
  "GlobalAveragePool": { (Pooling(.average(countingPadding: false), window: nil), try $0.operands(1)) },
]

/// Layers made of several operations.
let layerComposites: [String: CompositeReader] = [
  "LpPool": { node, composer in try node.composeNorm(over: node.poolingWindow(), &composer) },
  "GlobalLpPool": { node, composer in try node.composeNorm(over: nil, &composer) },
]

extension ONNXNode {
  /// The kernel's extents, from the attribute or from the weights.
  fileprivate func kernel() throws -> [Int] {
    try optionalIntegers("kernel_shape") ?? Array(knownShape(1).dimensions.dropFirst(2))
  }

  fileprivate func groups() throws -> Int {
    let groups = integer("group", default: 1)
    guard groups > 0 else { throw unsupported("group = \(groups)") }
    return groups
  }

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

  /// The window of the convolution that a transposed one goes back through, its padding explicit, and the padding of
  /// the result. Where the padding hangs on the extent of the result (`output_shape`, `auto_pad`), the shape of the
  /// operand must be known.
  fileprivate func transposedWindow(kernel: [Int]) throws -> (Window, outputPadding: [Int]) {
    var window = try window(kernel: kernel)
    var outputPadding = optionalIntegers("output_padding") ?? kernel.map { _ in 0 }
    let wanted = optionalIntegers("output_shape").map { Array($0.suffix(kernel.count)) }
    guard outputPadding.count == kernel.count, outputPadding.allSatisfy((0...1 << 20).contains),
      wanted?.count ?? kernel.count == kernel.count, wanted?.allSatisfy((1...1 << 31).contains) ?? true
    else {
      throw unsupported("output_padding = \(outputPadding), output_shape = \(wanted ?? [])")
    }
    var oddBehind = false
    if case .same(let isOddBehind) = window.padding {
      oddBehind = isOddBehind
    } else if wanted == nil {
      return (window, outputPadding)
    }
    let extents = Array(try knownShape(0).dimensions.dropFirst(2))
    guard extents.count == kernel.count else {
      throw unsupported("its operand has \(extents.count + 2) axes")
    }
    var (before, after): ([Int], [Int]) = ([], [])
    for axis in kernel.indices {
      let stride = window.strides[axis]
      let full =
        stride * (extents[axis] - 1) + (kernel[axis] - 1) * window.dilations[axis] + 1 + outputPadding[axis]
      let extent = wanted?[axis] ?? extents[axis] * stride
      let padding = max(0, full - extent)
      before.append(oddBehind ? padding / 2 : padding - padding / 2)
      after.append(padding - before[axis])
      // A result larger than what the windows reach is padded behind them.
      outputPadding[axis] += wanted == nil ? 0 : max(0, extent - full)
    }
    window.padding = .explicit(before: before, after: after)
    return (window, outputPadding)
  }

  /// `(Σ |x|^p)^(1/p)` over a window, or over the whole map.
  fileprivate func composeNorm(over window: Window?, _ composer: inout Composer) throws {
    let power = Float(integer("p", default: 2))
    guard power >= 1 else { throw unsupported("p = \(power)") }
    let source = try operands(1)[0]
    func chain(_ functions: [(Function, String)], _ from: TensorName, _ composer: inout Composer)
      -> TensorName
    {
      functions.reduce(from) { composer.add(Activation($1.0, kind: $1.1), [$0]) }
    }
    func raised(to power: Float) -> [(Function, String)] {
      [(.log, "Log"), (.linear(scale: power, shift: 0), "Linear"), (.exp, "Exp")]
    }
    let powers: [(Function, String)] =
      power == 2 ? [(.square, "Square")] : [(.abs, "Abs")] + (power == 1 ? [] : raised(to: power))
    let sum = Pooling(.sum, window: window)
    let base = chain(powers, source, &composer)
    if power == 1 {
      composer.add(sum, [base], as: outputs[0])
    } else {
      let total = composer.add(sum, [base])
      let roots = power == 2 ? [] : Array(raised(to: 1 / power).dropLast())
      let argument = chain(roots, total, &composer)
      let last = power == 2 ? Activation(.sqrt, kind: "Sqrt") : Activation(.exp, kind: "Exp")
      composer.add(last, [argument], as: outputs[0])
    }
  }
}
