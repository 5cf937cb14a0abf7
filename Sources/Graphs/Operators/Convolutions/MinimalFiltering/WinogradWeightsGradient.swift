import OneDNN
import Tensors

/// The gradient of a convolution of 3 × 3 kernels at stride 1 with respect to its weights by minimal filtering: with `m`
/// the gradient of what the tiles are multiplied with, `∂w = Gᵀ m G` and `m = Σ (Bᵀ x B) ⊙ (A g Aᵀ)` over all tiles, `g`
/// being the gradient of y. That makes 16 matrix products `[O, tiles] · [tiles, C]`; see `WinogradTiles`.
///
/// The gradient is written as the weights lie: `[O, C, 3, 3]`.
struct WinogradWeightsGradient: Sendable {
  private let tiles: WinogradTiles
  /// Threads that work at once.
  private let lanes: Int
  /// Tiles whose transforms exist at once.
  private let chunk: Int
  /// Channels of the result whose sums exist at once, a set for each lane; all of them where tiles do not.
  private let panel: Int

  private static let tilesAtOnce = 256
  private static let channelsAtOnce = 32

  /// nil where the definition is as fast, or the window is another one.
  ///
  /// - Parameters:
  ///   - source: of the convolution.
  ///   - result: of the convolution.
  init?(_ window: WindowGeometry, from source: Shape, to result: Shape, lanes: Int) {
    guard let tiles = WinogradTiles(window, from: source, to: result) else { return nil }
    self.tiles = tiles
    self.lanes = max(1, lanes)
    (chunk, panel) =
      tiles.areFew
      ? (tiles.count, Self.channelsAtOnce) : (min(tiles.count, Self.tilesAtOnce), tiles.result.channels)
  }

  /// Elementary operations of a run, about.
  var work: Int { tiles.work }

  /// How far apart the sixteen numbers of tiles, of gradients and of sums lie.
  private var planes: (source: Int, result: Int, sums: Int) {
    (
      WinogradTiles.plane(chunk * tiles.source.channels), WinogradTiles.plane(chunk * tiles.result.channels),
      WinogradTiles.plane(panel * tiles.source.channels)
    )
  }

  /// Numbers that a run needs room for.
  var scratchCount: Int {
    let planes = planes
    return 16 * (planes.source + planes.result + (tiles.areFew ? lanes : 1) * planes.sums) + zeroCount
  }

  private var zeroCount: Int { (max(tiles.source.channels, tiles.result.channels) + 15) & ~15 }

  func run(
    _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, into weights: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    scratch.update(repeating: 0, count: zeroCount)
    let zeros = UnsafePointer(scratch)
    let (source, result) = (tiles.source.channels, tiles.result.channels)
    let planes = planes
    let spread = scratch + zeroCount
    let gradients = spread + 16 * planes.source
    let sums = gradients + 16 * planes.result
    let lanes = Lanes(count: min(self.lanes, lanes.count))
    /// Adds what `count` tiles give for some of the result's channels to one of the sixteen numbers.
    func add(
      _ count: Int, at place: Int, _ rows: Range<Int>, isFirst: Bool, to sums: UnsafeMutablePointer<Float>
    ) {
      multiply(
        MatrixView(gradients + place * planes.result + rows.lowerBound, stride: result, transposed: true),
        MatrixView(spread + place * planes.source, stride: source),
        rows: rows.count, columns: source, depth: count, adding: !isFirst, into: sums, stride: source)
    }
    for start in stride(from: 0, to: tiles.count, by: chunk) {
      let count = min(chunk, tiles.count - start)
      lanes.share(count) { part in
        let all = start + part.lowerBound..<start + part.upperBound
        tiles.spread(all, of: x, zeros, into: spread + part.lowerBound * source, plane: planes.source)
        tiles.spreadGradient(
          all, of: gradient, zeros, into: gradients + part.lowerBound * result, plane: planes.result)
      }
      guard !tiles.areFew else { continue }
      // Each of the sixteen in two halves, for more than sixteen threads.
      let half = (result / 2 + 15) & ~15
      lanes.share(32) { items in
        for item in items {
          let rows = item % 2 == 0 ? 0..<half : half..<result
          add(
            count, at: item / 2, rows, isFirst: start == 0,
            to: sums + item / 2 * planes.sums + rows.lowerBound * source)
        }
      }
    }
    guard tiles.areFew else {
      return lanes.share(result) { rows in
        WinogradKernels.gather(
          UnsafePointer(sums + rows.lowerBound * source), rows: rows.count, columns: source,
          plane: planes.sums, into: weights + rows.lowerBound * source * 9)
      }
    }
    let panels = (result + panel - 1) / panel
    lanes.share(lanes.count) { lanesHere in
      for lane in lanesHere {
        let sums = sums + lane * 16 * planes.sums
        for number in lane * panels / lanes.count..<(lane + 1) * panels / lanes.count {
          let rows = number * panel..<min(result, (number + 1) * panel)
          for place in 0..<16 {
            add(tiles.count, at: place, rows, isFirst: true, to: sums + place * planes.sums)
          }
          WinogradKernels.gather(
            UnsafePointer(sums), rows: rows.count, columns: source, plane: planes.sums,
            into: weights + rows.lowerBound * source * 9)
        }
      }
    }
  }
}

extension Lowering {
  /// Emits the gradient with respect to the weights by minimal filtering: operands and results as those of
  /// `ConvolutionWeightsGradient`.
  func emit(_ convolution: WinogradWeightsGradient, _ node: Node) throws {
    let shape = try shape(node.inputs[0])
    let gradient = try use(node.inputs[0], as: .channelsLast(shape.dimensions))
    let source = try use(node.inputs[1], as: .channelsLast(try self.shape(node.inputs[1]).dimensions))
    if node.outputs.count > 1 {
      let (rows, channels) = (shape.count / shape[1], shape[1])
      emit(
        NativeKernel(work: shape.count) { inputs, outputs, lanes in
          sumOfRows(inputs[0], rows, channels, into: outputs[0], lanes)
        }, inputs: [gradient], outputs: [define(node.outputs[1], try .plain([channels]))])
    }
    let weights = define(node.outputs[0], try .plain(try self.shape(node.outputs[0]).dimensions))
    emit(
      NativeKernel(work: convolution.work) { inputs, outputs, lanes in
        convolution.run(inputs[0], inputs[1], into: outputs[0], scratch: outputs[1], lanes)
      }, inputs: [source, gradient], outputs: [weights, try scratch(convolution.scratchCount)])
  }
}

/// `y[c] = Σ x[r, c]` of rows one behind another. Stretches of 256 rows are brought together in double precision, so that
/// long sums are as exact as short ones.
private func sumOfRows(
  _ x: UnsafePointer<Float>, _ rows: Int, _ channels: Int, into y: UnsafeMutablePointer<Float>, _ lanes: Lanes
) {
  lanes.share((channels + 3) / 4) { blocks in
    for channel in stride(from: blocks.lowerBound * 4, to: min(channels, blocks.upperBound * 4), by: 4) {
      var total = SIMD4<Double>.zero
      for start in stride(from: 0, to: rows, by: 256) {
        var sum = Four.zero
        for row in start..<min(rows, start + 256) { sum += Four(x + row * channels + channel) }
        total += SIMD4<Double>(sum)
      }
      Four(total).store(at: y + channel)
    }
  }
}
