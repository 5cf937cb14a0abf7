public import Tensors

extension FrontEnd {
  /// How many samples the tail rule makes of `count`.
  public func preparedCount(samples count: Int) -> Int {
    let onePatch = framing == .centred ? (patch.frames - 1) * hop : (patch.frames - 1) * hop + window
    guard count > onePatch else { return onePatch }
    guard patch.tail == .padToHop else { return count }
    let step = patch.hop * hop
    return onePatch + (count - onePatch + step - 1) / step * step
  }

  /// How many frames `logMel` makes of `count` samples; never fewer than one patch.
  public func frameCount(samples count: Int) -> Int {
    let prepared = preparedCount(samples: count)
    return 1 + (framing == .centred ? prepared + fft / 2 * 2 - fft : prepared - window) / hop
  }

  /// The first frame of each patch of a log-mel of so many frames; at least one.
  ///
  /// With `.padToHop` every frame lies in a patch, the last of which may reach beyond the end; with
  /// `.dropIncomplete` none does, unless all is shorter than one patch.
  public func patchStarts(frames: Int) -> [Int] {
    let beyond = max(0, frames - patch.frames)
    let more = patch.tail == .padToHop ? (beyond + patch.hop - 1) / patch.hop : beyond / patch.hop
    return (0...more).map { $0 * patch.hop }
  }

  /// The patches of a log-mel `[frames, bands]`, as `[patches, patch.frames, bands]`: what the network is given.
  ///
  /// Where a patch reaches beyond the end (never for what `logMel` returns) it is filled with `silence`.
  public func patches(of logMel: Tensor) -> Tensor {
    precondition(
      logMel.shape.rank == 2 && logMel.shape[1] == mel.bands,
      "patches of \(logMel.shape), not of [frames, \(mel.bands)]")
    let frames = logMel.shape[0]
    let starts = patchStarts(frames: frames)
    let size = patch.frames * mel.bands
    return Tensor(unsafeUninitialized: [starts.count, patch.frames, mel.bands]) { patches in
      logMel.withUnsafeValues { values in
        for (index, start) in starts.enumerated() {
          let known = max(0, min(frames - start, patch.frames)) * mel.bands
          let target = UnsafeMutableBufferPointer(rebasing: patches[index * size..<(index + 1) * size])
          if known > 0 {
            let source = start * mel.bands
            _ = target.update(fromContentsOf: values[source..<source + known])
          }
          target[known...].update(repeating: silence)
        }
      }
    }
  }
}
