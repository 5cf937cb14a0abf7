import Audio
import Graphs
import Tensors

/// How patches of a log-mel picture lie in a network's input: rows first, then the file's other axes in their order, of
/// which one runs along frames, one along bands, and all others have extent 1.
struct PictureLayout: Sendable {
  let input: TensorName
  /// The extents of a row's axes.
  let row: [Int]
  /// The axes of a row along which frames and bands run.
  let frames: Int
  let bands: Int
  /// Whether the network takes the patches of a clip as the steps of a sequence, `[clips, steps, …]`.
  let isWalking: Bool

  /// - Throws: `ModelError.frontEndMismatch` where the front end's patches do not fit the input.
  init(
    _ input: GraphInput, of network: Network, _ frontEnd: FrontEnd, _ axes: ModelDescription.Axes?,
    path: String
  )
    throws(ModelError)
  {
    let rowAxis = network.rows.axes[input.name] ?? nil
    let all = (input.dimensions ?? []).enumerated().filter { $0.offset != rowAxis }.map(\.element)
    let places = all.indices.filter { all[$0] != .fixed(1) }
    let (frames, bands) = (frontEnd.patch.frames, frontEnd.mel.bands)
    func fits(_ extents: [Int]) -> Bool {
      places.count == 2
        && zip(places, extents).allSatisfy { place, extent in
          if case .fixed(let fixed) = all[place] { return fixed == extent }
          return true
        }
    }
    let framesFirst = fits([frames, bands]) && axes != .bandsFrames
    guard framesFirst || (fits([bands, frames]) && axes != .framesBands) else {
      throw .frontEndMismatch(
        path: path, input: "[" + (input.dimensions ?? []).map(\.description).joined(separator: ", ") + "]",
        picture: "\(frames) frames x \(bands) bands")
    }
    self.input = input.name
    self.frames = places[framesFirst ? 0 : 1]
    self.bands = places[framesFirst ? 1 : 0]
    var row = all.map { _ in 1 }
    (row[self.frames], row[self.bands]) = (frames, bands)
    self.row = row
    isWalking = network.isWalking
  }

  private var isBandsFirst: Bool { bands < frames }

  /// The input's shape for `clips` of `patches` patches each.
  func shape(clips: Int, patches: Int) -> Shape {
    Shape((isWalking ? [clips, patches] : [clips * patches]) + row)
  }

  /// `[clips · patches, frames, bands]` as the network takes them.
  func input(_ patches: Tensor, clips: Int) -> Tensor {
    (isBandsFirst ? patches.exchangingLastAxes() : patches).reshaped(
      to: shape(clips: clips, patches: patches.shape[0] / max(1, clips)))
  }

  /// The way back: `[rows, frames, bands]`.
  func patches(_ input: Tensor) -> Tensor {
    let (f, b) = (row[frames], row[bands])
    let rows = input.count / max(1, f * b)
    guard isBandsFirst else { return input.reshaped(to: [rows, f, b]) }
    return input.reshaped(to: [rows, b, f]).exchangingLastAxes()
  }
}

extension Tensor {
  /// `[n, a, b]` as `[n, b, a]`.
  fileprivate func exchangingLastAxes() -> Tensor {
    let (rows, a, b) = (shape[0], shape[1], shape[2])
    return Tensor(unsafeUninitialized: [rows, b, a]) { result in
      withUnsafeValues { values in
        for row in 0..<rows {
          for i in 0..<a { for j in 0..<b { result[(row * b + j) * a + i] = values[(row * a + i) * b + j] } }
        }
      }
    }
  }
}
