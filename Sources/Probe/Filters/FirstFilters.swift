import Audio
package import Graphs
package import Models
package import Tensors

/// The filters of a network's first convolution: its kernels on axes of seconds and hertz.
///
/// ONNX's convolution does not flip its kernels, so a kernel is the picture it answers most. It is turned so that time runs
/// on and frequency up, and carries the sign of a batch normalization behind it. Where the model's picture lies inside the
/// network, the first convolution behind the picture is meant.
package struct FirstFilters: Sendable {
  /// What the convolution makes.
  package let tensor: TensorName
  package let form: Form
  /// `[filters, inputs, times, bands]`: a kernel for each of the pictures or channels that the convolution takes.
  package let kernels: Tensor
  /// From one weight of a kernel to the next: in seconds, and in bands of the picture.
  package let pitch: (seconds: Double, bands: Double)
  /// What a filter spans, windows included; hertz in the middle of the picture.
  package let extent: (seconds: Double, hertz: Double)
  /// In the order in which they are shown: by kind of orientation and how marked it is, or by centre.
  package let filters: [Filter]

  package enum Form: String, Sendable, Hashable, Codable {
    /// Kernels slide over time and frequency.
    case picture
    /// Kernels slide over time alone and weigh all bands: each band is a channel of the convolution.
    case bands
    /// Kernels slide over samples.
    case samples
  }

  package struct Filter: Sendable, Hashable {
    package let channel: Int
    /// The root of the sum of its squared weights.
    package let norm: Float
    /// nil for filters on samples.
    package let orientation: Orientation?
    /// nil for filters on a picture.
    package let response: MagnitudeResponse?
    /// Where a filter that weighs all bands weighs most, in hertz; of a filter on samples, its response's peak.
    package let centre: Double?
  }

  /// - Throws: `ProbeError.noFilters`; what reading shapes throws.
  package init(of model: AudioModel) throws {
    let network = model.network
    let graph = network.graph
    let shapes = try network.shapes(at: model.patchInputShape)
    for panel in model.picturePanels {
      let fields = try network.receptiveFields(
        of: panel.tensor, at: model.patchInputShape, throughStatistics: true)
      let coordinates = panel.coordinates
      for node in graph.nodes {
        guard let convolution = node.operation as? Convolution, let source = node.inputs.first,
          let output = node.outputs.first, let weights = graph.constants[node.inputs[1]],
          let field = fields[source], let shape = shapes[source]
        else { continue }
        let places = field.places(coordinates)
        // Of a row: channels first, then the axes that the kernel slides along.
        guard let time = places.time, time >= 1 else { continue }
        let found = Found(
          source: source, output: output, weights: weights, window: convolution.window, time: time,
          band: places.band, signs: graph.signs(behind: output, count: weights.shape[0]))
        guard shape.rank == weights.shape.rank else { continue }
        self = try FirstFilters(found, of: model)
        return
      }
    }
    throw ProbeError.noFilters(model: model.name, input: model.inputName)
  }

  private struct Found {
    let source: TensorName
    let output: TensorName
    let weights: Tensor
    let window: Window
    /// Of a row of the source.
    let time: Int
    let band: Int?
    let signs: [Float]
  }

  private init(_ found: Found, of model: AudioModel) throws {
    let (before, behind) = (
      try LayerGeometry(found.source, of: model), try LayerGeometry(found.output, of: model)
    )
    let weights = found.weights
    let (count, inputs) = (weights.shape[0], weights.shape[1])
    let slides = weights.shape.rank - 2
    /// A row's axis is the weights' next one; the rows' first are the channels.
    let time = found.time + 1
    let times = weights.shape[time]
    let others = (2..<2 + slides).filter { $0 != time && $0 != found.band.map { $0 + 1 } }
    let (order, bands): ([Int], Int)
    switch (found.band, model.hasPicture) {
    case (let band?, true) where band >= 1:
      form = .picture
      (order, bands) = ([0, 1] + others + [time, band + 1], weights.shape[band + 1])
    case (0?, true):
      form = .bands
      (order, bands) = ([0] + others + [time, 1], inputs)
    default:
      form = model.hasPicture ? .picture : .samples
      (order, bands) = ([0, 1] + others + [time], 1)
    }
    let size = times * bands
    let kernels = weights.permuting(order).reshaped(to: [count, weights.count / (count * size), times, bands])
    self.kernels = kernels.turned(
      times: before.time.falls, bands: before.band.falls, signs: found.signs)
    tensor = found.output
    let axes = model.axes
    pitch = (
      before.time.pitch * Double(found.window.dilations[found.time - 1]) * axes.hop,
      form == .picture
        ? before.band.pitch * Double(found.band.map { found.window.dilations[$0 - 1] } ?? 1) : 1
    )
    let frames = behind.time.size
    let seen = form == .picture ? Int(behind.band.size.rounded()) : axes.bandCount
    let panel = axes.panels[0].bands
    let height = min(max(1, seen), panel.count)
    let first = (panel.count - height) / 2
    let hertz =
      form == .samples
      ? Double(model.sampleRate) / 2 : panel[first + height - 1].highest - panel[first].lowest
    extent = (max(0, frames - 1) * axes.hop + axes.window, hertz)
    filters = Self.measured(
      self.kernels, form, dilation: found.window.dilations[found.time - 1], sampleRate: model.sampleRate,
      centres: panel.map(\.centre))
  }

  private static func measured(
    _ kernels: Tensor, _ form: Form, dilation: Int, sampleRate: Int, centres: [Double]
  ) -> [Filter] {
    let (times, bands) = (kernels.shape[2], kernels.shape[3])
    let filters = (0..<kernels.shape[0]).map { channel -> Filter in
      let kernel = kernels.rows(channel..<channel + 1).reshaped(
        to: Shape(Array(kernels.shape.dimensions.dropFirst())))
      let values = kernel.values
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if form == .samples {
        let response = MagnitudeResponse(
          kernel.reshaped(to: [kernel.shape[0], times * bands]), dilation: dilation, sampleRate: sampleRate)
        return Filter(
          channel: channel, norm: norm, orientation: nil, response: response, centre: response.centre)
      }
      var centre: Double?
      if form == .bands {
        var power = [Float](repeating: 0, count: bands)
        for (place, value) in values.enumerated() { power[place % bands] += value * value }
        centre = power.indices.max { power[$0] < power[$1] }.flatMap {
          norm > 0 && centres.indices.contains($0) ? centres[$0] : nil
        }
      }
      return Filter(
        channel: channel, norm: norm, orientation: Orientation(KernelSpectrum(kernel)), response: nil,
        centre: centre)
    }
    if form == .samples {
      return filters.sorted { ($0.centre ?? .infinity, $0.channel) < ($1.centre ?? .infinity, $1.channel) }
    }
    return filters.sorted { a, b in
      let (first, second) = (a.orientation?.kind.rank ?? 9, b.orientation?.kind.rank ?? 9)
      if first != second { return first < second }
      let (left, right) = (a.orientation?.coherence ?? 0, b.orientation?.coherence ?? 0)
      return left != right ? left > right : a.channel < b.channel
    }
  }
}

extension LayerGeometry.Axis {
  /// From one place to the next, in frames or bands of the picture.
  fileprivate var pitch: Double {
    count > 1 ? abs(centres[count - 1] - centres[0]) / Double(count - 1) : 1
  }

  fileprivate var falls: Bool { count > 1 && centres[count - 1] < centres[0] }
}

extension Graph {
  /// The signs that a batch normalization of constants right behind a tensor gives its channels.
  fileprivate func signs(behind tensor: TensorName, count: Int) -> [Float] {
    let readers = nodes.filter { $0.inputs.contains(tensor) }
    guard readers.count == 1, readers[0].kind == "BatchNormalization", readers[0].inputs.count > 1,
      let scale = constants[readers[0].inputs[1]], scale.count == count
    else { return [Float](repeating: 1, count: count) }
    return scale.values.map { $0 < 0 ? -1 : 1 }
  }
}

extension Tensor {
  /// `[filters, inputs, times, bands]` with axes turned round, and each filter with its sign.
  fileprivate func turned(times: Bool, bands: Bool, signs: [Float]) -> Tensor {
    let (t, b) = (shape[2], shape[3])
    let size = shape[1] * t * b
    return Tensor(unsafeUninitialized: shape) { result in
      withUnsafeValues { values in
        for place in result.indices {
          let (time, band) = (place / b % t, place % b)
          let row = times ? t - 1 - time : time
          let column = bands ? b - 1 - band : band
          let first = place - place % (t * b)
          result[place] = values[first + row * b + column] * signs[place / size]
        }
      }
    }
  }
}
