import OneDNN
import Tensors

/// A convolution of 3 × 3 kernels at stride 1 by minimal filtering: see `WinogradTiles`.
struct WinogradConvolution: Sendable {
  private let tiles: WinogradTiles
  /// Threads that work at once.
  private let lanes: Int
  /// Tiles that go all the way together.
  private let chunk: Int
  /// Channels of the result that go all the way together; all of them where tiles do not.
  private let panel: Int

  private static let tilesAtOnce = 64
  /// With 512 channels, the weights of so many take 1 MB when transformed.
  private static let channelsAtOnce = 32

  /// nil where the definition is as fast, or the window is another one.
  init?(_ window: WindowGeometry, from source: Shape, to result: Shape, lanes: Int) {
    guard let tiles = WinogradTiles(window, from: source, to: result) else { return nil }
    self.tiles = tiles
    if tiles.areFew {
      (chunk, panel) = (tiles.count, Self.channelsAtOnce)
      self.lanes = max(1, lanes)
    } else {
      self.lanes = max(1, min(lanes, tiles.count))
      chunk = min(Self.tilesAtOnce, (tiles.count + self.lanes - 1) / self.lanes)
      panel = tiles.result.channels
    }
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
        let columns = mirrored ? channels : outputs
        WinogradKernels.spread(
          from, outputs: outputs, channels: channels, mirrored: mirrored, columns: 0..<columns, into: to,
          stride: columns, plane: outputs * channels)
      }
    }
  }

  enum Weights {
    /// Constants: `transformed`.
    case transformed(UnsafePointer<Float>)
    /// Weights in training, which are other ones at each run: `[O, C, 3, 3]`.
    case kernels(UnsafePointer<Float>, mirrored: Bool)
  }

  /// Elementary operations of a run, about.
  var work: Int { tiles.work }

  /// How far apart the sixteen numbers of tiles, results and weights lie.
  private var planes: (source: Int, result: Int, weights: Int) {
    (
      WinogradTiles.plane(chunk * tiles.source.channels), WinogradTiles.plane(chunk * tiles.result.channels),
      WinogradTiles.plane(tiles.source.channels * panel)
    )
  }

  /// Numbers that a run needs room for.
  ///
  /// - Parameter transforms: whether weights are transformed in it.
  func scratchCount(transforms: Bool) -> Int {
    let planes = planes
    let forTiles = 16 * (planes.source + planes.result)
    let forWeights = transforms ? 16 * planes.weights : 0
    let count = tiles.areFew ? forTiles + lanes * forWeights : lanes * forTiles + forWeights
    return zeroCount + count
  }

  private var zeroCount: Int { (tiles.source.channels + 15) & ~15 }

  func run(
    _ x: UnsafePointer<Float>, _ weights: Weights, _ finish: WinogradTiles.Finish,
    into y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    scratch.update(repeating: 0, count: zeroCount)
    let (zeros, room) = (UnsafePointer(scratch), scratch + zeroCount)
    let lanes = Lanes(count: min(self.lanes, lanes.count))
    if tiles.areFew {
      runByChannels(x, zeros, weights, finish, into: y, room, lanes)
    } else {
      runByTiles(x, zeros, weights, finish, into: y, room, lanes)
    }
  }

  /// Some tiles at a time, with all weights.
  private func runByTiles(
    _ x: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>, _ weights: Weights,
    _ finish: WinogradTiles.Finish, into y: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    let (source, result) = (tiles.source.channels, tiles.result.channels)
    let planes = planes
    let roomOfLane = 16 * (planes.source + planes.result)
    let matrices: (start: UnsafePointer<Float>, plane: Int)
    switch weights {
    case .transformed(let start): matrices = (start, source * result)
    case .kernels(let kernels, let mirrored):
      let transformed = scratch + self.lanes * roomOfLane
      let (outputs, channels) = mirrored ? (source, result) : (result, source)
      lanes.share((result + 15) / 16) { blocks in
        let columns = blocks.lowerBound * 16..<min(result, blocks.upperBound * 16)
        WinogradKernels.spread(
          kernels, outputs: outputs, channels: channels, mirrored: mirrored, columns: columns,
          into: transformed + columns.lowerBound, stride: result, plane: planes.weights)
      }
      matrices = (UnsafePointer(transformed), planes.weights)
    }
    lanes.share(lanes.count) { lanesHere in
      for lane in lanesHere {
        let spread = scratch + lane * roomOfLane
        let products = spread + 16 * planes.source
        let end = (lane + 1) * tiles.count / lanes.count
        for start in stride(from: lane * tiles.count / lanes.count, to: end, by: chunk) {
          let part = start..<min(start + chunk, end)
          tiles.spread(part, of: x, zeros, into: spread, plane: planes.source)
          for place in 0..<16 {
            multiply(
              MatrixView(spread + place * planes.source, stride: source),
              MatrixView(matrices.start + place * matrices.plane, stride: result),
              rows: part.count, columns: result, depth: source,
              into: products + place * planes.result, stride: result)
          }
          tiles.gather(part, of: UnsafePointer(products), plane: planes.result, finish, into: y)
        }
      }
    }
  }

  /// All tiles, with the weights of some channels of the result at a time.
  private func runByChannels(
    _ x: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>, _ weights: Weights,
    _ finish: WinogradTiles.Finish, into y: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    let (source, result) = (tiles.source.channels, tiles.result.channels)
    let planes = planes
    let spread = scratch
    let products = spread + 16 * planes.source
    lanes.share(tiles.count) { part in
      tiles.spread(part, of: x, zeros, into: spread + part.lowerBound * source, plane: planes.source)
    }
    let width =
      switch weights {
      case .kernels: panel
      // Long rows are read faster.
      case .transformed: max(panel, ((result + lanes.count - 1) / lanes.count + 15) & ~15)
      }
    let panels = (result + width - 1) / width
    lanes.share(lanes.count) { lanesHere in
      for lane in lanesHere {
        let room = products + 16 * planes.result + lane * 16 * planes.weights
        for number in lane * panels / lanes.count..<(lane + 1) * panels / lanes.count {
          let columns = number * width..<min(result, (number + 1) * width)
          let matrices: (start: UnsafePointer<Float>, stride: Int, plane: Int)
          switch weights {
          case .transformed(let start): matrices = (start + columns.lowerBound, result, source * result)
          case .kernels(let kernels, let mirrored):
            let (outputs, channels) = mirrored ? (source, result) : (result, source)
            WinogradKernels.spread(
              kernels, outputs: outputs, channels: channels, mirrored: mirrored, columns: columns, into: room,
              stride: panel, plane: planes.weights)
            matrices = (UnsafePointer(room), panel, planes.weights)
          }
          for place in 0..<16 {
            multiply(
              MatrixView(spread + place * planes.source, stride: source),
              MatrixView(matrices.start + place * matrices.plane, stride: matrices.stride),
              rows: tiles.count, columns: columns.count, depth: source,
              into: products + place * planes.result + columns.lowerBound, stride: result)
          }
        }
      }
    }
    lanes.share(tiles.count) { part in
      tiles.gather(
        part, of: UnsafePointer(products + part.lowerBound * result), plane: planes.result, finish, into: y)
    }
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
    var tail = group?.tail[...] ?? []
    let shape = try shape(node.outputs[0])
    let layout = try Layout.channelsLast(shape.dimensions)
    var inputs = [try use(node.inputs[0], as: .channelsLast(try self.shape(node.inputs[0]).dimensions))]
    let constant = constant(name)
    if let constant {
      let transformed = derived(from: constant, "minimal filtering\(mirrored ? " backwards" : "")") {
        WinogradConvolution.transformed(constant, mirrored: mirrored)
      }
      inputs.append(
        try use(transformed, viewedAs: transformed.shape, as: .plain(transformed.shape.dimensions)))
    } else {
      inputs.append(try use(name, as: .plain(try self.shape(name).dimensions)))
    }
    if let bias { inputs.append(try use(bias, as: .plain([shape[1]]))) }
    var hasAddend = false
    if case .binary(.add, let name)? = tail.first, try self.shape(name) == shape, self.constant(name) == nil {
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
    let isConstant = constant != nil
    let kernel = NativeKernel(work: convolution.work) { [hasAddend, isRectified] inputs, outputs, lanes in
      let finish = WinogradTiles.Finish(
        bias: bias == nil ? nil : inputs[2], addend: hasAddend ? inputs[inputs.count - 1] : nil,
        isRectified: isRectified)
      convolution.run(
        inputs[0], isConstant ? .transformed(inputs[1]) : .kernels(inputs[1], mirrored: mirrored), finish,
        into: outputs[0], scratch: outputs[1], lanes)
    }
    let room = try scratch(convolution.scratchCount(transforms: !isConstant))
    emit(kernel, inputs: inputs, outputs: [destination, room])
    try emitAlone(Array(tail), on: destination, shape)
  }
}
