import OneDNN
import Tensors

/// The tiles of a convolution of 3 × 3 kernels at stride 1 by minimal filtering, F(2 × 2, 3 × 3), and what is done to
/// each before and after the products.
///
/// A tile of 2 × 2 results takes 16 products for each pair of channels, where the definition takes 36:
/// `y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ x B)] A` for each tile of 4 × 4 places x, with `⊙` summed over the channels: that makes 16
/// matrix products `[tiles, C] · [C, O]`. The transforms of x and y only add and subtract, so that results stay as exact
/// as those of the definition but for a small factor. Winograd, 1980; Lavin and Gray, 2016.
///
/// Channels last: x `[N, H, W, C]`, y `[N, H′, W′, O]`. The sixteen numbers that a transform makes of a tile lie `plane`
/// numbers apart.
struct WinogradTiles: Sendable {
  let source: (height: Int, width: Int, channels: Int)
  let result: (height: Int, width: Int, channels: Int)
  private let padding: (top: Int, left: Int)
  private let down: Int
  private let across: Int
  /// All tiles of all rows of the batch.
  let count: Int

  /// With fewer channels, the transforms cost more than the products that they save (measured at 32: a third slower; at
  /// 64: half as fast again).
  private static let fewestChannels = 64
  /// With fewer tiles, reading the weights takes longer than the products: transformed, they are 16/9 as large (measured
  /// with 512 channels: 2 tiles, three times as long as the definition; 24 tiles, half as long).
  private static let fewestTiles = 12

  /// nil where the definition is as fast, or the window is another one.
  init?(_ window: WindowGeometry, from source: Shape, to result: Shape) {
    guard source.rank == 4, window.kernel == [3, 3], window.strides == [1, 1], window.dilations == [1, 1],
      min(source[1], result[1]) >= Self.fewestChannels, source[1] % 4 == 0, result[1] % 4 == 0,
      source.count > 0, result.count > 0
    else { return nil }
    self.source = (source[2], source[3], source[1])
    self.result = (result[2], result[3], result[1])
    padding = (window.padsBefore[0], window.padsBefore[1])
    (down, across) = ((result[2] + 1) / 2, (result[3] + 1) / 2)
    count = result[0] * down * across
    guard count >= Self.fewestTiles else { return nil }
  }

  /// Whether the weights take more room than what is multiplied with them. Then a part of the weights goes all the way at
  /// a time, else a part of the tiles, so that what lies between the transforms stays in the caches.
  var areFew: Bool {
    count * (source.channels + result.channels) <= source.channels * result.channels
  }

  /// Multiplications followed by an addition.
  var work: Int { 16 * count * source.channels * result.channels }

  /// How far apart the sixteen numbers of a transform lie when there are `count` of each: a little more than needed, as
  /// addresses that are a power of two apart would compete for the same places of the caches.
  static func plane(_ count: Int) -> Int { (count + 15) & ~15 + 16 }

  /// The row of the batch, and the first place of the result, that a tile is for.
  private func place(of tile: Int) -> (row: Int, down: Int, across: Int) {
    let (line, across) = tile.quotientAndRemainder(dividingBy: self.across)
    let (row, down) = line.quotientAndRemainder(dividingBy: self.down)
    return (row, 2 * down, 2 * across)
  }

  /// `Bᵀ x B` of some tiles: `[16, tiles, C]`. What lies outside is zero.
  ///
  /// - Parameter zeros: as many as there are channels.
  func spread(
    _ part: Range<Int>, of x: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>,
    into spread: UnsafeMutablePointer<Float>, plane: Int
  ) {
    let channels = source.channels
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
        for channel in stride(from: 0, to: channels, by: 4) {
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
            let out = out + channel + 4 * row * plane
            (a - c).store(at: out)
            (b + c).store(at: out + plane)
            (c - b).store(at: out + 2 * plane)
            (b - d).store(at: out + 3 * plane)
          }
          store(0, a.0, b.0, c.0, d.0)
          store(1, a.1, b.1, c.1, d.1)
          store(2, a.2, b.2, c.2, d.2)
          store(3, a.3, b.3, c.3, d.3)
        }
      }
    }
  }

  /// What is done to a sum before it is written.
  struct Finish {
    var bias: UnsafePointer<Float>?
    /// As large as the result.
    var addend: UnsafePointer<Float>?
    var isRectified: Bool
  }

  /// `Aᵀ m A` of some tiles' products `[16, tiles, O]`, finished and written where they belong.
  func gather(
    _ part: Range<Int>, of products: UnsafePointer<Float>, plane: Int, _ finish: Finish,
    into y: UnsafeMutablePointer<Float>
  ) {
    let channels = result.channels
    for (index, tile) in part.enumerated() {
      let (row, down, across) = place(of: tile)
      let first = ((row * result.height + down) * result.width + across) * channels
      let (hasSecondRow, hasSecondColumn) = (down + 1 < result.height, across + 1 < result.width)
      for channel in stride(from: 0, to: channels, by: 4) {
        // A = [1 0; 1 1; 1 −1; 0 −1]
        let products = products + index * channels + channel
        @inline(__always) func column(_ j: Int) -> (Four, Four) {
          let a = Four(products + j * plane)
          let b = Four(products + (4 + j) * plane)
          let c = Four(products + (8 + j) * plane)
          let d = Four(products + (12 + j) * plane)
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

  /// `A g Aᵀ` of some tiles of the gradient of the result: `[16, tiles, O]`. What lies outside is zero.
  ///
  /// - Parameter zeros: as many as there are channels.
  func spreadGradient(
    _ part: Range<Int>, of gradient: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>,
    into spread: UnsafeMutablePointer<Float>, plane: Int
  ) {
    let channels = result.channels
    for (index, tile) in part.enumerated() {
      let (row, down, across) = place(of: tile)
      let first = gradient + ((row * result.height + down) * result.width + across) * channels
      let (hasSecondRow, hasSecondColumn) = (down + 1 < result.height, across + 1 < result.width)
      let second = hasSecondColumn ? first + channels : zeros
      let third = hasSecondRow ? first + result.width * channels : zeros
      let fourth = hasSecondRow && hasSecondColumn ? first + (result.width + 1) * channels : zeros
      let out = spread + index * channels
      for channel in stride(from: 0, to: channels, by: 4) {
        @inline(__always) func store(_ row: Int, _ a: Four, _ b: Four) {
          let out = out + channel + 4 * row * plane
          a.store(at: out)
          (a + b).store(at: out + plane)
          (a - b).store(at: out + 2 * plane)
          (-b).store(at: out + 3 * plane)
        }
        let (a, b) = (Four(first + channel), Four(second + channel))
        let (c, d) = (Four(third + channel), Four(fourth + channel))
        store(0, a, b)
        store(1, a + c, b + d)
        store(2, a - c, b - d)
        store(3, -c, -d)
      }
    }
  }
}

/// What a register of any x86-64 holds.
typealias Four = SIMD4<Float>

extension Four {
  @inline(__always)
  init(_ start: UnsafePointer<Float>) {
    self = UnsafeRawPointer(start).loadUnaligned(as: Four.self)
  }

  @inline(__always)
  func store(at start: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(start).storeBytes(of: self, as: Four.self)
  }
}
