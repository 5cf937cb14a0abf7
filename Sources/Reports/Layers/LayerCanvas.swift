package import Audio
package import Figures
package import Models
package import Probe
import Tensors
import Files

/// Draws what the layers of a network make of a clip.
package struct LayerCanvas: Sendable {
  package let canvas: ClipCanvas
  package let model: AudioModel
  private let listening: Listening
  private let order: ChannelOrder
  private let top: Int

  /// - Parameters:
  ///   - model: fitted to the clip.
  ///   - top: how many channels of a layer are drawn.
  package init(_ model: AudioModel, _ clip: Clip, _ listening: Listening, order: ChannelOrder, top: Int) {
    canvas = ClipCanvas(model: model, clip: clip, listening: listening, writesEvents: false)
    (self.model, self.listening, self.order, self.top) = (model, listening, order, top)
  }

  // MARK: - Places in seconds and hertz

  /// Seconds at the left edge of a clip's first frame.
  private var left: Double { canvas.start + model.axes.meanStart - model.axes.meanHop / 2 }

  private func times(_ maps: ClipMaps) -> ClosedRange<Double> {
    left...left + Double(maps.columns) * maps.step * model.axes.meanHop
  }

  /// The middle of a column, in seconds.
  package func seconds(ofColumn column: Int, _ maps: ClipMaps) -> Double {
    left + (Double(column) + 0.5) * maps.step * model.axes.meanHop
  }

  /// The panel of the model's picture that a layer's places of frequency are told on, and the places on it.
  private func panel(_ maps: ClipMaps) -> (index: Int, axis: LayerGeometry.Axis) {
    maps.geometry.panel(of: model)
  }

  /// Where a place of frequency is centred, in hertz; nil for layers without such places.
  package func hertz(ofBand band: Int, _ maps: ClipMaps) -> Double? {
    maps.geometry.hertz(ofBand: band, of: model)
  }

  /// What one place of a layer sees in the middle of the picture, in seconds and hertz.
  package func field(_ maps: ClipMaps) -> (seconds: Double, hertz: Double) { maps.geometry.field(of: model) }

  // MARK: - Sheets

  /// The channels that a layer's sheet shows.
  package func shown(_ maps: ClipMaps) -> [Int] { maps.channels(order, top: top) }

  /// A layer's maps: a cell a channel, behind the clip's own picture; of layers without places of frequency a row a channel.
  package func sheet(_ maps: ClipMaps, title: String, caption: String) -> SheetFigure {
    maps.bands > 1 && model.hasPicture
      ? cells(maps, title: title, caption: caption) : rows(maps, title: title, caption: caption)
  }

  private func cells(_ maps: ClipMaps, title: String, caption: String) -> SheetFigure {
    let (index, axis) = panel(maps)
    let panel = model.axes.panels[index]
    let centres = panel.bands.map(\.centre)
    let places = centres.indices.map { axis.nearest(to: Double($0)) }
    let times = times(maps)
    var clip = SheetFigure.Cell(
      background(index, frames: max(1, Int((Double(maps.columns) * maps.step).rounded()))), across: times,
      up: .bands(centres: centres), title: "the clip")
    clip.reading = .level
    let cells = shown(maps).map { channel in
      let values = maps.map(channel).values
      let image = Tensor(unsafeUninitialized: [maps.columns, places.count]) { image in
        for column in 0..<maps.columns {
          for (band, place) in places.enumerated() {
            image[column * places.count + band] = values[column * maps.bands + place]
          }
        }
      }
      return SheetFigure.Cell(
        image, across: times, up: .bands(centres: centres), title: Self.name(maps, channel))
    }
    return SheetFigure(
      cells: [clip] + cells, title: title, caption: caption, valueLabel: Self.valueLabel(maps),
      upLabel: panel.scale == nil ? "frequency (Hz)" : "frequency (Hz, mel spacing)")
  }

  private func rows(_ maps: ClipMaps, title: String, caption: String) -> SheetFigure {
    let channels = shown(maps)
    var cells: [SheetFigure.Cell] = []
    if let figure = canvas.plainPanels.first {
      let shown = figure.spectrogram
      var clip = SheetFigure.Cell(
        shown, start: figure.start, hop: figure.hop, bandCentres: figure.axisCentres ?? figure.bandCentres,
        title: "the clip (Hz)")
      clip.reading = .level
      if figure.axisCentres != nil { clip.up = .bands(centres: figure.bandCentres) }
      cells.append(clip)
    }
    if !channels.isEmpty {
      // The first channel on top; each as strong as it can be.
      let count = channels.count
      let largest = channels.map { maps.channels[$0].strength }.max() ?? 0
      let image = Tensor(unsafeUninitialized: [maps.columns, count * maps.bands]) { image in
        for (place, channel) in channels.reversed().enumerated() {
          let (values, summary) = (maps.map(channel).values, maps.channels[channel])
          let reach = maps.columns > 1 ? max(abs(summary.lowest), abs(summary.highest)) : largest
          for column in 0..<maps.columns {
            for band in 0..<maps.bands {
              image[(column * count + place) * maps.bands + band] =
                values[column * maps.bands + band] / (reach > 0 ? reach : 1)
            }
          }
        }
      }
      let names = channels.reversed().flatMap { channel in
        (0..<maps.bands).map { $0 == 0 ? "\(channel)" : "" }
      }
      cells.append(
        .init(
          image, across: times(maps), up: .rows(names),
          title: "\(Self.isOfHeads(maps) ? "heads" : "channels"), \(orderText)", note: ""))
    }
    return SheetFigure(
      cells: cells, title: title, caption: caption,
      valueLabel: "\(Self.valueLabel(maps)) (1 = each channel's largest)", scaling: .shared, columns: 1,
      upLabel: Self.isOfHeads(maps) ? "head" : "channel")
  }

  private var orderText: String {
    switch order {
    case .strength: "the strongest first"
    case .likeness: "neighbours alike"
    case .number: "in their order"
    }
  }

  /// The clip's picture on one panel, padded as the maps are.
  private func background(_ panel: Int, frames: Int) -> Tensor {
    let range = model.axes.panelRanges[panel]
    let picture = listening.logMel
    let known = min(frames, picture.shape[0])
    let width = picture.shape[1]
    let values = picture.values
    let lowest = values.min() ?? 0
    return Tensor(unsafeUninitialized: [frames, range.count]) { result in
      for frame in 0..<frames {
        for (place, band) in range.enumerated() {
          result[frame * range.count + place] = frame < known ? values[frame * width + band] : lowest
        }
      }
    }
  }

  private static func isOfHeads(_ maps: ClipMaps) -> Bool { maps.layer.kind == .attention }
  private static func name(_ maps: ClipMaps, _ channel: Int) -> String {
    "\(isOfHeads(maps) ? "head" : "channel") \(channel)"
  }
  private static func valueLabel(_ maps: ClipMaps) -> String {
    isOfHeads(maps) ? "attention received" : "activation"
  }

  /// Heads of attention: at which times of the first patch each time looks.
  package func sheet(
    _ attention: AttentionMaps, of maps: ClipMaps, title: String, caption: String
  ) -> SheetFigure {
    let (heads, count) = (attention.values.shape[0], attention.values.shape[1])
    let axis = maps.geometry.time
    let hop = model.axes.meanHop
    let jump = count > 1 ? abs(axis.centres[count - 1] - axis.centres[0]) / Double(count - 1) : axis.size
    let first = left + (min(axis.centres[0], axis.centres[count - 1]) + 0.5 - jump / 2) * hop
    // What lies behind the clip's end is padding.
    let end = canvas.start + canvas.seconds
    let kept = min(count, max(1, Int(((end - first) / (jump * hop)).rounded(.up))))
    let times = first...first + Double(kept) * jump * hop
    let cells = (0..<heads).map { head in
      // The image's first axis runs across: the times attended to.
      let image = Tensor(
        [kept, kept],
        (0..<kept * kept).map { attention.values[head, $0 % kept, $0 / kept] })
      let elsewhere = attention.elsewhere[head]
      return SheetFigure.Cell(
        image, across: times, up: .linear(times), title: "head \(head)",
        note: elsewhere > 0 ? "class token \(NumberText.rounded(Double(elsewhere) * 100, digits: 2)) %" : nil)
    }
    var sheet = SheetFigure(
      cells: cells, title: title, caption: caption, valueLabel: "attention",
      acrossLabel: "attended to: time (s)", upLabel: "attending: time (s)")
    sheet.aspect = 1
    return sheet
  }

  // MARK: - Energy

  /// How loud layers are over time, each as a share of its own largest: as many curves as can be told apart, evenly chosen.
  package func energyFigure(_ energies: [LayerEnergy]) -> CurveFigure? {
    let told = energies.filter { ($0.values.max() ?? 0) > 0 }
    guard !told.isEmpty else { return nil }
    let most = 7
    let chosen =
      told.count <= most
      ? told : (0..<most).map { told[$0 * (told.count - 1) / (most - 1)] }
    let series = chosen.map { energy in
      let largest = Double(energy.values.max() ?? 1)
      return CurveFigure.Series(
        name: energy.name,
        points: energy.values.enumerated().map { column, value in
          .init(x: energy.start + (Double(column) + 0.5) * energy.hop, y: Double(value) / largest)
        })
    }
    return CurveFigure(
      title: "\(canvas.name): energy of the layers of \(model.name)",
      caption: "Root mean square over a layer's channels and places of frequency, as a share of its largest."
        + (told.count > chosen.count
          ? " \(chosen.count) of \(told.count) layers; the map below shows all." : ""),
      x: .init(title: "time (s)", range: canvas.start...canvas.start + canvas.seconds),
      y: .init(title: "energy (1 = the layer's largest)", range: 0...1.02), series: series)
  }

  /// The same of all layers, a row each.
  package func energySheet(_ energies: [LayerEnergy]) -> SheetFigure? {
    let told = energies.filter { !$0.values.isEmpty }
    guard told.count > 1, let finest = told.map(\.values.count).max(),
      let last = told.map({ $0.start + Double($0.values.count) * $0.hop }).max()
    else { return nil }
    let start = left
    // Places of whole patches reach beyond the clip.
    let end = max(start + 1e-3, min(last, canvas.start + canvas.seconds))
    // All on the finest grid.
    let columns = min(1000, finest)
    let hop = (end - start) / Double(columns)
    let image = Tensor(unsafeUninitialized: [columns, told.count]) { image in
      for (row, energy) in told.reversed().enumerated() {
        let largest = max(energy.values.max() ?? 0, .leastNormalMagnitude)
        for column in 0..<columns {
          let time = start + (Double(column) + 0.5) * hop
          let place = min(max(0, Int((time - energy.start) / energy.hop)), energy.values.count - 1)
          image[column * told.count + row] = energy.values[place] / largest
        }
      }
    }
    var sheet = SheetFigure(
      cells: [
        .init(image, across: start...end, up: .rows(told.reversed().map(\.label)), title: "", note: "")
      ], title: "\(canvas.name): energy of all layers",
      caption:
        "Root mean square over a layer's channels and places, as a share of its largest; the first layer on top.",
      valueLabel: "energy (1 = the layer's largest)", scaling: .shared, columns: 1, upLabel: "layer")
    sheet.aspect = min(0.56, max(0.1, Double(told.count) * 11 / 820))
    return sheet
  }
}

/// How loud a layer is over time.
package struct LayerEnergy: Sendable {
  package let name: String
  /// For an axis.
  package let label: String
  /// The left edge of the first value, in seconds.
  package let start: Double
  package let hop: Double
  package let values: [Float]
}

extension LayerCanvas {
  /// Of a long name, the end, which tells layers apart.
  private static func end(of name: String) -> String { name.count > 28 ? "…\(name.suffix(27))" : name }

  /// Which frequencies a row stands for in the other pictures that the network joins as channels; empty for one picture.
  func panelsNote(_ maps: ClipMaps) -> String {
    let panels = model.axes.panels
    guard maps.bands > 1, panels.count > 1 else { return "" }
    let (shown, _) = panel(maps)
    func range(_ index: Int) -> String {
      let centres = panels[index].bands.map(\.centre)
      return "\(Int((centres.first ?? 0).rounded())) to \(Int((centres.last ?? 0).rounded())) Hz"
    }
    let others = panels.indices.filter { $0 != shown && panels[$0].bands.count == panels[shown].bands.count }
    guard !others.isEmpty else { return "" }
    return
      " The network joins \(others.count + 1) pictures of this sound: the axis is that of \(range(shown)); the same rows see "
      + others.map(range).joined(separator: " and ") + " in the other\(others.count > 1 ? "s" : "")."
  }

  package func energy(_ maps: ClipMaps, number: Int?) -> LayerEnergy {
    LayerEnergy(
      name: (number.map { "\($0) " } ?? "") + Self.end(of: maps.layer.tensor),
      label: number.map { "\($0)" } ?? Self.end(of: maps.layer.tensor), start: left,
      hop: maps.step * model.axes.meanHop,
      values: maps.energy)
  }
}
