import OneDNN
import Tensors

/// The gradient of a strided convolution with respect to a source of few channels: one product, `gradient · weights`, tells
/// what each window gives to its places; added up where windows overlap, that is the gradient.
///
/// oneDNN's own kernel fills vectors with channels, of which there are few: for 1024 kernels of 512 samples it took 147 ms,
/// product and sum take 3 (two cores, AVX-512).
struct OverlapAdd: Sendable {
  /// `[N, C]`
  private let items: (rows: Int, channels: Int)
  /// Of the source and of the gradient, three axes each, the first ones 1 where there are fewer.
  private let extents: [Int]
  private let places: [Int]
  private let window: WindowGeometry

  private static let mostChannels = 4
  /// Of the kernel's last axis: shorter runs are not worth adding up one by one.
  private static let shortestRun = 7
  /// Numbers between product and sum.
  private static let mostProducts = 1 << 24

  /// nil where oneDNN's kernel is as fast.
  init?(_ window: WindowGeometry, from gradient: Shape, to source: Shape) {
    guard 1...3 ~= window.kernel.count, source.count > 0, gradient.count > 0, source[1] <= Self.mostChannels,
      gradient[1] >= 8, window.kernel[window.kernel.count - 1] >= Self.shortestRun
    else { return nil }
    items = (source[0], source[1])
    let missing = [Int](repeating: 1, count: 3 - window.kernel.count)
    extents = missing + source.dimensions.dropFirst(2)
    places = missing + gradient.dimensions.dropFirst(2)
    let zeros = [Int](repeating: 0, count: missing.count)
    self.window = WindowGeometry(
      kernel: missing + window.kernel, strides: missing + window.strides,
      dilations: missing + window.dilations,
      padsBefore: zeros + window.padsBefore, padsAfter: zeros + window.padsAfter)
    guard windows <= Self.mostProducts / valuesOfWindow else { return nil }
  }

  /// How many windows there are, all rows together.
  var windows: Int { items.rows * places.reduce(1, *) }
  /// What a window gives, all channels together.
  var valuesOfWindow: Int { items.channels * window.kernel.reduce(1, *) }

  /// - Parameters:
  ///   - products: `[windows, valuesOfWindow]`
  ///   - result: `[N, C, …]`
  func run(_ products: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, _ lanes: Lanes) {
    let (volume, taps, count) = (extents.reduce(1, *), window.kernel.reduce(1, *), places.reduce(1, *))
    let width = items.channels * taps
    lanes.share(items.rows * items.channels) { range in
      for item in range {
        let (row, channel) = item.quotientAndRemainder(dividingBy: items.channels)
        let target = result + item * volume
        target.update(repeating: 0, count: volume)
        let first = products + row * count * width + channel * taps
        for place in 0..<count { add(first + place * width, place, to: target) }
      }
    }
  }

  /// Adds what the window at `place` gives to one channel.
  @inline(__always)
  private func add(_ values: UnsafePointer<Float>, _ place: Int, to target: UnsafeMutablePointer<Float>) {
    let (kernel, dilations) = (window.kernel, window.dilations)
    let origin = (
      place / (places[1] * places[2]) * window.strides[0] - window.padsBefore[0],
      place / places[2] % places[1] * window.strides[1] - window.padsBefore[1],
      place % places[2] * window.strides[2] - window.padsBefore[2]
    )
    for depth in 0..<kernel[0] {
      let z = origin.0 + depth * dilations[0]
      guard z >= 0, z < extents[0] else { continue }
      for line in 0..<kernel[1] {
        let y = origin.1 + line * dilations[1]
        guard y >= 0, y < extents[1] else { continue }
        let run = values + (depth * kernel[1] + line) * kernel[2]
        let row = target + (z * extents[1] + y) * extents[2]
        guard dilations[2] > 1 else {
          let (first, end) = (max(0, -origin.2), min(kernel[2], extents[2] - origin.2))
          for tap in first..<max(first, end) { row[origin.2 + tap] += run[tap] }
          continue
        }
        for tap in 0..<kernel[2] {
          let x = origin.2 + tap * dilations[2]
          if x >= 0, x < extents[2] { row[x] += run[tap] }
        }
      }
    }
  }
}

extension Lowering {
  /// Emits the gradient of a convolution of the node's operands (gradient, weights) with respect to its source.
  func emit(_ overlap: OverlapAdd, _ node: Node) throws {
    let (gradient, weights) = (try shape(node.inputs[0]), try shape(node.inputs[1]))
    let channelsLast = try use(node.inputs[0], as: .channelsLast(gradient.dimensions))
    let matrix = Shape([gradient[1], overlap.valuesOfWindow])
    precondition(weights.count == matrix.count, "weights \(weights) for windows of \(overlap.valuesOfWindow)")
    let (left, right) = (
      try Layout.plain([overlap.windows, gradient[1]]), try Layout.plain(matrix.dimensions)
    )
    let packed = try use(node.inputs[1], viewedAs: matrix, as: right)
    let products = scratch(try .plain([overlap.windows, overlap.valuesOfWindow]))
    try emit(
      try .matrixProduct(source: left, weights: right, bias: nil, destination: products.layout, on: engine),
      [
        (.source, Operand(buffer: channelsLast.buffer, layout: left)), (.weights, packed),
        (.destination, products),
      ])
    let result = define(
      resultOfGroup ?? node.outputs[0], try .plain(try shape(node.outputs[0]).dimensions))
    emit(
      NativeKernel(work: overlap.windows * overlap.valuesOfWindow) { inputs, outputs, lanes in
        overlap.run(inputs[0], into: outputs[0], lanes)
      }, inputs: [products], outputs: [result])
    try emitTailAlone(on: result, try shape(node.outputs[0]))
  }
}
