import Audio
package import Explain
package import Figures
import Glibc
import Models
package import Tensors

extension ClipExplanation {
  /// The method, and what of the sound it explains.
  package var title: String { domain == .logMel ? method.title : "\(method.title) (\(domain.title))" }

  /// What was asked, for a sentence.
  package var asked: String {
    guard let target else { return question.label }
    return "class \(target.index) (\(target.label))"
  }

  /// What of the sound is explained, for a sentence about the method.
  package var remark: String { domain == .logMel ? "" : ", with respect to \(domain.title)," }
}

/// What each domain is drawn as, and the arrays it is written as.
extension ClipCanvas {
  /// The clip's picture, or, where the model has none, its STFT in decibels.
  package func plainFigure(title: String) -> any TimeFigure {
    let axes = model.hasPicture ? model.axes : model.spectrumAxes
    let picture = model.hasPicture ? listening.logMel : magnitudes.decibels
    return figure(of: picture, nil, "", on: axes, title: title)
  }

  var pictureCaption: String {
    let bands = "\(model.axes.bandCount) bands"
    if !model.hasPicture { return "STFT of the samples that \(model.name) takes, in dB." }
    return model.hasInnerPicture
      ? "Spectrogram inside \(model.name), \(bands): "
        + "\(model.axes.panels.map(\.name).joined(separator: ", "))."
      : "Log-mel spectrogram as \(model.name) takes it: \(bands)."
  }

  /// The explanation over what it explains; a log-mel network's on the axes of its picture in every domain.
  package func figure(of explanation: ClipExplanation, title: String) -> any TimeFigure {
    let label = explanation.quantity
    switch explanation.domain {
    case .logMel where model.hasPicture:
      return figure(of: listening.logMel, explanation.picture, label, on: model.axes, title: title)
    case .stft:
      return figure(of: magnitudes.decibels, explanation.picture, label, on: model.spectrumAxes, title: title)
    case .logMel, .waveform:
      let samples = explanation.domain == .waveform ? self.samples : listening.logMel.flattened
      return WaveformFigure(
        samples: samples, attribution: explanation.picture.flattened, attributionLabel: label,
        sampleRate: model.sampleRate, start: start, times: shownTimes, title: title)
    }
  }

  /// The time that figures of samples span: that of the picture's frames, so that they lie over one another.
  private var shownTimes: ClosedRange<Double> {
    guard model.hasPicture else { return start...start + seconds }
    let left = start + model.axes.meanStart - model.axes.meanHop / 2
    return left...left + Double(frames) * model.axes.meanHop
  }

  /// A picture on its axes, a panel above another where there are several.
  private func figure(
    of picture: Tensor, _ overlay: Tensor?, _ label: String, on axes: PictureAxes, title: String
  ) -> any TimeFigure {
    let last = Int(axes.frame(at: seconds).rounded(.down)) + 1
    let shown = 0..<min(max(1, last), picture.shape[0])
    let panels = model.panelFigures(
      picture.rows(shown), overlay?.rows(shown), label: label, isSpectrum: axes != model.axes, start: start)
    guard panels.count == 1, var only = panels.first else { return PanelsFigure(panels, title: title) }
    only.title = title
    return only
  }

  /// The attribution, its mask, what it explains, where that lies, and how the evidence is shared out.
  package func archive(of explanation: ClipExplanation, _ shares: EvidenceShares) -> [(
    name: String, tensor: Tensor
  )] {
    let axes = model.axes(in: explanation.domain) ?? model.envelopeAxes
    let seconds = shares.overTime.indices.map { start + axes.time(ofFrame: $0) }
    let results = [("attribution", explanation.attribution), ("mask", explanation.mask)]
    let overTime = ("share_over_time", Tensor([shares.overTime.count], shares.overTime))
    let overBands = Tensor([shares.overBands.count], shares.overBands)
    switch explanation.domain {
    case .logMel:
      return results + [
        ("log_mel", listening.logMel), ("frame_seconds", .vector(seconds)),
        ("band_hertz", .vector(axes.bandCentres)), overTime, ("share_over_bands", overBands),
      ]
    case .stft:
      return results + [
        ("magnitudes", magnitudes), ("frame_seconds", .vector(seconds)),
        ("bin_hertz", .vector(axes.bandCentres)), overTime, ("share_over_bins", overBands),
      ]
    case .waveform:
      let places = (0..<samples.count).map { start + Double($0) / Double(model.sampleRate) }
      return results + [
        ("samples", samples), ("sample_seconds", .vector(places)), ("frame_seconds", .vector(seconds)),
        overTime,
      ]
    }
  }

  /// What was listened to; there are some wherever they are explained.
  private var samples: Tensor { Tensor([listening.samples?.count ?? 0], listening.samples ?? []) }

  private var magnitudes: Tensor {
    (try? model.picture(of: listening.samples ?? [], in: .stft)) ?? Tensor([1, model.spectrumAxes.bandCount])
  }
}

extension Tensor {
  fileprivate static func vector(_ values: [Double]) -> Tensor {
    Tensor([values.count], values.map { Float($0) })
  }

  fileprivate var flattened: Tensor { reshaped(to: [count]) }

  /// Magnitudes in dB, down to 100 dB below the largest.
  fileprivate var decibels: Tensor {
    withUnsafeValues { values in
      let lowest = max((values.max() ?? 0) * 1e-5, 1e-30)
      return Tensor(shape, values.map { 20 * log10f(max($0, lowest)) })
    }
  }
}
