package import Audio
import Explain
import Glibc
import Models
package import Tensors

/// A picture of a clip in numbers, with its axes in seconds and hertz.
package struct SoundGrid: Sendable {
  /// `[frames, bands]`
  package let values: Tensor
  package let axes: GridAxes
  /// "log-mel", or "dB of full scale".
  package let unit: String
  /// What to draw from black to white; the values may lie beyond.
  package let range: ClosedRange<Float>
}

/// Where the bins of a picture lie, for whoever draws it.
package struct GridAxes: Codable, Sendable, Hashable {
  package struct Panel: Codable, Sendable, Hashable {
    /// Empty where there is only one.
    package let name: String
    /// Where each band hears most, in hertz, from the lowest on.
    package let bands: [Double]
    /// The scale on which bands lie evenly: "mel" or "linear".
    package let scale: String
    /// From the lowest frequency to the highest, in hertz.
    package let range: [Double]
  }

  /// The middle of the first frame, in seconds from the clip's beginning.
  package let start: Double
  /// From one frame to the next, in seconds.
  package let hop: Double
  package let frames: Int
  /// Empty for a picture of time alone.
  package let panels: [Panel]

  package init(start: Double, hop: Double, frames: Int, panels: [Panel]) {
    (self.start, self.hop, self.frames, self.panels) = (start, hop, frames, panels)
  }

  /// Frames are drawn equally wide.
  ///
  /// - Parameter isOfTimeOnly: leaves the axis of frequency out.
  package init(_ axes: PictureAxes, frames: Int, isOfTimeOnly: Bool = false) {
    (start, hop, self.frames) = (axes.meanStart, axes.meanHop, frames)
    panels =
      isOfTimeOnly || axes.isOfTimeOnly
      ? []
      : axes.panels.map { panel in
        Panel(
          name: panel.caption.isEmpty ? panel.name : panel.caption, bands: panel.bands.map(\.centre),
          scale: panel.scale == nil ? "linear" : "mel",
          range: [panel.range.lowerBound, panel.range.upperBound])
      }
  }
}

/// What of a clip is shown.
package enum SoundView: String, Codable, Sendable, CaseIterable {
  /// The picture that the model is given, or makes inside; the STFT where it has none.
  case network
  /// The magnitudes of a linear spectrum, in decibels.
  case stft
}

extension HeardClip {
  /// - Parameter range: what to draw from black to white; nil for what the values suggest.
  package func grid(_ view: SoundView, range: ClosedRange<Float>? = nil) throws -> SoundGrid {
    switch view {
    case .network where model.hasPicture:
      let values = listening.logMel.rows(0..<min(frames, listening.logMel.shape[0]))
      return SoundGrid(
        values: values, axes: GridAxes(model.axes, frames: values.shape[0]),
        unit: model.hasInnerPicture ? "value" : "log-mel", range: range ?? values.shownRange)
    case .network, .stft: return spectrum(range)
    }
  }

  /// The most frames of a spectrum that is shown: of longer clips they lie further apart.
  private static let mostFrames = 4096

  private func spectrum(_ range: ClosedRange<Float>?) -> SoundGrid {
    let (samples, rate) = (clip.recording.mono, clip.recording.sampleRate)
    let size = PhasedSpectrum.size(sampleRate: rate)
    let hop = max(size / 4, samples.count / Self.mostFrames)
    // Half the sum of the window's weights is the magnitude of a sine at full scale.
    let values = Spectrogram(samples, size: size, hop: hop).magnitudes.decibels(fullScale: Float(size) / 4)
    let known = PhasedSpectrum.axes(sampleRate: rate)
    let axes = PictureAxes(
      start: 0, hop: Double(hop) / Double(rate), window: known.window, panels: known.panels)
    let top = min(max(values.withUnsafeValues { $0.max() ?? 0 }, -80), 0)
    return SoundGrid(
      values: values, axes: GridAxes(axes, frames: values.shape[0]), unit: "dB of full scale",
      range: range ?? top - 80...top)
  }
}

extension Tensor {
  /// Between the values that a hundredth lies below and a thousandth lies above: a few outliers do not darken all else.
  var shownRange: ClosedRange<Float> {
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first, let last = sorted.last else { return 0...1 }
    let low = sorted[sorted.count / 100]
    let high = sorted[sorted.count - 1 - sorted.count / 1000]
    if low < high { return low...high }
    return first < last ? first...last : first...first + 1
  }

  /// Magnitudes in decibels of a sine at full scale, down to −140 dB.
  func decibels(fullScale: Float) -> Tensor {
    withUnsafeValues { values in Tensor(shape, values.map { 20 * log10f(max($0 / fullScale, 1e-7)) }) }
  }
}
