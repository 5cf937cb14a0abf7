package import Audio
package import Models
package import Tensors

/// What one channel of a layer follows in a clip: its map as a mask on the clip's sound.
///
/// The mask is `(a − b) / (max a − b)`, 0 where that is negative, with `b` zero where the channel is zero or below
/// somewhere and above elsewhere, and its lowest value where it has one sign throughout. A channel that is the same everywhere
/// follows nothing. Between the centres of the layer's
/// places it is interpolated linearly, beyond the outermost ones the nearest holds.
package struct ChannelMask: Sendable {
  /// On the bins of the model's picture, `[frames, bands]`, within 0...1; of time alone, `[frames, 1]`, where the model takes
  /// samples.
  package let mask: Tensor
  /// What the mask takes off the channel's values before it scales them.
  package let floor: Float

  /// - Parameter frames: of the clip's picture.
  package init(_ channel: Int, of maps: ClipMaps, _ model: AudioModel, frames: Int) {
    let summary = maps.channels[channel]
    let hasOneSign = maps.columns * maps.bands > 1 && (summary.lowest > 0 || summary.highest <= 0)
    let floor = hasOneSign ? summary.lowest : 0
    self.floor = floor
    let reach = summary.isConstant ? 0 : summary.highest - floor
    let (columns, bands) = (maps.columns, maps.bands)
    let values = maps.map(channel).values
    func level(_ column: Int, _ band: Int) -> Float {
      reach > 0 ? max(0, (values[column * bands + band] - floor) / reach) : 0
    }
    let columnOfFrame = (0..<frames).map { frame in
      Interpolation(at: (Double(frame) + 0.5) / maps.step - 0.5, count: columns)
    }
    let bandOfBin = maps.geometry.bandPlaces(of: model)
    mask = Tensor(unsafeUninitialized: [frames, bandOfBin.count]) { result in
      for (frame, time) in columnOfFrame.enumerated() {
        for (bin, band) in bandOfBin.enumerated() {
          guard let band else {
            result[frame * bandOfBin.count + bin] = 0
            continue
          }
          result[frame * bandOfBin.count + bin] = time.mix(
            band.mix(level(time.lower, band.lower), level(time.lower, band.upper)),
            band.mix(level(time.upper, band.lower), level(time.upper, band.upper)))
        }
      }
    }
  }

  /// What of a recording the channel follows, and the rest.
  package func split(_ recording: Recording, _ model: AudioModel) -> (heard: Recording, ignored: Recording) {
    model.hasPicture
      ? SoundMask(mask, axes: model.axes).split(recording)
      : TimeMask(mask.values, axes: model.axes).split(recording)
  }
}

/// A place between two of a row of places.
struct Interpolation: Sendable, Hashable {
  let lower: Int
  let upper: Int
  let share: Float

  /// - Parameter position: in places; beyond the ends, the end.
  init(at position: Double, count: Int) {
    let clamped = min(max(position, 0), Double(count - 1))
    lower = min(Int(clamped), max(0, count - 2))
    upper = min(lower + 1, count - 1)
    share = Float(clamped - Double(lower))
  }

  func mix(_ a: Float, _ b: Float) -> Float { a + share * (b - a) }
}

extension LayerGeometry {
  /// For each bin of the model's picture, all panels', between which of the layer's places of frequency it lies; nil for bins
  /// that the layer does not see.
  func bandPlaces(of model: AudioModel) -> [Interpolation?] {
    var result: [Interpolation?] = []
    var panels = model.axes.panels[...]
    for (axis, holder) in zip(bandsByPanel, model.picturePanels) {
      var width = holder.width
      while width > 0, let panel = panels.popFirst() {
        result += (0..<panel.bands.count).map { bin in axis.map { $0.interpolation(at: Double(bin)) } }
        width -= panel.bands.count
      }
    }
    // What no tensor accounts for is heard as its neighbours are.
    while let panel = panels.popFirst() {
      result += (0..<panel.bands.count).map { bin in band.interpolation(at: Double(bin)) }
    }
    return result
  }
}

extension LayerGeometry.Axis {
  /// Between which places a frame or band of the picture lies.
  func interpolation(at position: Double) -> Interpolation {
    guard count > 1 else { return Interpolation(at: 0, count: 1) }
    let rises = centres[count - 1] >= centres[0]
    let sorted = rises ? centres : centres.reversed()
    let above = sorted.firstIndex { $0 > position } ?? count
    let place: Double
    if above == 0 {
      place = 0
    } else if above == count {
      place = Double(count - 1)
    } else {
      let (low, high) = (sorted[above - 1], sorted[above])
      place = Double(above - 1) + (position - low) / (high - low)
    }
    return Interpolation(at: rises ? place : Double(count - 1) - place, count: count)
  }

  /// The place whose centre is nearest.
  package func nearest(to position: Double) -> Int {
    let between = interpolation(at: position)
    return between.share > 0.5 ? between.upper : between.lower
  }
}

extension LayerGeometry {
  /// Bands of the picture in each of the tensors that `bandsByPanel` tells of.
  package func panelWidths(_ model: AudioModel) -> [Int] { model.picturePanels.map(\.width) }
}
