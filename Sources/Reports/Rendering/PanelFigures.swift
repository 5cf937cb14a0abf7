import Audio
import Explain
import Files
package import Figures
package import Models
package import Tensors

extension PictureAxes.Panel {
  /// `0.03 to 2.9 kHz`, behind the channel and the window where there are several.
  fileprivate var title: String {
    func kilohertz(_ band: PictureAxes.Band?) -> String {
      NumberText.rounded((band?.centre ?? 0) / 1000, digits: 2)
    }
    let range = "\(kilohertz(bands.first)) to \(kilohertz(bands.last)) kHz"
    return caption.isEmpty ? range : "\(caption), \(range)"
  }
}

extension AudioModel {
  /// A figure for each panel of a picture of a sound, `[frames, bands]`; below two channels, one of what is between them:
  /// the first channel's values minus the second one's, so that what both carry alike cancels.
  ///
  /// - Parameters:
  ///   - overlay: as large; nil for the picture alone.
  ///   - label: what the overlay is, with its unit.
  ///   - isSpectrum: whether it is the STFT, not the model's own picture.
  ///   - start: of the clip, in seconds.
  package func panelFigures(
    _ picture: Tensor, _ overlay: Tensor?, label: String = "", isSpectrum: Bool = false, start: Double = 0
  ) -> [TimeFrequencyFigure] {
    let axes = isSpectrum ? spectrumAxes : self.axes
    var figures = zip(axes.panels, axes.panelRanges).map { panel, range in
      var figure = TimeFrequencyFigure(
        spectrogram: picture.columns(range), overlay: overlay?.columns(range), overlayLabel: label,
        start: start + axes.meanStart, hop: axes.meanHop, bandCentres: panel.bands.map(\.centre),
        title: axes.panels.count > 1 ? panel.title : "")
      if isSpectrum {
        figure.axisCentres = drawnCentres
        figure.spectrogramLabel = "STFT magnitude (dB)"
      } else {
        if panel.scale == nil { figure.axisLabel = "frequency (Hz)" }
        if hasInnerPicture { figure.spectrogramLabel = "value of the spectrogram inside" }
      }
      return figure
    }
    if let between = Self.betweenChannels(figures, axes.panels) { figures.append(between) }
    return figures
  }

  private static func betweenChannels(
    _ figures: [TimeFrequencyFigure], _ panels: [PictureAxes.Panel]
  ) -> TimeFrequencyFigure? {
    guard figures.count == 2, panels.allSatisfy({ $0.channel != nil }), panels[0].bands == panels[1].bands
    else { return nil }
    var between = figures[0]
    between.spectrogram = figures[0].spectrogram.minus(figures[1].spectrogram)
    if let (first, second) = figures[0].overlay.flatMap({ first in figures[1].overlay.map { (first, $0) } }) {
      between.overlay = first.minus(second)
    }
    between.title = "channel 1 minus channel 2"
    between.spectrogramLabel = "difference of the channels"
    return between
  }

  /// What the frequency axis of a linear spectrum spaces evenly: the picture's own bands where they are mel bands, else 96
  /// of them.
  private var drawnCentres: [Double] {
    if axes.panels.count == 1, axes.panels[0].scale != nil { return axes.bandCentres }
    let highest = MelScale.slaney.mel(ofHertz: Double(sampleRate) / 2)
    return (1...96).map { MelScale.slaney.hertz(ofMel: highest * Double($0) / 97) }
  }
}
