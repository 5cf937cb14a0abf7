public import Audio
public import Models
import Tensors

extension ClipExplanation {
  /// What of a recording of the clip the mask keeps, and what it leaves: by a gain over time and frequency, or over time
  /// alone in the waveform.
  public func heardAndIgnored(_ recording: Recording, _ model: AudioModel) -> (
    heard: Recording, ignored: Recording
  ) {
    switch domain {
    case .logMel where !model.hasPicture:
      TimeMask(mask.values, axes: model.axes).split(recording)
    case .logMel: SoundMask(mask, axes: model.axes).split(recording)
    case .stft: SoundMask(mask, axes: model.spectrumAxes).split(recording)
    case .waveform: TimeMask(mask.values, axes: model.envelopeAxes).split(recording)
    }
  }

  /// Where the evidence lies. The bands are those of the domain; samples have none, and so no octaves.
  public func evidenceShares(_ model: AudioModel) -> EvidenceShares {
    switch domain {
    case .logMel: EvidenceShares(of: attribution, bandCentres: model.axes.bandCentres)
    case .stft: EvidenceShares(of: attribution, bandCentres: model.spectrumAxes.bandCentres)
    case .waveform: EvidenceShares(of: sumsByFrame(model), bandCentres: [0])
    }
  }

  /// The magnitudes of samples, added up at the frames whose centres are nearest: `[frames, 1]`.
  private func sumsByFrame(_ model: AudioModel) -> Tensor {
    let frames = model.envelopeFrames(samples: attribution.count)
    var sums = [Double](repeating: 0, count: frames)
    attribution.withUnsafeValues { values in
      for (index, value) in values.enumerated() {
        sums[model.nearestFrame(toSample: index, of: frames)] += Double(abs(value))
      }
    }
    return Tensor([frames, 1], sums.map { Float($0) })
  }
}

extension AudioModel {
  /// The events in an explanation of a clip of `duration` seconds; nil in the waveform, whose samples have no place in
  /// frequency.
  public func events(
    in explanation: ClipExplanation, duration: Double, by finder: EventFinder = EventFinder()
  ) throws -> [SoundEvent]? {
    guard let axes = axes(in: explanation.domain), !axes.isOfTimeOnly else { return nil }
    return try events(in: explanation.attribution, on: axes, duration: duration, by: finder)
  }
}
