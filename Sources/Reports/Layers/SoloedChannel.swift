package import Audio
package import Figures
import Files
import Models
package import Probe
import Tensors

/// One channel of a layer, soloed in a clip: its map over the clip's picture, and what of the sound it follows.
package struct SoloedChannel: Sendable {
  package let figure: any TimeFigure
  package let heard: Recording
  package let ignored: Recording
  /// Of the clip's energy, what is heard.
  package let share: Double

  package init(_ channel: Int, of maps: ClipMaps, on drawing: LayerCanvas, _ recording: Recording) {
    let (canvas, model) = (drawing.canvas, drawing.model)
    let frames = canvas.listening.logMel.shape[0]
    let mask = ChannelMask(channel, of: maps, model, frames: frames)
    (heard, ignored) = mask.split(recording, model)
    let (kept, whole) = (heard.energy, recording.energy)
    share = whole > 0 ? min(1, kept / whole) : 0
    let name = maps.layer.kind == .attention ? "head" : "channel"
    let summary = maps.channels[channel]
    let place =
      summary.isConstant
      ? "the same everywhere in this clip"
      : "strongest at \(NumberText.rounded(drawing.seconds(ofColumn: summary.peak.column, maps), digits: 3)) s"
        + (drawing.hertz(ofBand: summary.peak.band, maps).map { ", \(Int($0.rounded())) Hz" } ?? "")
    let floor =
      mask.floor != 0 && !summary.isConstant
      ? " Its lowest value, \(NumberText.rounded(Double(mask.floor), digits: 3)), counts as zero." : ""
    let caption =
      "\(maps.layer.tensor) of \(model.name), \(name) \(channel): \(place); from "
      + "\(NumberText.rounded(Double(summary.lowest), digits: 3)) to "
      + "\(NumberText.rounded(Double(summary.highest), digits: 3))."
      + " The map as a mask from 0 to 1: what it keeps of the sound is heard.\(floor)"
    var figure = canvas.figure(
      mask: mask.mask, label: "\(name) \(channel) as a mask",
      title: "\(canvas.name): \(name) \(channel) of \(maps.layer.tensor)")
    figure.caption = caption
    self.figure = figure
  }
}

extension Recording {
  fileprivate var energy: Double {
    channels.reduce(0) { sum, channel in channel.reduce(sum) { $0 + Double($1) * Double($1) } }
  }
}

extension ClipCanvas {
  /// The clip's picture, a figure for each panel; of a model without one, its STFT.
  var plainPanels: [TimeFrequencyFigure] {
    let figure = plainFigure(title: name)
    if let panels = figure as? PanelsFigure { return panels.panels }
    return (figure as? TimeFrequencyFigure).map { [$0] } ?? []
  }

  /// A mask on the bins of the model's picture over it; of time alone, over the STFT.
  ///
  /// - Parameter mask: `[frames, bands]`, or `[samples, 1]` where the model has no picture.
  func figure(mask: Tensor, label: String, title: String) -> any TimeFigure {
    var panels = plainPanels
    let ranges = model.hasPicture ? model.axes.panelRanges : [0..<1]
    for (index, range) in zip(panels.indices, ranges) {
      let shape = panels[index].spectrogram.shape
      let (frames, bands) = (shape[0], shape[1])
      let figure = panels[index]
      let width = mask.shape[1]
      let gains = TimeMask(model.hasPicture ? [0] : mask.values, axes: model.axes)
      panels[index].overlay = Tensor(unsafeUninitialized: [frames, bands]) { overlay in
        mask.withUnsafeValues { mask in
          for frame in 0..<frames {
            let time = figure.start + Double(frame) * figure.hop - start
            let gain = model.hasPicture ? 0 : gains.gain(at: time)
            for band in 0..<bands {
              overlay[frame * bands + band] =
                model.hasPicture ? mask[frame * width + range.lowerBound + band] : gain
            }
          }
        }
      }
      panels[index].overlayLabel = label
    }
    guard panels.count == 1, var only = panels.first else { return PanelsFigure(panels, title: title) }
    only.title = title
    return only
  }
}
