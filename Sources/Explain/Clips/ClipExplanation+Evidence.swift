public import Audio
public import Models
import Tensors

extension ClipExplanation {
  /// What of a recording of the clip the mask keeps, and what it leaves: by a gain over time and frequency, or over time
  /// alone in the waveform.
  public func heardAndIgnored(_ recording: Recording, frontEnd: FrontEnd) -> (
    heard: Recording, ignored: Recording
  ) {
    switch domain {
    case .logMel: SoundMask(mask, frontEnd: frontEnd).split(recording)
    case .stft: SoundMask(linear: mask, frontEnd: frontEnd).split(recording)
    case .waveform: TimeMask(mask.values, frontEnd: frontEnd).split(recording)
    }
  }

  /// Where the evidence lies. The bands are those of the domain; samples have none, and so no octaves.
  public func evidenceShares(_ frontEnd: FrontEnd) -> EvidenceShares {
    switch domain {
    case .logMel: EvidenceShares(of: attribution, bandCentres: frontEnd.bandCentres)
    case .stft: EvidenceShares(of: attribution, bandCentres: frontEnd.binHertz)
    case .waveform: EvidenceShares(of: sumsByFrame(frontEnd), bandCentres: [0])
    }
  }

  /// The magnitudes of samples, added up at the frames whose centres are nearest: `[frames, 1]`.
  private func sumsByFrame(_ frontEnd: FrontEnd) -> Tensor {
    let frames = frontEnd.frameCount(samples: attribution.count)
    var sums = [Double](repeating: 0, count: frames)
    attribution.withUnsafeValues { values in
      for (index, value) in values.enumerated() {
        sums[frontEnd.nearestFrame(toSample: index, of: frames)] += Double(abs(value))
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
    switch explanation.domain {
    case .logMel: return try events(in: explanation.attribution, duration: duration, by: finder)
    case .stft:
      let width = Double(frontEnd.sampleRate) / Double(frontEnd.fft)
      return try events(in: explanation.attribution, duration: duration, by: finder) { bin in
        max(0, Double(bin) - 0.5) * width...min(Double(bin) + 0.5, Double(frontEnd.fft) / 2) * width
      }
    case .waveform: return nil
    }
  }
}
