public import Tensors

extension FrontEnd {
  /// How many samples the tail rule makes of `count`.
  public func preparedCount(samples count: Int) -> Int {
    let count = sound.length ?? count
    let fewest = fewestSamples(frames: patch.tail == .padFrames ? 1 : patch.frames)
    guard count > fewest else { return fewest }
    guard patch.tail == .padToHop, !patch.isFree else { return count }
    let step = patch.hop * hop
    let (whole, rest) = (count - fewest).quotientAndRemainder(dividingBy: step)
    guard rest >= patch.shortestTail * hop else { return count }
    return fewest + (rest > 0 ? whole + 1 : whole) * step
  }

  /// The fewest samples that have that many frames.
  func fewestSamples(frames: Int) -> Int {
    guard let analysis else { return max(0, frames - 2 * leading) }
    let frames = analysis.dropsLastFrame ? frames + 1 : frames
    switch (analysis.framing, analysis.padding) {
    case (.centred, _): return (frames - 1) * hop
    case (.fromStart, .none): return (frames - 1) * hop + window
    case (.insideTransform, _): return (frames - 1) * hop + fft
    case (.fromStart, _): return (frames - 1) * hop + 1
    case (.hopCentred, _): return frames * hop - hop / 2
    }
  }

  /// How many frames `logMel` makes of `count` samples: at least one patch, or one frame where the patch's tail is
  /// `padFrames`.
  public func frameCount(samples count: Int) -> Int {
    let prepared = preparedCount(samples: count)
    guard let analysis else { return prepared + 2 * leading }
    let frames =
      switch (analysis.framing, analysis.padding) {
      case (.centred, _): 1 + (prepared + fft / 2 * 2 - fft) / hop
      case (.fromStart, .none): 1 + (prepared - window) / hop
      case (.insideTransform, _): 1 + (prepared - fft) / hop
      case (.fromStart, _): (prepared + hop - 1) / hop
      case (.hopCentred, _): (prepared + hop / 2) / hop
      }
    return max(1, analysis.dropsLastFrame ? frames - 1 : frames)
  }

  /// The first frame of each patch of a picture of so many frames; at least one, and only one where its length is free.
  ///
  /// With `.padToHop` and `.padFrames` every frame lies in a patch, the last of which may reach beyond the end,
  /// unless the patch's `shortestTail` leaves it out; with `.dropIncomplete` none does, unless all is shorter than
  /// one patch.
  public func patchStarts(frames: Int) -> [Int] {
    guard !patch.isFree else { return [0] }
    let (whole, rest) = max(0, frames - patch.frames).quotientAndRemainder(dividingBy: patch.hop)
    let isKept = patch.tail != .dropIncomplete && rest > 0 && rest >= patch.shortestTail
    return (0...(isKept ? whole + 1 : whole)).map { $0 * patch.hop }
  }

  /// The patches of a picture `[frames, bands]`, as `[patches, patch.frames, bands]`, before the steps of each; of
  /// several channels, their bands lie side by side. Where its length is free, the whole picture is one patch.
  ///
  /// Where a patch reaches beyond the end it is filled with `silence`, or with the patch's `padValue` where its tail is
  /// `.padFrames`, the only one for which that happens to what `logMel` returns.
  public func patches(of logMel: Tensor) -> Tensor {
    precondition(
      logMel.shape.rank == 2 && logMel.shape[1] % bandCount == 0,
      "patches of \(logMel.shape), not of [frames, \(bandCount)]")
    let (frames, width) = (logMel.shape[0], logMel.shape[1])
    let length = patch.isFree ? max(frames, patch.frames) : patch.frames
    let starts = patchStarts(frames: frames)
    let beyond = patch.tail == .padFrames ? Float(patch.padValue) : silence
    let size = length * width
    return Tensor(unsafeUninitialized: [starts.count, length, width]) { patches in
      logMel.withUnsafeValues { values in
        for (index, start) in starts.enumerated() {
          let known = max(0, min(frames - start, length)) * width
          let target = UnsafeMutableBufferPointer(rebasing: patches[index * size..<(index + 1) * size])
          if known > 0 {
            let source = start * width
            _ = target.update(fromContentsOf: values[source..<source + known])
          }
          target[known...].update(repeating: beyond)
        }
      }
    }
  }

  /// What the network is given for one patch of `frames` frames (the usual length where none is given) and `channels`
  /// channels: the extents after the steps of the patch.
  public func patchExtents(frames: Int? = nil, channels: Int = 1) -> PatchExtents {
    let cut = PatchExtents(channels: channels, frames: frames ?? patch.frames, bands: bandCount)
    return patch.steps.reduce(cut) { extents, step in step.extents(of: extents) }
  }

  /// Patches after the steps of each: `[patches, frames, channels · bands]` becomes `[patches, channels, frames,
  /// bands]` of the extents that ``patchExtents(frames:channels:)`` says.
  public func inputs(of patches: Tensor) -> Tensor {
    let (count, frames, width) = (patches.shape[0], patches.shape[1], patches.shape[2])
    let channels = width / bandCount
    let extents = patchExtents(frames: frames, channels: channels)
    let apart = patches.channelsApart(channels)
    let shape: Shape = [count, extents.channels, extents.frames, extents.bands]
    guard !patch.steps.isEmpty, count > 0 else { return apart.reshaped(to: shape) }
    let made = (0..<count).map { index in
      let one = apart.rows(index..<index + 1).reshaped(to: [channels, frames, bandCount])
      let patch = patch.steps.reduce(one) { patch, step in step.apply(to: patch) }
      return patch.reshaped(to: Shape([1] + patch.shape.dimensions))
    }
    return Tensor(joining: made)
  }
}

extension Tensor {
  /// `[patches, frames, channels · bands]` as `[patches, channels, frames, bands]`.
  func channelsApart(_ channels: Int) -> Tensor {
    let (count, frames, width) = (shape[0], shape[1], shape[2])
    let bands = width / max(1, channels)
    guard channels > 1 else { return reshaped(to: [count, 1, frames, bands]) }
    return Tensor(unsafeUninitialized: [count, channels, frames, bands]) { result in
      withUnsafeValues { values in
        var place = 0
        for patch in 0..<count {
          for channel in 0..<channels {
            for frame in 0..<frames {
              let start = (patch * frames + frame) * width + channel * bands
              for band in 0..<bands { result[place + band] = values[start + band] }
              place += bands
            }
          }
        }
      }
    }
  }
}
