import Audio
import Graphs
import Tensors

/// How patches lie in a network's input: rows first, then the file's other axes in their order. One of them runs along the
/// frames and one along the bands; a network that takes samples has an axis of samples alone; where patches have channels,
/// one runs along these. All others have extent 1.
struct PictureLayout: Sendable {
  let input: TensorName
  /// The extents of a row's axes, for a patch of the front end's length.
  let row: [Int]
  /// The axes of a row along which frames and bands run; bands have none where frames are samples.
  let frames: Int
  let bands: Int?
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
    let (frames, bands) = (frontEnd.patch.frames, frontEnd.bandCount)
    func fits(_ extents: [Int]) -> Bool {
      places.count == extents.count
        && zip(places, extents).allSatisfy { place, extent in
          if case .fixed(let fixed) = all[place] { return fixed == extent }
          return true
        }
    }
    let shown = "[" + (input.dimensions ?? []).map(\.description).joined(separator: ", ") + "]"
    self.input = input.name
    isWalking = network.isWalking
    var row = all.map { _ in 1 }
    if frontEnd.isSamples {
      // Of a network for one sample at a time, the last axis is as good as any.
      guard fits(frames == 1 ? [] : [frames]), let last = all.indices.last else {
        throw .frontEndMismatch(path: path, input: shown, picture: "\(frames) samples")
      }
      self.frames = places.first ?? last
      self.bands = nil
      row[self.frames] = frames
    } else {
      let framesFirst = fits([frames, bands]) && axes != .bandsFrames
      guard framesFirst || (fits([bands, frames]) && axes != .framesBands) else {
        throw .frontEndMismatch(path: path, input: shown, picture: "\(frames) frames x \(bands) bands")
      }
      self.frames = places[framesFirst ? 0 : 1]
      let ofBands = places[framesFirst ? 1 : 0]
      (row[self.frames], row[ofBands]) = (frames, bands)
      self.bands = ofBands
    }
    self.row = row
  }

  /// Of pictures before the steps on each patch, `[rows, frames, channels · bands]`.
  init(steps frontEnd: FrontEnd, channels: Int) {
    (input, row) = (PatchGraph.input, [frontEnd.patch.frames, channels * frontEnd.bandCount])
    (frames, bands, isWalking) = (0, 1, false)
  }

  /// Of the picture behind a cut, `[rows, frames, bands]`.
  init(_ inside: InnerPicture) {
    (input, row) = (InnerPicture.input, [inside.frames, inside.bands])
    (frames, bands, isWalking) = (0, 1, false)
  }

  private var isBandsFirst: Bool { bands.map { $0 < frames } ?? false }

  /// The input's shape for `clips` of `patches` patches each.
  ///
  /// - Parameter length: the frames of a patch; nil for the front end's.
  func shape(clips: Int, patches: Int, frames length: Int? = nil) -> Shape {
    var row = row
    if let length { row[frames] = length }
    return Shape((isWalking ? [clips, patches] : [clips * patches]) + row)
  }

  /// `[clips · patches, frames, bands]` as the network takes them.
  func input(_ patches: Tensor, clips: Int) -> Tensor {
    (isBandsFirst ? patches.exchangingLastAxes() : patches).reshaped(
      to: shape(clips: clips, patches: patches.shape[0] / max(1, clips), frames: patches.shape[1]))
  }

  /// The way back: `[rows, frames, bands]`.
  ///
  /// - Parameter input: rows, of patches of any length.
  func patches(_ input: Tensor) -> Tensor {
    let bandCount = bands.map { row[$0] } ?? 1
    let length = input.shape[frames + (isWalking ? 2 : 1)]
    let rows = input.count / max(1, length * bandCount)
    guard isBandsFirst else { return input.reshaped(to: [rows, length, bandCount]) }
    return input.reshaped(to: [rows, bandCount, length]).exchangingLastAxes()
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
