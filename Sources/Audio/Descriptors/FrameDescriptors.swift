import Glibc
public import Tensors

/// What a clip is like from moment to moment: every descriptor over frames 23.2 ms apart.
///
/// Frames are librosa's by default: the mean of the channels at 22,050 Hz, 2048 samples centred on every 512th, zeros beyond
/// the ends. Those of Essentia's descriptors are centred on the same moments of the sound at 44,100 Hz. A silent frame has
/// no centroid, and so on: such values are no numbers (NaN).
public struct FrameDescriptors: Sendable {
  /// How long the clip is.
  public let seconds: Double
  /// Where the frames are centred, in seconds.
  public let times: [Double]
  /// Where something begins, in seconds: peaks of the onset strength, as `librosa.onset.onset_detect` picks them.
  public let onsets: [Double]
  /// The same as one table: see ``Descriptors``.
  public let clip: Descriptors
  private let series: [Descriptor: Tensor]

  static let sampleRate = 22050
  static let (window, hop) = (2048, 512)

  /// `[frames, descriptor.count]`; nil for those of whole clips only.
  public func values(of descriptor: Descriptor) -> Tensor? { series[descriptor] }

  /// - Throws: what resampling throws.
  public init(of recording: Recording) throws(AudioError) {
    let mono = Recording(channels: [recording.mono], sampleRate: recording.sampleRate)
    let samples = try mono.resampled(to: Self.sampleRate).channels[0]
    let fine = try mono.resampled(to: TonalFrames.sampleRate).channels[0]
    let grid = FrameGrid(hann: Self.window, hop: Self.hop, count: samples.count)
    let magnitudes = grid.magnitudes(of: samples)
    let frames = grid.frames
    let times = (0..<frames).map { Double($0 * Self.hop) / Double(Self.sampleRate) }

    var series: [Descriptor: Tensor] = [:]
    let wave = WaveShape.table(samples, window: Self.window, hop: Self.hop, frames: frames)
    series[.rms] = Tensor([frames, 1], wave.rms)
    series[.zeroCrossingRate] = Tensor([frames, 1], wave.crossings)
    let shape = SpectralShape.table(
      magnitudes, binWidth: Double(Self.sampleRate) / Double(Self.window), scale: 4 / Double(Self.window))
    for (column, descriptor) in SpectralShape.columns.enumerated() {
      series[descriptor] = Tensor([frames, 1], (0..<frames).map { shape[$0, column] })
    }
    let decibels = FrontEnd.librosa.logMel(magnitudes: magnitudes)
    let strength = OnsetStrength.series(decibels, delay: Self.window / 2 / Self.hop)
    series[.onsetStrength] = Tensor([frames, 1], strength)
    let peaks = OnsetStrength.peaks(strength, framesPerSecond: Double(Self.sampleRate) / Double(Self.hop))
    let isSilent = !samples.contains { $0 != 0 }
    series[.mfcc] =
      isSilent
      ? Tensor([frames, 13], repeating: .nan)
      : PictureStep.cepstra(PictureStep.Cepstra(count: 13)).apply(to: decibels)
    let tuning = Tuning.semitones(magnitudes, sampleRate: Self.sampleRate)
    series[.chroma] = Chroma(sampleRate: Self.sampleRate, fft: Self.window, tuning: tuning ?? 0).table(
      magnitudes)
    let parts = HarmonicPercussive(ofMagnitudes: magnitudes)
    series[.harmonicShare] = Tensor(
      [frames, 1], (0..<frames).map { Self.number(parts.harmonicShare(frames: $0..<$0 + 1)) })
    let tonal = TonalFrames(fine, frames: frames)
    series[.hpcp] = tonal.hpcp
    series[.pitchSalience] = tonal.salience
    series[.stevensLoudness] = tonal.loudness
    let loudness = ProgrammeLoudness(recording)
    series[.loudness] = Tensor(
      [frames, 1], times.map { Self.number(loudness.loudness(at: $0, seconds: 0.4)) })
    series[.shortTermLoudness] = Tensor(
      [frames, 1], times.map { Self.number(loudness.loudness(at: $0, seconds: 3)) })

    var clip = series.mapValues { Self.means($0) }
    let squares = mono.channels[0].reduce(0.0) { $0 + Double($1) * Double($1) }
    clip[.rms] = [(squares / Double(max(1, mono.frames))).squareRoot()]
    clip[.harmonicShare] = [parts.harmonicShare(frames: 0..<frames)]
    clip[.loudness] = [loudness.integrated]
    clip[.shortTermLoudness] = [loudness.largestShortTerm]
    clip[.tuning] = [tuning.map { 100 * $0 }]
    let duration = Double(fine.count) / Double(TonalFrames.sampleRate)
    clip[.onsetRate] = [duration > 0 ? Double(OnsetRate.onsets(fine).count) / duration : nil]
    (self.seconds, self.times, self.series) = (recording.duration, times, series)
    onsets = peaks.map { times[$0] }
    self.clip = Descriptors(seconds: recording.duration, values: clip)
  }

  private static func number(_ value: Double?) -> Float { value.map { Float($0) } ?? .nan }

  /// The mean of each column over the frames where it has a value.
  private static func means(_ table: Tensor) -> [Double?] {
    let (frames, columns) = (table.shape[0], table.shape[1])
    return table.withUnsafeValues { values in
      (0..<columns).map { column in
        var (sum, count) = (0.0, 0)
        for frame in 0..<frames where values[frame * columns + column].isFinite {
          sum += Double(values[frame * columns + column])
          count += 1
        }
        return count > 0 ? sum / Double(count) : nil
      }
    }
  }
}
