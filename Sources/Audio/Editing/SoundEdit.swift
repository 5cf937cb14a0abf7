import Fourier
import Synchronization
import Tensors

/// A change of a sound in regions of time and frequency: what a brush on its spectrogram does.
///
/// With `X_t[k]` the sound's own STFT (periodic Hann window `w` of `N` samples, the power of two nearest above 40 ms, every
/// `N/4`), each stroke in its turn sets the gain `G_t[k]` of the bins it covers: 0 to mute, 1 to solo. Everything outside all
/// soloed regions has gain 0 to begin with. Where a stroke fills with noise, `G = 0` and `V_t[k]`, the STFT of white noise
/// scaled bin by bin to the sound's own noise floor, is added. The result is
///
///     y = x + (2/3) Σ_t w · IFFT((G_t − 1) · X_t + V_t),
///
/// which is `x` itself, sample for sample, wherever no frame is changed: only frames that a stroke touches are transformed.
/// A frame is touched where its middle lies within the stroke, and so a change fades in and out over a window.
public struct SoundEdit: Sendable, Hashable {
  public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
    /// Silences the region.
    case mute
    /// Silences everything outside the soloed regions.
    case solo
    /// Replaces the region by the sound's own noise floor.
    case noise
  }

  public struct Stroke: Sendable, Hashable {
    public var action: Action
    public var region: SoundRegion

    public init(_ action: Action, _ region: SoundRegion) { (self.action, self.region) = (action, region) }
  }

  public var strokes: [Stroke]

  public init(_ strokes: [Stroke]) { self.strokes = strokes }

  /// The recording as the strokes leave it, of the same rate, channels and length. Where it would pass full scale, it is
  /// scaled down to it.
  ///
  /// - Parameter floor: of the same recording; nil where no stroke fills with noise.
  public func apply(to recording: Recording, floor: NoiseFloor? = nil) -> Recording {
    let spans = strokes.map { RegionSpans($0.region) }
    guard strokes.contains(where: { $0.action == .solo }) || spans.contains(where: { $0 != nil }) else {
      return recording
    }
    let floor =
      floor ?? (strokes.contains { $0.action == .noise } ? NoiseFloor(of: recording) : nil)
    let channels = recording.channels.enumerated().map { channel, samples in
      edited(samples, spans, rate: recording.sampleRate, floor?.levels[channel])
    }
    return Recording(channels: channels, sampleRate: recording.sampleRate, flaws: recording.flaws)
      .scaledToFullScaleIfLouder()
  }

  /// How long the window is, in samples.
  static func windowSize(rate: Int) -> Int { SpectralGain.size(for: 0.04, sampleRate: rate) }

  /// The seed of the noise: the same edit gives the same samples.
  private static let seed: UInt64 = 0x6f74_6f73

  /// The frames are shared out among threads, each of which adds up a stretch of the sound.
  private func edited(_ samples: [Float], _ spans: [RegionSpans?], rate: Int, _ floor: [Float]?) -> [Float] {
    let size = Self.windowSize(rate: rate)
    let hop = size / 4
    let first = hop - size
    let frames = max(0, (samples.count - first + hop - 1) / hop)
    let stretch = 64
    let count = (frames + stretch - 1) / stretch
    let changes = Mutex([Int: [Float]]())
    concurrently(count) { piece in
      let change = change(
        samples, spans, rate: rate, floor, frames: piece * stretch..<min((piece + 1) * stretch, frames))
      if let change { changes.withLock { $0[piece] = change } }
    }
    // In their order, so that the sums are the same whichever thread was first.
    var output = samples
    let found = changes.withLock { $0 }
    for piece in 0..<count {
      guard let change = found[piece] else { continue }
      let start = first + piece * stretch * hop
      for place in max(0, -start)..<min(change.count, samples.count - start) {
        output[start + place] += change[place]
      }
    }
    return output
  }

  /// What some frames add to the sound, from the beginning of the first one on; nil where they leave it as it is.
  private func change(
    _ samples: [Float], _ spans: [RegionSpans?], rate: Int, _ floor: [Float]?, frames: Range<Int>
  ) -> [Float]? {
    let size = Self.windowSize(rate: rate)
    let hop = size / 4
    let (plan, window) = (RealFourierPlan.shared(size), hannWindow(size))
    let (buffers, noise) = (RealFourierBuffers(size), RealFourierBuffers(size))
    defer { withExtendedLifetime((buffers, noise)) {} }
    var output: [Float] = []
    var gains = FrameGains(bins: plan.bins, hertz: Double(rate) / Double(size))
    let scale = 2 / (3 * Double(size))
    for frame in frames {
      let start = hop - size + frame * hop
      guard gains.set(strokes, spans, at: (Double(start) + Double(size) / 2) / Double(rate)) else { continue }
      for index in 0..<size {
        let place = start + index
        buffers.samples[index] = samples.indices.contains(place) ? Double(samples[place] * window[index]) : 0
      }
      plan.transform(buffers)
      for bin in 0..<plan.bins {
        let change = Double(gains.gain[bin] - 1)
        buffers.parts[2 * bin] *= change
        buffers.parts[2 * bin + 1] *= change
      }
      if gains.hasNoise, let floor {
        fill(noise, plan, window, from: start)
        for bin in 0..<plan.bins {
          let level = Double(gains.noise[bin] * floor[bin])
          buffers.parts[2 * bin] += level * noise.parts[2 * bin]
          buffers.parts[2 * bin + 1] += level * noise.parts[2 * bin + 1]
        }
      }
      plan.transformBack(buffers)
      if output.isEmpty { output = [Float](repeating: 0, count: (frames.count - 1) * hop + size) }
      let base = (frame - frames.lowerBound) * hop
      for index in 0..<size {
        output[base + index] += Float(buffers.samples[index] * Double(window[index]) * scale)
      }
    }
    return output.isEmpty ? nil : output
  }

  /// The STFT of white noise of variance 1, the same at each place of the sound whichever frame asks.
  private func fill(
    _ noise: RealFourierBuffers, _ plan: RealFourierPlan, _ window: [Float], from start: Int
  ) {
    let hop = plan.size / 4
    // A quarter of a window has one seed: neighbouring frames share three of them.
    for quarter in 0..<4 {
      let place = start / hop + quarter
      var generator = GaussianGenerator(seed: Self.seed &+ UInt64(bitPattern: Int64(place)))
      for index in quarter * hop..<(quarter + 1) * hop {
        noise.samples[index] = Double(generator.normal() * window[index])
      }
    }
    plan.transform(noise)
  }
}

/// The gains of one frame, made anew for each without allocating.
private struct FrameGains {
  private(set) var gain: [Float]
  /// 1 where noise is filled in.
  private(set) var noise: [Float]
  private(set) var hasNoise = false
  private let hertz: Double

  init(bins: Int, hertz: Double) {
    gain = [Float](repeating: 1, count: bins)
    noise = [Float](repeating: 0, count: bins)
    self.hertz = hertz
  }

  /// Sets the gains at a time; whether any of them is not 1.
  mutating func set(_ strokes: [SoundEdit.Stroke], _ spans: [RegionSpans?], at seconds: Double) -> Bool {
    let solos = strokes.contains { $0.action == .solo }
    guard solos || spans.contains(where: { $0?.times.contains(seconds) == true }) else { return false }
    for bin in gain.indices { (gain[bin], noise[bin]) = (solos ? 0 : 1, 0) }
    hasNoise = false
    var changes = solos
    for (stroke, span) in zip(strokes, spans) {
      span?.each(at: seconds) { range in
        // A bin is covered where its middle is.
        let low = max(0, (range.lowerBound / hertz).rounded(.up))
        let high = min(Double(gain.count - 1), (range.upperBound / hertz).rounded(.down))
        guard low <= high else { return }
        for bin in Int(low)...Int(high) {
          gain[bin] = stroke.action == .solo ? 1 : 0
          noise[bin] = stroke.action == .noise ? 1 : 0
        }
        changes = true
        if stroke.action == .noise { hasNoise = true }
      }
    }
    return changes
  }
}
