import Audio
import Files
package import Graphs
package import Models
package import Tensors

/// How a layer's values lie on a patch of sound: which axes of a row run along time and frequency, where each place is
/// centred, and how much of the picture it sees.
///
/// All other axes together are the layer's channels. Tokens of a transformer are places: of time where they follow it one by
/// one, of time and frequency where they are the places of a picture of patches read out one after another (with up to two
/// tokens before them that stand for no place). A layer without such axes is one place that sees the whole patch.
///
/// What attention, a recurrence, a gate or the statistics of a normalization bring from elsewhere in the patch is not counted as seen by a place; where there
/// are the first two, ``mixesAllPlaces`` says so.
package struct LayerGeometry: Sendable {
  package let tensor: TensorName
  /// The extents of a row's axes.
  package let row: [Int]
  /// One of `[N, channels, times, bands]`, as ``maps(_:)`` gives them.
  package let channels: Int
  package let time: Axis
  package let band: Axis
  /// For each tensor that holds part of the picture, the layer's places on the bands of it; nil where the layer does not see
  /// it. Of two pictures that are joined as channels, a place sees the same bands of both.
  package let bandsByPanel: [Axis?]
  /// Whether attention or a recurrence before it lets every place hear the whole patch.
  package let mixesAllPlaces: Bool

  /// Where the places of one axis lie on the picture of a patch, counted in its frames or bands.
  package struct Axis: Sendable, Hashable {
    package let count: Int
    /// The centre of each place. Frames and bands may be fractions; padding makes them lie outside.
    package let centres: [Double]
    /// How many frames or bands a place sees.
    package let size: Double

    /// Of the picture's frames or bands, those that a place sees, clipped to `extent` of them.
    package func range(of place: Int, within extent: Int) -> Range<Int> {
      let first = Int((centres[place] - (size - 1) / 2).rounded())
      let low = min(max(0, first), max(0, extent - 1))
      return low..<min(extent, max(low + 1, first + max(1, Int(size.rounded()))))
    }

    /// One place that sees everything.
    fileprivate static func whole(_ extent: Int) -> Axis {
      Axis(count: 1, centres: [Double(extent - 1) / 2], size: Double(extent))
    }
  }

  /// Which axes of a row are which.
  enum Order: Sendable {
    /// Places along axes of their own; nil for none.
    case axes(time: Int?, band: Int?)
    /// `times · bands` tokens along an axis, behind `prefix` others; bands change faster where `bandsInside`.
    case tokens(axis: Int, prefix: Int, bandsInside: Bool)
  }
  let order: Order

  /// - Throws: `GraphError.unknownTensor`; `ProbeError.notByPatch` where the tensor has no row for each patch.
  package init(_ tensor: TensorName, of model: AudioModel) throws {
    let network = model.network
    let shapes = model.patchInputShape
    self.tensor = try network.graph.tensor(named: tensor)
    guard network.graph.constants[tensor] == nil else { throw ProbeError.notByPatch(tensor) }
    let row = Array(try network.shape(of: tensor, at: shapes).dimensions.dropFirst())
    self.row = row
    let (frames, bands) = (model.patchFrames, model.axes.bandCount)
    mixesAllPlaces = try network.graph.mixesPlaces(before: tensor)
    var found: (order: Order, time: Axis?, band: Axis?)?
    var bandsByPanel: [Axis?] = []
    for panel in model.picturePanels {
      let coordinates = panel.coordinates
      let fields = try network.receptiveFields(of: panel.tensor, at: shapes, throughStatistics: true)
      var here: (order: Order, time: Axis?, band: Axis?)?
      if let field = fields[tensor] {
        let places = field.places(coordinates)
        if places.time != nil || places.band != nil {
          here = (
            .axes(time: places.time, band: places.band),
            places.time.map { coordinates.timeAxis(field, $0, count: row[$0]) },
            places.band.map { coordinates.bandAxis(field, $0, count: row[$0]) }
          )
        } else if let grid = try network.tokenGrid(of: tensor, row: row, fields, coordinates, at: shapes) {
          here = (
            .tokens(axis: grid.axis, prefix: grid.prefix, bandsInside: grid.bandsInside), grid.time, grid.band
          )
        }
        bandsByPanel.append(here?.band ?? .whole(bands))
      } else {
        bandsByPanel.append(nil)
      }
      if found == nil { found = here }
    }
    order = found?.order ?? .axes(time: nil, band: nil)
    time = found?.time ?? .whole(frames)
    band = found?.band ?? .whole(bands)
    self.bandsByPanel = bandsByPanel
    let all = row.reduce(1, *)
    switch order {
    case .axes: channels = all / max(1, time.count * band.count)
    case .tokens(let axis, _, _): channels = all / max(1, row[axis])
    }
  }

  /// The same places of other values: those of `tokens` alone, in a row of other extents.
  init(_ other: LayerGeometry, row: [Int], tokens axis: Int) {
    tensor = other.tensor
    self.row = row
    (time, band, bandsByPanel, mixesAllPlaces) = (
      other.time, other.band, other.bandsByPanel, other.mixesAllPlaces
    )
    order =
      if case .tokens(_, let prefix, let bandsInside) = other.order {
        .tokens(axis: axis, prefix: prefix, bandsInside: bandsInside)
      } else { .axes(time: axis, band: nil) }
    channels = row.reduce(1, *) / max(1, row[axis])
  }

  /// Places of one channel.
  package var places: Int { time.count * band.count }

  /// The layer's values, `[N] + row`, as `[N, channels, times, bands]`.
  package func maps(_ values: Tensor) -> Tensor {
    let count = values.shape[0]
    switch order {
    case .axes(let time, let band):
      let others = row.indices.filter { $0 != time && $0 != band }
      let axes = others + [time, band].compactMap { $0 }
      return values.permuting([0] + axes.map { $0 + 1 }).reshaped(
        to: [count, channels, self.time.count, self.band.count])
    case .tokens(let axis, let prefix, let bandsInside):
      let others = row.indices.filter { $0 != axis }
      let turned = values.permuting([0] + others.map { $0 + 1 } + [axis + 1])
      let (tokens, times, bands) = (row[axis], time.count, band.count)
      return Tensor(unsafeUninitialized: [count, channels, times, bands]) { result in
        turned.withUnsafeValues { values in
          for channel in 0..<count * channels {
            let (source, target) = (channel * tokens + prefix, channel * times * bands)
            for t in 0..<times {
              for b in 0..<bands {
                result[target + t * bands + b] =
                  values[source + (bandsInside ? t * bands + b : b * times + t)]
              }
            }
          }
        }
      }
    }
  }
}

/// What can keep a unit from being looked at.
package enum ProbeError: RemediableError, Hashable {
  /// A constant, or a tensor that has no row for each patch.
  case notByPatch(TensorName)
  /// A channel that the layer does not have.
  case noChannel(Int, of: TensorName, channels: Int)
  /// A layer that nobody knows by these words; `layers` are those there are.
  case noLayer(String, layers: [TensorName])
  /// A network without a convolution over what it is given.
  case noFilters(model: String, input: TensorName)

  private static let mostToldLayers = 12

  /// Whether the layer is there, and a channel of it is not.
  package var isOfChannel: Bool { if case .noChannel = self { true } else { false } }

  package var isMisuse: Bool {
    switch self {
    case .noChannel, .noLayer, .notByPatch: true
    case .noFilters: false
    }
  }

  package var description: String {
    switch self {
    case .notByPatch(let tensor): "'\(tensor)' does not have values of its own for each patch of a sound"
    case .noChannel(let channel, let tensor, let channels):
      "'\(tensor)' has channels 0 to \(channels - 1), not \(channel)"
    case .noLayer(let words, let layers):
      "no layer is called '\(words)'; give the name of a tensor, a pattern such as '*relu*', or the number of a layer: "
        + layers.enumerated().prefix(Self.mostToldLayers).map { "\($0 + 1) '\($1)'" }.joined(separator: ", ")
        + (layers.count > Self.mostToldLayers ? ", ... \(layers.count) '\(layers[layers.count - 1])'" : "")
    case .noFilters(let model, let input):
      "\(model) has no convolution over its input '\(input)', so there are no filters to show; 'otoscope look' shows what "
        + "its layers make of a sound"
    }
  }
}

// MARK: - From a tensor's places to the picture's

/// Where the places of a tensor that holds a picture lie on the picture itself.
struct PanelCoordinates {
  /// The axes of a row that run along time and frequency.
  let time: Int?
  let band: Int?
  /// For each frame of the picture, its place on the time axis; for each band of the first panel, its place.
  fileprivate let places: (frames: [Double], bands: [Double])

  func timeAxis(_ field: ReceptiveField, _ place: Int, count: Int) -> LayerGeometry.Axis {
    axis(field, place, count: count, places.frames)
  }

  func bandAxis(_ field: ReceptiveField, _ place: Int, count: Int) -> LayerGeometry.Axis {
    axis(field, place, count: count, places.bands)
  }

  private func axis(_ field: ReceptiveField, _ place: Int, count: Int, _ places: [Double])
    -> LayerGeometry.Axis
  {
    guard let along = field.axes[place + 1] else {
      return .init(count: count, centres: [Double](repeating: 0, count: count), size: Double(places.count))
    }
    let span = max(1e-9, abs(places[places.count - 1] - places[0]))
    let scale = places.count > 1 ? Double(places.count - 1) / span : 1
    return .init(
      count: count, centres: (0..<count).map { Self.inverse(places, along.centre(Double($0))) },
      size: min(Double(places.count), max(1, along.size * scale)))
  }

  /// Where a rising or falling sequence has the value `y`, between its places; beyond its ends as it goes there.
  private static func inverse(_ values: [Double], _ y: Double) -> Double {
    guard values.count > 1 else { return 0 }
    let rises = values[values.count - 1] > values[0]
    // Resized axes say the same place for several frames.
    let next = values.firstIndex { rises ? $0 > y : $0 < y } ?? values.count - 1
    let high = max(1, next)
    var low = high - 1
    while low > 0, values[low] == values[high] { low -= 1 }
    let step = values[high] - values[low]
    return step == 0 ? Double(low) : Double(low) + (y - values[low]) / step * Double(high - low)
  }
}

extension PicturePanel {
  /// Read off what the panel makes of ramps along each of its axes.
  var coordinates: PanelCoordinates {
    var (time, band): ((Int, [Double])?, (Int, [Double])?)
    let strides = Shape(row).strides
    for axis in row.indices where row[axis] > 1 {
      let ramp = Tensor(
        Shape([1] + row), (0..<row.reduce(1, *)).map { Float($0 / strides[axis] % row[axis]) })
      let shown = picture(ramp)
      let (frames, bands) = (shown.shape[1], shown.shape[2])
      let values = shown.values
      let along = (0..<frames).map { Double(values[$0 * bands]) }
      if time == nil, along.first != along.last { time = (axis, along) }
      // Of several panels stacked upon each other, the first: where the places begin anew.
      var across = (0..<bands).map { Double(values[$0]) }
      if bands > 1, across.first != across[1] || across.first != across.last {
        let rises = across[bands - 1] > across[0] || across[1] > across[0]
        if let end = across.indices.dropFirst().first(where: {
          rises ? across[$0] < across[$0 - 1] : across[$0] > across[$0 - 1]
        }) {
          across = Array(across[..<end])
        }
        if across.first != across.last, band == nil, time?.0 != axis { band = (axis, across) }
      }
    }
    return PanelCoordinates(
      time: time?.0, band: band?.0, places: (time?.1 ?? [0], band?.1 ?? [0]))
  }
}

extension AudioModel {
  /// The tensors that hold the picture: the network's own input, or those that `panels` tell.
  var picturePanels: [PicturePanel] {
    if let panels { return panels }
    let row = Array((patchInputShape[inputName] ?? [1]).dimensions.dropFirst())
    let bands = axes.bandCount
    return [PicturePanel(tensor: inputName, row: row, width: bands) { patches(from: $0) }]
  }
}

extension ReceptiveField {
  /// The axes of a row that run along a panel's time and frequency.
  func places(_ coordinates: PanelCoordinates) -> (time: Int?, band: Int?) {
    func place(_ axis: Int?) -> Int? { axis.flatMap { self.axis(along: $0 + 1) }.map { $0 - 1 } }
    let (time, band) = (place(coordinates.time), place(coordinates.band))
    return (time.flatMap { $0 >= 0 ? $0 : nil }, band.flatMap { $0 >= 0 ? $0 : nil })
  }
}

// MARK: - Tokens

extension Network {
  /// Tokens that are the places of a map, read out one after another.
  struct TokenGrid {
    let axis: Int
    let prefix: Int
    let bandsInside: Bool
    let time: LayerGeometry.Axis
    let band: LayerGeometry.Axis
  }

  /// The map whose places the tokens of `tensor` are: the last one before it that was read out into one axis of so many
  /// places, or of up to two fewer. nil where there is none.
  func tokenGrid(
    of tensor: TensorName, row: [Int], _ fields: [TensorName: ReceptiveField],
    _ coordinates: PanelCoordinates,
    at inputs: [TensorName: Shape]
  ) throws -> TokenGrid? {
    let shapes = try self.shapes(at: inputs)
    var needed: Set<TensorName> = [tensor]
    for node in graph.nodes.reversed() where node.outputs.contains(where: needed.contains) {
      needed.formUnion(node.inputs)
      guard node.kind == "Reshape" || node.kind == "Flatten", let source = node.inputs.first,
        let field = fields[source], let shape = shapes[source]
      else { continue }
      let places = field.places(coordinates)
      guard let time = places.time, let band = places.band, abs(time - band) == 1 else { continue }
      let extents = Array(shape.dimensions.dropFirst())
      let count = extents[time] * extents[band]
      guard count > 1,
        let axis = row.indices.first(where: { row[$0] >= count && row[$0] <= count + Self.mostPrefixTokens })
      else { continue }
      return TokenGrid(
        axis: axis, prefix: row[axis] - count, bandsInside: band > time,
        time: coordinates.timeAxis(field, time, count: extents[time]),
        band: coordinates.bandAxis(field, band, count: extents[band]))
    }
    return nil
  }

  /// A class token and a distillation token.
  private static let mostPrefixTokens = 2
}

extension Graph {
  /// Whether attention or a recurrence stands before `tensor`.
  func mixesPlaces(before tensor: TensorName) throws -> Bool {
    var needed: Set<TensorName> = [tensor]
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      if ["LSTM", "GRU", "RNN", "Attention"].contains(node.kind) { return true }
      if node.kind == "MatMul", !node.inputs.contains(where: { constants[$0] != nil }) { return true }
      needed.formUnion(node.inputs)
    }
    return false
  }
}
