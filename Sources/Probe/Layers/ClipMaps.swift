import Audio
package import Explain
import Graphs
package import Models
package import Tensors

/// What the channels of a layer make of a whole clip: maps over time and the layer's places of frequency.
///
/// Columns of time are as far apart as the layer's places, `2048` of them at most. A patch's places lie where the centres of
/// their receptive fields lie. Of several in one column, the one farthest from zero counts, so that no peak is lost; of
/// patches that overlap, the mean.
///
/// Of attention, the maps are what each place receives: one channel for each head, the mean over all queries.
package struct ClipMaps: Sendable {
  package let layer: LayerOutline.Layer
  package let geometry: LayerGeometry
  /// `[channels, columns, places of frequency]`
  package let values: Tensor
  /// Frames of the clip's picture to a column; may be a fraction.
  package let step: Double
  /// What the layer's channels do in this clip, in their order.
  package let channels: [Channel]

  /// One channel in one clip.
  package struct Channel: Sendable, Hashable {
    package let index: Int
    package let lowest: Float
    package let highest: Float
    package let mean: Float
    /// The standard deviation over all places of the clip: what the channel tells apart. A channel that is the same
    /// everywhere has none, however large it is. Where the clip has a single place, the channel's magnitude there.
    package let strength: Float
    /// Of the clip.
    let places: Int
    /// Where the value farthest from the mean is.
    package let peak: (column: Int, band: Int)

    /// Zero throughout the clip.
    package var isDead: Bool { lowest == 0 && highest == 0 }
    /// The same throughout, up to rounding.
    package var isConstant: Bool {
      places == 1 ? isDead : highest - lowest <= 1e-6 * max(abs(highest), abs(lowest))
    }

    package static func == (a: Channel, b: Channel) -> Bool {
      a.index == b.index && a.peak == b.peak && a.strength == b.strength
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(index) }
  }

  package var columns: Int { values.shape[1] }
  package var bands: Int { values.shape[2] }
  package var channelCount: Int { values.shape[0] }

  private static let mostColumns = 2048

  /// The maps of one channel, `[columns, places of frequency]`.
  package func map(_ channel: Int) -> Tensor {
    values.rows(channel..<channel + 1).reshaped(to: [columns, bands])
  }

  /// The root mean square over all channels and places of frequency, one for each column.
  package var energy: [Float] {
    var sums = [Double](repeating: 0, count: columns)
    values.withUnsafeValues { values in
      for channel in 0..<channelCount {
        for column in 0..<columns {
          for band in 0..<bands {
            let value = Double(values[(channel * columns + column) * bands + band])
            sums[column] += value * value
          }
        }
      }
    }
    return sums.map { Float(($0 / Double(channelCount * bands)).squareRoot()) }
  }

  /// The frame of the picture, with a fraction, in the middle of a column.
  package func frame(ofColumn column: Int) -> Double { (Double(column) + 0.5) * step - 0.5 }
}

// MARK: - Making them

extension ClipMaps {
  /// The maps of several layers, and what attention layers attend to, one after another; a layer's values are forgotten when
  /// `body` returns.
  ///
  /// - Parameters:
  ///   - listening: what `model` heard in the clip.
  ///   - seconds: of the clip; what lies behind is padding.
  /// - Throws: what geometry and network throw; `Cancelled`.
  package static func each(
    _ layers: [LayerOutline.Layer], of model: AudioModel, _ listening: Listening, seconds: Double,
    control: RunControl = RunControl(), _ body: (ClipMaps, AttentionMaps?) throws -> Void
  ) throws {
    let patches = model.patches(of: listening.logMel)
    let frames = model.clipFrames(of: seconds, in: listening)
    var builders: [Builder] = []
    for layer in layers {
      builders.append(
        try Builder(layer, of: model, starts: listening.patchStarts, frames: frames))
    }
    let rows = patches.shape[0]
    var first = 0
    while first < builders.count {
      // As many layers at once as fit, so that the network runs seldom.
      var end = first
      var bytes = 0
      while end < builders.count, end == first || bytes + builders[end].bytes <= mostBytes {
        bytes += builders[end].bytes
        end += 1
      }
      var group = Array(builders[first..<end])
      let perRow = group.reduce(0) { $0 + $1.bytesOfRow }
      let chunk = model.network.isWalking ? rows : max(1, min(rows, mostBytes / max(1, perRow)))
      for start in stride(from: 0, to: rows, by: chunk) {
        try control.report(
          first * rows + start * (end - first), of: builders.count * rows, group[0].layer.tensor)
        let range = start..<min(rows, start + chunk)
        let values = try model.network.values(
          of: group.map(\.layer.tensor),
          at: [model.inputName: model.inputTensor(for: patches.rows(range))])
        for index in group.indices { group[index].add(values[index], patches: range) }
      }
      for builder in group { try body(builder.maps(), builder.attention) }
      first = end
    }
    try control.report(1, of: 1)
  }

  private static let mostBytes = 256 << 20

  /// A layer's maps while patch after patch is added.
  private struct Builder {
    let layer: LayerOutline.Layer
    /// Of the maps: for attention, of what each token receives.
    let geometry: LayerGeometry
    let step: Double
    let columns: Int
    /// For each patch, which of its places lie in which columns.
    private let spread: [[(column: Int, places: Range<Int>)]]
    private let attending: Attending?
    private var sums: Tensor
    private var counts: [Float]
    private(set) var attention: AttentionMaps?
    private let starts: [Int]

    var bytesOfRow: Int { 4 * (attending?.count ?? geometry.row.reduce(1, *)) }
    var bytes: Int { bytesOfRow + 4 * sums.count }

    init(_ layer: LayerOutline.Layer, of model: AudioModel, starts: [Int], frames: Int) throws {
      self.layer = layer
      let own = try LayerGeometry(layer.tensor, of: model)
      attending = layer.kind == .attention ? own.attending : nil
      geometry = attending?.received ?? own
      self.starts = starts
      let axis = geometry.time
      let stride = starts.count > 1 ? starts[1] - starts[0] : model.patchFrames
      let jump =
        axis.count > 1
        ? (axis.centres[axis.count - 1] - axis.centres[0]) / Double(axis.count - 1) : Double(stride)
      let step = max(1, abs(jump), Double(frames) / Double(ClipMaps.mostColumns))
      let columns = max(1, Int((Double(frames) / step - 1e-6).rounded(.up)))
      (self.step, self.columns) = (step, columns)
      spread = starts.map { start in
        Self.spread(axis, from: start, patchFrames: model.patchFrames, step: step, columns: columns)
      }
      sums = Tensor([geometry.channels, columns, geometry.band.count])
      counts = [Float](repeating: 0, count: columns)
    }

    /// The columns that a patch covers, each with the places in it; where there are none, the nearest.
    private static func spread(
      _ axis: LayerGeometry.Axis, from start: Int, patchFrames: Int, step: Double, columns: Int
    ) -> [(column: Int, places: Range<Int>)] {
      // Rising, as those of every layer that goes forward in time.
      let centres = axis.centres.map { $0 + Double(start) }
      let first = max(0, Int(((Double(start) + 0.5) / step - 0.5).rounded(.up)))
      let last = min(columns - 1, Int(((Double(start + patchFrames) + 0.5) / step - 0.5).rounded(.up)) - 1)
      guard first <= last else {
        // A patch shorter than a column.
        let column = min(columns - 1, Int((Double(start) + Double(patchFrames) / 2) / step))
        return [(column, 0..<centres.count)]
      }
      return (first...last).map { column in
        let low = Double(column) * step - 0.5
        // Places that stand evenly miss a column's edges by rounding.
        let inside = centres.count(below: low - 1e-6)..<centres.count(below: low + step - 1e-6)
        if axis.count > 1, !inside.isEmpty { return (column, inside) }
        let middle = low + step / 2
        let above = min(centres.count(below: middle), centres.count - 1)
        let nearest = above > 0 && middle - centres[above - 1] <= centres[above] - middle ? above - 1 : above
        return (column, nearest..<nearest + 1)
      }
    }

    mutating func add(_ values: Tensor, patches: Range<Int>) {
      var values = values
      if let attending {
        if attention == nil, patches.lowerBound == 0 {
          attention = attending.maps(ofFirst: values)
        }
        values = attending.received(values)
      }
      let maps = geometry.maps(values)
      let (channels, times, bands) = (geometry.channels, geometry.time.count, geometry.band.count)
      let columns = columns
      sums.withUnsafeMutableValues { sums in
        maps.withUnsafeValues { maps in
          for (row, patch) in patches.enumerated() {
            for (column, places) in spread[patch] {
              counts[column] += 1
              for channel in 0..<channels {
                let source = (row * channels + channel) * times * bands
                let target = (channel * columns + column) * bands
                for band in 0..<bands {
                  var best: Float = 0
                  for place in places {
                    let value = maps[source + place * bands + band]
                    if abs(value) > abs(best) || best == 0 { best = value }
                  }
                  sums[target + band] += best
                }
              }
            }
          }
        }
      }
    }

    func maps() -> ClipMaps {
      var means = sums
      let (columns, bands) = (columns, geometry.band.count)
      means.withUnsafeMutableValues { values in
        for place in values.indices {
          let count = counts[place / bands % columns]
          if count > 1 { values[place] /= count }
        }
      }
      return ClipMaps(
        layer: layer, geometry: geometry, values: means, step: step, channels: ClipMaps.summaries(of: means))
    }
  }

  /// What each channel of `[channels, columns, bands]` does.
  static func summaries(of values: Tensor) -> [Channel] {
    let (bands, size) = (values.shape[2], values.shape[1] * values.shape[2])
    return values.withUnsafeValues { values in
      (0..<values.count / max(1, size)).map { channel in
        let row = UnsafeBufferPointer(rebasing: values[channel * size..<(channel + 1) * size])
        var (lowest, highest, sum) = (Float.infinity, -Float.infinity, 0.0)
        for value in row {
          (lowest, highest) = (min(lowest, value), max(highest, value))
          sum += Double(value)
        }
        let mean = sum / Double(size)
        var (squares, farthest) = (0.0, 0)
        for (place, value) in row.enumerated() {
          let difference = Double(value) - mean
          squares += difference * difference
          if abs(difference) > abs(Double(row[farthest]) - mean) { farthest = place }
        }
        return Channel(
          index: channel, lowest: lowest, highest: highest, mean: Float(mean),
          strength: size == 1 ? abs(row[0]) : Float((squares / Double(size)).squareRoot()), places: size,
          peak: (farthest / bands, farthest % bands))
      }
    }
  }
}

extension ClipMaps {
  /// How many channels the maps of a layer have: heads, for attention.
  ///
  /// - Throws: `ProbeError.notByPatch`; what reading shapes throws.
  package static func channelCount(of layer: LayerOutline.Layer, _ model: AudioModel) throws -> Int {
    let geometry = try LayerGeometry(layer.tensor, of: model)
    return layer.kind == .attention ? geometry.attending?.heads ?? geometry.channels : geometry.channels
  }
}

extension [Double] {
  /// How many of rising numbers lie below `bound`.
  fileprivate func count(below bound: Double) -> Int {
    var range = indices
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = self[middle] < bound ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}
