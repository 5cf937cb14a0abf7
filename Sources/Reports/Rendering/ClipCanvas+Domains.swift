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
  /// The explanation over what it explains, all on the axes of the log-mel picture.
  package func figure(of explanation: ClipExplanation, title: String) -> any TimeFigure {
    let label = explanation.quantity
    var figure = figure(title: title)
    figure.overlayLabel = label
    switch explanation.domain {
    case .logMel:
      figure.overlay = explanation.picture.rows(0..<frames)
      return figure
    case .stft:
      figure.spectrogram = magnitudes.rows(0..<frames).decibels
      figure.overlay = explanation.picture.rows(0..<frames)
      figure.axisCentres = figure.bandCentres
      figure.bandCentres = model.frontEnd.binHertz
      return figure
    case .waveform:
      let left = figure.start - figure.hop / 2
      return WaveformFigure(
        samples: samples, attribution: explanation.picture, attributionLabel: label,
        sampleRate: model.frontEnd.sampleRate, start: start,
        times: left...left + Double(frames) * figure.hop, title: title)
    }
  }

  /// The attribution, its mask, what it explains, where that lies, and how the evidence is shared out.
  package func archive(of explanation: ClipExplanation, _ shares: EvidenceShares) -> [(
    name: String, tensor: Tensor
  )] {
    let frontEnd = model.frontEnd
    let seconds = (0..<listening.logMel.shape[0]).map { start + frontEnd.frameTime($0) }
    let results = [("attribution", explanation.attribution), ("mask", explanation.mask)]
    let overTime = ("share_over_time", Tensor([seconds.count], shares.overTime))
    let overBands = Tensor([shares.overBands.count], shares.overBands)
    switch explanation.domain {
    case .logMel:
      return results + [
        ("log_mel", listening.logMel), ("frame_seconds", .vector(seconds)),
        ("band_hertz", .vector(frontEnd.bandCentres)), overTime, ("share_over_bands", overBands),
      ]
    case .stft:
      return results + [
        ("magnitudes", magnitudes), ("frame_seconds", .vector(seconds)),
        ("bin_hertz", .vector(frontEnd.binHertz)), overTime, ("share_over_bins", overBands),
      ]
    case .waveform:
      let places = (0..<samples.count).map { start + Double($0) / Double(frontEnd.sampleRate) }
      return results + [
        ("samples", samples), ("sample_seconds", .vector(places)), ("frame_seconds", .vector(seconds)),
        overTime,
      ]
    }
  }

  /// What was listened to; there are some wherever they are explained.
  private var samples: Tensor { Domain.waveform.picture(of: listening.samples ?? [], model.frontEnd) }
  private var magnitudes: Tensor { Domain.stft.picture(of: listening.samples ?? [], model.frontEnd) }
}

extension Tensor {
  fileprivate static func vector(_ values: [Double]) -> Tensor {
    Tensor([values.count], values.map { Float($0) })
  }

  /// Magnitudes in dB, down to 100 dB below the largest.
  fileprivate var decibels: Tensor {
    withUnsafeValues { values in
      let lowest = max((values.max() ?? 0) * 1e-5, 1e-30)
      return Tensor(shape, values.map { 20 * log10f(max($0, lowest)) })
    }
  }
}
