import OneDNN
import Tensors

/// A convolution of 3 × 3 kernels at stride 1 by minimal filtering, F(2 × 2, 3 × 3): a tile of 2 × 2 results takes 16
/// products for each pair of channels, where the definition takes 36.
///
/// `y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ x B)] A` for each tile of 4 × 4 places x, with `⊙` summed over the channels: that makes 16
/// matrix products `[tiles, C] · [C, O]`. The transforms of x and y only add and subtract, so that results stay as exact
/// as those of the definition but for a small factor. Winograd, 1980; Lavin and Gray, 2016.
///
/// Channels last: x `[N, H, W, C]`, y `[N, H′, W′, O]`. Some tiles at a time go all the way, so that what lies between the
/// transforms stays in the caches.
struct WinogradConvolution: Sendable {
  private let source: (height: Int, width: Int, channels: Int)
  private let result: (height: Int, width: Int, channels: Int)
  private let padding: (top: Int, left: Int)
  /// Tiles along the height, along the width, and all of them.
  private let tiles: (down: Int, across: Int, all: Int)
  /// Threads that work at once.
  private let lanes: Int
  /// Tiles that go through the transforms together.
  private let chunk: Int

  /// With fewer channels, the transforms cost more than the products that they save (measured at 32: a third slower; at
  /// 64: half as fast again).
  private static let fewestChannels = 64
  private static let tilesAtOnce = 64
  /// With fewer tiles, reading the weights takes longer than the products: transformed, they are 16/9 as large (measured
  /// with 512 channels: 2 tiles, three times as long as the definition; 24 tiles, half as long).
  private static let fewestTiles = 12

  /// nil where the definition is as fast, or the window is another one.
  init?(_ window: WindowGeometry, from source: Shape, to result: Shape, lanes: Int) {
    guard source.rank == 4, window.kernel == [3, 3], window.strides == [1, 1], window.dilations == [1, 1],
      min(source[1], result[1]) >= Self.fewestChannels, source[1] % 4 == 0, result[1] % 4 == 0,
      source.count > 0, result.count > 0
    else { return nil }
    self.source = (source[2], source[3], source[1])
    self.result = (result[2], result[3], result[1])
    padding = (window.padsBefore[0], window.padsBefore[1])
    let (down, across) = ((result[2] + 1) / 2, (result[3] + 1) / 2)
    tiles = (down, across, result[0] * down * across)
    guard tiles.all >= Self.fewestTiles else { return nil }
    self.lanes = max(1, min(lanes, tiles.all))
    chunk = min(Self.tilesAtOnce, (tiles.all + self.lanes - 1) / self.lanes)
  }

  /// `G w Gᵀ` of weights `[O, C, 3, 3]`, as `[16, C, O]`; of the mirrored kernels with the channels exchanged, as
  /// `[16, O, C]`.
  static func transformed(_ weights: Tensor, mirrored: Bool = false) -> Tensor {
    let (outputs, channels) = (weights.shape[0], weights.shape[1])
    return Tensor(
      unsafeUninitialized: mirrored ? [16, outputs, channels] : [16, channels, outputs]
    ) { result in
      weights.withUnsafeValues { values in
        guard let from = values.baseAddress, let to = result.baseAddress else { return }
        transform(from, outputs, channels, mirrored: mirrored, into: to, Lanes(count: 1))
      }
    }
  }

  /// The same between places in memory: sixteen kernels at a time, whose numbers are neighbours in the result.
  fileprivate static func transform(
    _ weights: UnsafePointer<Float>, _ outputs: Int, _ channels: Int, mirrored: Bool,
    into result: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    let plane = outputs * channels
    // Rows of the result, and its columns, which lie side by side there; how far apart their kernels lie.
    let (rows, columns) = mirrored ? (outputs, channels) : (channels, outputs)
    let (rowStep, columnStep) = mirrored ? (9 * channels, 9) : (9, 9 * channels)
    lanes.share((columns + 15) / 16) { blocks in
      withUnsafeTemporaryAllocation(of: SIMD16<Float>.self, capacity: 9) { numbers in
        for block in blocks {
          let first = block * 16
          let count = min(16, columns - first)
          for row in 0..<rows {
            numbers.withMemoryRebound(to: Float.self) { numbers in
              for lane in 0..<count {
                let kernel = weights + row * rowStep + (first + lane) * columnStep
                for place in 0..<9 { numbers[(mirrored ? 8 - place : place) * 16 + lane] = kernel[place] }
              }
            }
            transform(numbers, into: result + row * columns + first, plane: plane, count: count)
          }
        }
      }
    }
  }

  /// Sixteen kernels, each of the 16 results `plane` numbers apart. G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1].
  @inline(__always)
  private static func transform(
    _ kernels: UnsafeMutableBufferPointer<SIMD16<Float>>, into result: UnsafeMutablePointer<Float>,
    plane: Int,
    count: Int
  ) {
    @inline(__always) func spread(_ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: SIMD16<Float>) -> (
      SIMD16<Float>, SIMD16<Float>, SIMD16<Float>, SIMD16<Float>
    ) {
      let outer = a + c
      return (a, (outer + b) * 0.5, (outer - b) * 0.5, c)
    }
    @inline(__always) func store(_ value: SIMD16<Float>, _ place: Int) {
      let target = result + place * plane
      if count == 16 {
        UnsafeMutableRawPointer(target).storeBytes(of: value, as: SIMD16<Float>.self)
      } else {
        for lane in 0..<count { target[lane] = value[lane] }
      }
    }
    let first = spread(kernels[0], kernels[3], kernels[6])
    let second = spread(kernels[1], kernels[4], kernels[7])
    let third = spread(kernels[2], kernels[5], kernels[8])
    @inline(__always) func finish(_ row: Int, _ a: SIMD16<Float>, _ b: SIMD16<Float>, _ c: SIMD16<Float>) {
      let columns = spread(a, b, c)
      store(columns.0, 4 * row)
      store(columns.1, 4 * row + 1)
      store(columns.2, 4 * row + 2)
      store(columns.3, 4 * row + 3)
    }
    finish(0, first.0, second.0, third.0)
    finish(1, first.1, second.1, third.1)
    finish(2, first.2, second.2, third.2)
    finish(3, first.3, second.3, third.3)
  }

  /// Numbers that a run needs room for.
  var scratchCount: Int { lanes * scratchOfLane + source.channels }
  private var scratchOfLane: Int { 16 * chunk * (source.channels + result.channels) }

  /// Elementary operations of a run, about.
  var work: Int { 16 * tiles.all * source.channels * result.channels }

  /// What is done to a sum before it is written.
  struct Finish {
    var bias: UnsafePointer<Float>?
    /// As large as the result.
    var addend: UnsafePointer<Float>?
    var isRectified: Bool
  }

  /// - Parameter weights: `transformed`.
  func run(
    _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ finish: Finish,
    into y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    let zeros = scratch + self.lanes * scratchOfLane
    zeros.update(repeating: 0, count: source.channels)
    let workers = min(self.lanes, lanes.count)
    Lanes(count: workers).share(workers) { workersHere in
      for worker in workersHere {
        let spread = scratch + worker * scratchOfLane
        let products = spread + 16 * chunk * source.channels
        let end = (worker + 1) * tiles.all / workers
        for start in stride(from: worker * tiles.all / workers, to: end, by: chunk) {
          let part = start..<min(start + chunk, end)
          self.spread(part, of: x, UnsafePointer(zeros), into: spread)
          for place in 0..<16 {
            multiply(
              MatrixView(spread + place * chunk * source.channels, stride: source.channels),
              MatrixView(weights + place * source.channels * result.channels, stride: result.channels),
              rows: part.count, columns: result.channels, depth: source.channels,
              into: products + place * chunk * result.channels, stride: result.channels)
          }
          gather(part, of: UnsafePointer(products), finish, into: y)
        }
      }
    }
  }

  /// The row of the batch, and the first place of the result, that a tile is for.
  private func place(of tile: Int) -> (row: Int, down: Int, across: Int) {
    let (line, across) = tile.quotientAndRemainder(dividingBy: tiles.across)
    let (row, down) = line.quotientAndRemainder(dividingBy: tiles.down)
    return (row, 2 * down, 2 * across)
  }

  /// `Bᵀ x B` of some tiles: `[16, tiles, C]`. What lies outside is zero.
  private func spread(
    _ part: Range<Int>, of x: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>,
    into spread: UnsafeMutablePointer<Float>
  ) {
    let channels = source.channels
    let stride = chunk * channels
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: 16) { places in
      for (index, tile) in part.enumerated() {
        let (row, down, across) = place(of: tile)
        for step in 0..<16 {
          let (i, j) = (down - padding.top + step / 4, across - padding.left + step % 4)
          let isInside = i >= 0 && i < source.height && j >= 0 && j < source.width
          places[step] =
            isInside ? x + ((row * source.height + i) * source.width + j) * channels : zeros
        }
        let out = spread + index * channels
        for channel in Swift.stride(from: 0, to: channels, by: 4) {
          // B = [1 0 0 0; 0 1 −1 1; −1 1 1 0; 0 0 0 −1]
          @inline(__always) func column(_ j: Int) -> (Four, Four, Four, Four) {
            let a = Four(places[j] + channel)
            let b = Four(places[4 + j] + channel)
            let c = Four(places[8 + j] + channel)
            let d = Four(places[12 + j] + channel)
            return (a - c, b + c, c - b, b - d)
          }
          let (a, b, c, d) = (column(0), column(1), column(2), column(3))
          @inline(__always) func store(_ row: Int, _ a: Four, _ b: Four, _ c: Four, _ d: Four) {
            let out = out + channel + 4 * row * stride
            (a - c).store(at: out)
            (b + c).store(at: out + stride)
            (c - b).store(at: out + 2 * stride)
            (b - d).store(at: out + 3 * stride)
          }
          store(0, a.0, b.0, c.0, d.0)
          store(1, a.1, b.1, c.1, d.1)
          store(2, a.2, b.2, c.2, d.2)
          store(3, a.3, b.3, c.3, d.3)
        }
      }
    }
  }

  /// `Aᵀ m A` of some tiles' products `[16, tiles, O]`, finished and written where they belong.
  private func gather(
    _ part: Range<Int>, of products: UnsafePointer<Float>, _ finish: Finish,
    into y: UnsafeMutablePointer<Float>
  ) {
    let channels = result.channels
    let stride = chunk * channels
    for (index, tile) in part.enumerated() {
      let (row, down, across) = place(of: tile)
      let first = ((row * result.height + down) * result.width + across) * channels
      let (hasSecondRow, hasSecondColumn) = (down + 1 < result.height, across + 1 < result.width)
      for channel in Swift.stride(from: 0, to: channels, by: 4) {
        // A = [1 0; 1 1; 1 −1; 0 −1]
        let products = products + index * channels + channel
        @inline(__always) func column(_ j: Int) -> (Four, Four) {
          let a = Four(products + j * stride)
          let b = Four(products + (4 + j) * stride)
          let c = Four(products + (8 + j) * stride)
          let d = Four(products + (12 + j) * stride)
          return (a + b + c, b - c - d)
        }
        let (a, b, c, d) = (column(0), column(1), column(2), column(3))
        let bias = finish.bias.map { Four($0 + channel) } ?? .zero
        @inline(__always) func store(_ value: Four, _ offset: Int) {
          var value = value + bias
          let place = first + offset * channels + channel
          if let addend = finish.addend { value += Four(addend + place) }
          if finish.isRectified { value.replace(with: 0, where: value .< 0) }
          value.store(at: y + place)
        }
        store(a.0 + b.0 + c.0, 0)
        if hasSecondColumn { store(b.0 - c.0 - d.0, 1) }
        guard hasSecondRow else { continue }
        store(a.1 + b.1 + c.1, result.width)
        if hasSecondColumn { store(b.1 - c.1 - d.1, result.width + 1) }
      }
    }
  }
}

/// What a register of any x86-64 holds.
private typealias Four = SIMD4<Float>

extension Four {
  @inline(__always)
  fileprivate init(_ start: UnsafePointer<Float>) {
    self = UnsafeRawPointer(start).loadUnaligned(as: Four.self)
  }

  @inline(__always)
  fileprivate func store(at start: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(start).storeBytes(of: self, as: Four.self)
  }
}

extension Lowering {
  /// Emits a convolution of the node's first operand by minimal filtering, together with the node's tail.
  ///
  /// - Parameter mirrored: whether the kernels are read backwards and their channels exchanged.
  func emit(
    _ convolution: WinogradConvolution, _ node: Node, weights name: TensorName, mirrored: Bool = false,
    bias: TensorName?
  ) throws {
    if let constant = constant(name) {
      let transformed = derived(from: constant, "minimal filtering\(mirrored ? " backwards" : "")") {
        WinogradConvolution.transformed(constant, mirrored: mirrored)
      }
      let layout = try Layout.plain(transformed.shape.dimensions)
      return try emit(
        convolution, node, transformed: try use(transformed, viewedAs: transformed.shape, as: layout),
        bias: bias)
    }
    // Weights in training are other ones at each run.
    let shape = try shape(name)
    let (outputs, channels) = (shape[0], shape[1])
    let transformed = try scratch(16 * outputs * channels)
    emit(
      NativeKernel(work: 16 * outputs * channels) { inputs, results, lanes in
        WinogradConvolution.transform(
          inputs[0], outputs, channels, mirrored: mirrored, into: results[0], lanes)
      }, inputs: [try use(name, as: .plain(shape.dimensions))], outputs: [transformed])
    try emit(convolution, node, transformed: transformed, bias: bias)
  }

  private func emit(
    _ convolution: WinogradConvolution, _ node: Node, transformed weights: Operand, bias: TensorName?
  ) throws {
    var tail = group?.tail[...] ?? []
    let shape = try shape(node.outputs[0])
    let layout = try Layout.channelsLast(shape.dimensions)
    var inputs = [
      try use(node.inputs[0], as: .channelsLast(try self.shape(node.inputs[0]).dimensions)),
      weights,
    ]
    if let bias { inputs.append(try use(bias, as: .plain([shape[1]]))) }
    var hasAddend = false
    if case .binary(.add, let name)? = tail.first, try self.shape(name) == shape, constant(name) == nil {
      inputs.append(try use(name, as: layout))
      hasAddend = true
      tail.removeFirst()
    }
    var isRectified = false
    if case .function(.relu(slope: 0))? = tail.first {
      isRectified = true
      tail.removeFirst()
    }
    let destination = define(group?.result ?? node.outputs[0], layout)
    let kernel = NativeKernel(work: convolution.work) { [hasAddend, isRectified] inputs, outputs, lanes in
      let finish = WinogradConvolution.Finish(
        bias: bias == nil ? nil : inputs[2], addend: hasAddend ? inputs[inputs.count - 1] : nil,
        isRectified: isRectified)
      convolution.run(inputs[0], inputs[1], finish, into: outputs[0], scratch: outputs[1], lanes)
    }
    emit(kernel, inputs: inputs, outputs: [destination, try scratch(convolution.scratchCount)])
    try emitAlone(Array(tail), on: destination, shape)
  }
}
