extension FrontEnd {
  /// What is done to the samples of a sound, in this order, before they are cut into frames.
  public struct Sound: Sendable, Hashable {
    public var channels: Channels
    /// How many samples are listened to: a longer sound is cut, a shorter one filled up with zeros. Nil for all there
    /// are.
    public var length: Int?
    public var scaling: Scaling
    /// Whether the mean of all samples is taken off each.
    public var removesMean: Bool
    /// `y[n] = x[n] − preEmphasis · x[n − 1]`, the first sample as it is; 0 for none.
    public var preEmphasis: Double

    public init(
      channels: Channels = .mix, length: Int? = nil, scaling: Scaling = .none, removesMean: Bool = false,
      preEmphasis: Double = 0
    ) {
      (self.channels, self.length, self.scaling) = (channels, length, scaling)
      (self.removesMean, self.preEmphasis) = (removesMean, preEmphasis)
    }

    /// Which channels of a sound are listened to.
    public enum Channels: Sendable, Hashable {
      /// Their mean.
      case mix
      /// One of them, from 0.
      case one(Int)
      /// Each on its own: the bands of the first, then those of the second, ...
      case all
    }

    /// What samples are multiplied by; those of a file lie within ±1.
    public enum Scaling: Sendable, Hashable {
      case none
      case factor(Double)
      /// Divided by the largest magnitude; silence stays as it is.
      case peak
      /// `(x − mean) / √(variance + epsilon)` of the sound, as wav2vec2's feature extractor does.
      case standard(epsilon: Double)
    }

    /// Whether samples stay as they are, but for their number.
    var isIdentity: Bool { scaling == .none && !removesMean && preEmphasis == 0 }
  }

  /// The channels of a recording that this front end listens to, at its rate: one, or all of them.
  ///
  /// - Throws: `AudioError.noSuchChannel` or what resampling throws.
  public func channels(of recording: Recording) throws(AudioError) -> [[Float]] {
    let channels = recording.channels
    switch sound.channels {
    case .mix: return [try recording.mono(at: sampleRate)]
    case .one(let index):
      guard channels.indices.contains(index) else {
        throw .noSuchChannel(path: "the sound", channel: index, channels: channels.count)
      }
      let one = Recording(channels: [channels[index]], sampleRate: recording.sampleRate)
      return try one.resampled(to: sampleRate).channels
    case .all: return try recording.resampled(to: sampleRate).channels
    }
  }
}
