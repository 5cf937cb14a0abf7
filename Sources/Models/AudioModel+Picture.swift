public import Audio
public import Graphs
public import Tensors

/// A clip as the picture that is explained, `[frames, bands]`, and the patches that the network is given of it.
extension AudioModel {
  /// The rate that sounds are listened to at, in hertz.
  public var sampleRate: Int { frontEnd.sampleRate }

  /// The picture of mono samples at `sampleRate`, after the tail rule's padding: the front end's, or that which the
  /// network makes of each patch, side by side.
  public func picture(of samples: [Float]) throws -> Tensor {
    guard channelCount == 1 else {
      let length = samples.count / channelCount
      return frontEnd.logMel(
        channels: (0..<channelCount).map { Array(samples[$0 * length..<($0 + 1) * length]) })
    }
    let made = frontEnd.logMel(samples)
    guard let inside else { return made }
    let patches = frontEnd.patches(of: made)
    let pictures = try inside.pictures(of: onWholeNetwork.inputTensor(for: patches))
    return pictures.reshaped(to: [pictures.shape[0] * inside.frames, inside.bands])
  }

  /// How many frames the picture of so many samples has.
  public func frameCount(samples count: Int) -> Int {
    let frames = frontEnd.frameCount(samples: count / channelCount)
    guard let inside else { return frames }
    return frontEnd.patchStarts(frames: frames).count * inside.frames
  }

  /// Frames of one patch; the fewest, where the network takes any number.
  public var patchFrames: Int { inside?.frames ?? frontEnd.patch.frames }

  /// How much sound one patch spans, in seconds.
  public var patchSeconds: Double { frontEnd.patchSeconds }

  /// The first frame of each patch of a picture of so many frames; at least one.
  public func patchStarts(frames: Int) -> [Int] {
    guard let inside else { return frontEnd.patchStarts(frames: frames) }
    return Array(stride(from: 0, to: max(1, frames), by: inside.frames))
  }

  /// The patches of a picture `[frames, bands]`, as `[patches, frames of a patch, bands]`.
  public func patches(of picture: Tensor) -> Tensor {
    guard let inside else { return frontEnd.patches(of: picture) }
    return picture.reshaped(to: [picture.shape[0] / inside.frames, inside.frames, inside.bands])
  }

  /// The channels of a sound that are listened to one by one; 1 for their mean, or one of them.
  public var channelCount: Int { steps?.soundChannels ?? 1 }

  /// The samples of a recording that the model listens to, at its rate; of several channels one behind another. Where the
  /// model listens to more channels than there are, a mono sound is on all of them.
  ///
  /// - Throws: `ModelError.channels` for a recording of another number; what resampling throws.
  public func samples(of recording: Recording) throws -> [Float] {
    let channels = try frontEnd.channels(of: recording)
    guard channelCount > 1 else { return channels[0] }
    if channels.count == channelCount { return channels.flatMap { $0 } }
    guard channels.count == 1 else {
      throw ModelError.channels(path: path, expected: channelCount, got: channels.count)
    }
    return (0..<channelCount).flatMap { _ in channels[0] }
  }

  /// How long samples as `samples(of:)` gives them sound, in seconds.
  public func duration(of samples: [Float]) -> Double {
    Double(samples.count / channelCount) / Double(sampleRate)
  }

  /// What the file's own network is given for the patches of a clip's picture, `[patches, frames, bands]`.
  public func given(for patches: Tensor) -> Tensor { steps?.given(patches) ?? inputTensor(for: patches) }

  /// A patch of digital silence, where the network makes the picture; nil where every bin of silence is `frontEnd.silence`.
  public var silentPatch: Tensor? { inside?.silence }

  /// Where a layer's map is drawn: the tensors that hold the picture, with their places in it. nil where the network's
  /// input is the picture.
  public var panels: [PicturePanel]? {
    if let steps { return [steps.panel] }
    return inside?.panels.map {
      PicturePanel(tensor: $0.tensor, row: $0.row, width: $0.width, picture: $0.picture)
    }
  }
}

/// A tensor that holds part of the picture inside a network.
public struct PicturePanel: Sendable {
  public let tensor: TensorName
  /// The extents of one row's axes.
  public let row: [Int]
  /// Bands of the picture.
  public let width: Int
  /// `[N] + row` as `[N, frames, width]`.
  public let picture: @Sendable (Tensor) -> Tensor

  package init(
    tensor: TensorName, row: [Int], width: Int, picture: @escaping @Sendable (Tensor) -> Tensor
  ) {
    (self.tensor, self.row, self.width, self.picture) = (tensor, row, width, picture)
  }
}
