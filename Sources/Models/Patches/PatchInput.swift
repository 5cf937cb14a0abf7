import Audio
import Graphs
import Tensors

/// How patches become what a network takes, where that is more than their bins: steps on each patch (another size,
/// colours, slopes as channels), several channels of a sound, or several resolutions.
///
/// The steps are put before the network's own graph, so that its input is the picture that is explained, and every rule of
/// gradients goes through them.
struct PatchInput: Sendable {
  /// The pictures of a sound: those of each of its channels in each resolution.
  let channels: Int
  /// The channels of a sound.
  var soundChannels: Int { channels / frontEnd.pictureCount }
  /// The network behind the steps; its input is `[N, frames, channels · bands]`.
  let network: Network
  /// The file's own input.
  let input: TensorName
  /// The extents of a row of it, and where channels, frames and bands run in it; nil for one that has no axis.
  private let row: [Int]
  private let places: (channels: Int?, frames: Int?, bands: Int?)
  private let extents: PatchExtents
  private let frontEnd: FrontEnd

  /// nil where the network takes patches as they are.
  ///
  /// - Throws: `ModelError.frontEndMismatch` where the patches do not fit the input in any order of axes.
  init?(
    _ input: GraphInput, of network: Network, _ frontEnd: FrontEnd, _ axes: ModelDescription.Axes?,
    path: String
  ) throws {
    let isOnePicture = frontEnd.sound.channels != .all && frontEnd.pictureCount == 1
    guard !frontEnd.patch.steps.isEmpty || !isOnePicture else { return nil }
    guard !network.isWalking else {
      throw ModelError.badDescription(
        where: path,
        reason:
          "'state' and the front end's steps on patches, or several channels or resolutions, do not go together"
      )
    }
    let rowAxis = network.rows.axes[input.name] ?? nil
    let all = (input.dimensions ?? []).enumerated().filter { $0.offset != rowAxis }.map(\.element)
    let choices = (frontEnd.sound.channels == .all ? Array(2...64) + [1] : [1]).map {
      $0 * frontEnd.pictureCount
    }
    var found: (channels: Int, extents: PatchExtents, places: (Int?, Int?, Int?))?
    for channels in choices where found == nil {
      let extents = frontEnd.patchExtents(channels: channels)
      if let places = Self.places(extents, in: all, axes) { found = (channels, extents, places) }
    }
    let shown = "[" + (input.dimensions ?? []).map(\.description).joined(separator: ", ") + "]"
    guard let found else {
      let extents = frontEnd.patchExtents(channels: frontEnd.pictureCount)
      throw ModelError.frontEndMismatch(
        path: path, input: shown,
        picture: "\(extents.channels) channels x \(extents.frames) frames x \(extents.bands) bands")
    }
    (channels, extents, places) = found
    self.input = input.name
    self.frontEnd = frontEnd
    var row = all.map { _ in 1 }
    for (place, extent) in [
      (found.places.0, extents.channels), (found.places.1, extents.frames), (found.places.2, extents.bands),
    ] {
      if let place { row[place] = extent }
    }
    self.row = row
    let first = try PatchGraph.graph(frontEnd, channels: channels)
    let graph = try network.graph.preceded(
      by: Self.placed(first, input: input.name, row, found.places, rowAxis: rowAxis))
    self.network = Network(
      graph, threads: network.threads, rowsPerRun: network.rowsPerRun, memory: network.memory,
      rows: RowLayout(axes: [PatchGraph.input: 0], capacity: network.rows.capacity))
  }

  /// Which axes of a row run along channels, frames and bands; nil where no order fits.
  ///
  /// Pictures as image networks take them have frequency along their height, which comes first.
  private static func places(
    _ extents: PatchExtents, in row: [Dimension], _ axes: ModelDescription.Axes?
  ) -> (Int?, Int?, Int?)? {
    let free = row.indices.filter { row[$0] != .fixed(1) }
    let isImage = extents.channels == 3 && extents.frames == extents.bands
    let bandsFirst = axes == .bandsFrames || axes == nil && isImage
    let orders: [[Role]] =
      bandsFirst
      ? [[.channels, .bands, .frames], [.bands, .frames, .channels]]
      : [[.channels, .frames, .bands], [.frames, .bands, .channels]]
    let others: [[Role]] =
      axes != nil
      ? []
      : bandsFirst
        ? [[.channels, .frames, .bands], [.frames, .bands, .channels]]
        : [[.channels, .bands, .frames], [.bands, .frames, .channels]]
    func extent(_ role: Role) -> Int {
      switch role {
      case .channels: extents.channels
      case .frames: extents.frames
      case .bands: extents.bands
      }
    }
    for order in orders + others {
      // Roles of one place each may have no axis of their own.
      let roles = order.filter { extent($0) != 1 }
      guard roles.count == free.count,
        zip(roles, free).allSatisfy({ role, place in
          if case .fixed(let fixed) = row[place] { fixed == extent(role) } else { true }
        })
      else { continue }
      func place(_ role: Role) -> Int? { roles.firstIndex(of: role).map { free[$0] } }
      return (place(.channels), place(.frames), place(.bands))
    }
    return nil
  }

  private enum Role { case channels, frames, bands }

  /// The graph of the steps, its result laid out as the file's input.
  private static func placed(
    _ steps: Graph, input: TensorName, _ row: [Int], _ places: (Int?, Int?, Int?), rowAxis: Int?
  ) throws -> Graph {
    // [N, channels, frames, bands]: those with a place in their order there; axes of one place fall away.
    let placed = [(1, places.0), (2, places.1), (3, places.2)]
    let order = placed.compactMap { axis, place in place.map { (axis, $0) } }.sorted { $0.1 < $1.1 }.map(\.0)
    let rest = placed.filter { $0.1 == nil }.map(\.0)
    var shape = row
    var axes = [0] + order + rest
    if let rowAxis, rowAxis > 0 {
      // Rows go where the file has them, among the axes that are not of one place.
      let before = row[..<rowAxis].count { $0 != 1 }
      axes.remove(at: 0)
      axes.insert(0, at: min(before, axes.count))
    }
    if let rowAxis { shape.insert(-1, at: rowAxis) }
    let turned = "patch in the file's order"
    return try Graph(
      name: steps.name, inputs: steps.inputs,
      nodes: steps.nodes + [
        Node(
          name: turned, operation: Transposition(axes: axes), inputs: [PatchGraph.output], outputs: [turned]),
        Node(
          name: input, operation: Reshaping(.reshape(to: shape, zeroKeeps: false)), inputs: [turned],
          outputs: [input]),
      ], constants: steps.constants, outputs: [input])
  }

  /// What the file's network takes for patches, `[N, frames, channels · bands]`: rows first.
  func given(_ patches: Tensor) -> Tensor {
    let made = frontEnd.inputs(of: patches)
    let placed = [(1, places.channels), (2, places.frames), (3, places.bands)]
    let order = placed.compactMap { axis, place in place.map { (axis, $0) } }.sorted { $0.1 < $1.1 }.map(\.0)
    let rest = placed.filter { $0.1 == nil }.map(\.0)
    return made.permuting([0] + order + rest).reshaped(to: Shape([made.shape[0]] + row))
  }

  /// Where maps of layers are drawn: on the file's input, then back through what moved and resized the picture.
  var panel: PicturePanel {
    let (frames, bands) = (frontEnd.patch.frames, frontEnd.bandCount)
    let (row, places, extents, channels) = (row, places, extents, channels)
    let steps = frontEnd.patch.steps
    let (turnsBands, turnsFrames) = (steps.contains(.flip(.bands)), steps.contains(.flip(.frames)))
    return PicturePanel(tensor: input, row: row, width: channels * bands) { map in
      // Layers behind a convolution say the same of all channels.
      let count = map.shape[0]
      let strides = Shape([1] + row).strides
      return Tensor(unsafeUninitialized: [count, frames, channels * bands]) { result in
        map.withUnsafeValues { values in
          let size = row.reduce(1, *)
          for image in 0..<count {
            for frame in 0..<frames {
              let f = Self.place(frame, of: frames, on: extents.frames, isTurned: turnsFrames)
              for band in 0..<bands {
                let b = Self.place(band, of: bands, on: extents.bands, isTurned: turnsBands)
                var place = image * size
                if let axis = places.frames { place += f * strides[axis + 1] }
                if let axis = places.bands { place += b * strides[axis + 1] }
                for channel in 0..<channels {
                  result[(image * frames + frame) * channels * bands + channel * bands + band] = values[place]
                }
              }
            }
          }
        }
      }
    }
  }

  /// The place of a resized axis that shows place `index` of the axis before.
  private static func place(_ index: Int, of count: Int, on resized: Int, isTurned: Bool) -> Int {
    let place = min(resized - 1, index * resized / max(1, count))
    return isTurned ? resized - 1 - place : place
  }
}
