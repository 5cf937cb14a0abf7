public import Audio
import Synchronization
public import Tensors

/// How a sound becomes what a network is given: a front end, what is done to the sound before it, and how the patches lie.
///
/// Two programs that should hear the same may differ in more than a front end says: the rate at which the file is read, the
/// first sample, the order of the axes. A value of this type holds all of it, so that one thing at a time can be changed.
public struct Hearing: Sendable, Hashable {
  public var frontEnd: FrontEnd
  /// The rate of the samples that the front end takes for samples at its own rate, in hertz.
  public var sampleRate: Int
  /// How many samples are left out at the beginning; where negative, so many zeros come before the first.
  public var skippedSamples = 0
  /// Whether frames and bands change places.
  public var isTransposed = false

  public init(_ frontEnd: FrontEnd) { (self.frontEnd, sampleRate) = (frontEnd, frontEnd.sampleRate) }

  /// What the network is given of a sound: `[patches, channels, frames, bands]`; where it takes samples, these are frames of
  /// one band.
  ///
  /// - Throws: `AudioError` for channels that the sound does not have and rates that cannot be.
  public func patches(of sound: HeardSound) throws -> Tensor {
    let channels = try channels(of: sound)
    let cut = frontEnd.patches(of: frontEnd.logMel(channels: channels))
    return turned(frontEnd.inputs(of: cut))
  }

  /// The samples that the front end is given, a channel at a time.
  public func channels(of sound: HeardSound) throws -> [[Float]] {
    let channels = try sound.channels(frontEnd.sound.channels, at: sampleRate)
    guard skippedSamples != 0 else { return channels }
    return channels.map { samples in
      // A front end makes patches of any sound but none.
      skippedSamples > 0
        ? Array(samples.dropFirst(min(skippedSamples, samples.count - 1)))
        : [Float](repeating: 0, count: -skippedSamples) + samples
    }
  }

  private func turned(_ patches: Tensor) -> Tensor {
    guard isTransposed else { return patches }
    let (frames, bands) = (patches.shape[2], patches.shape[3])
    let shape: Shape = [patches.shape[0], patches.shape[1], bands, frames]
    return Tensor(unsafeUninitialized: shape) { result in
      patches.withUnsafeValues { values in
        for picture in 0..<patches.shape[0] * patches.shape[1] {
          let start = picture * frames * bands
          for frame in 0..<frames {
            for band in 0..<bands {
              result[start + band * frames + frame] = values[start + frame * bands + band]
            }
          }
        }
      }
    }
  }
}

/// A sound whose channels are resampled to a rate once, however often they are asked for.
public final class HeardSound: Sendable {
  public let recording: Recording

  private struct Key: Hashable {
    let channels: FrontEnd.Sound.Channels
    let rate: Int
  }
  private let known = Mutex<[Key: [[Float]]]>([:])

  public init(_ recording: Recording) { self.recording = recording }

  /// The channels of that choice at that rate.
  ///
  /// - Throws: `AudioError.noSuchChannel`, `.cannotResample`.
  public func channels(_ choice: FrontEnd.Sound.Channels, at rate: Int) throws -> [[Float]] {
    let key = Key(channels: choice, rate: rate)
    if let found = known.withLock({ $0[key] }) { return found }
    let made = try resampled(choice, to: rate)
    known.withLock { $0[key] = made }
    return made
  }

  private func resampled(_ choice: FrontEnd.Sound.Channels, to rate: Int) throws -> [[Float]] {
    switch choice {
    case .mix: return [try recording.mono(at: rate)]
    case .all: return try recording.resampled(to: rate).channels
    case .one(let index):
      guard recording.channels.indices.contains(index) else {
        throw AudioError.noSuchChannel(
          path: "the sound", channel: index + 1, channels: recording.channels.count)
      }
      let one = Recording(channels: [recording.channels[index]], sampleRate: recording.sampleRate)
      return try one.resampled(to: rate).channels
    }
  }
}
