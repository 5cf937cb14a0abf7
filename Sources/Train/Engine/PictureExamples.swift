import Audio
package import Models
package import Tensors

/// Examples cut from the pictures of a store, at random places or side by side, and changed at random if wanted.
package struct PictureExamples: Examples {
  private let store: FeatureStore
  private let model: AudioModel
  private let augmentation: PictureAugmentation
  private let masks: [[Tensor?]]?
  package let shape: Shape

  /// - Parameters:
  ///   - store: of the model's front end.
  ///   - model: with its whole network; of patches of one length.
  ///   - masks: by variation and clip, 1 where evidence may lie and 0 elsewhere, `[frames, width]`; nil where it may lie
  ///     anywhere.
  package init(
    _ store: FeatureStore, model: AudioModel, augmentation: PictureAugmentation = PictureAugmentation(),
    masks: [[Tensor?]]? = nil
  ) {
    (self.store, self.model, self.augmentation, self.masks) = (store, model, augmentation, masks)
    let extents = model.patchInputShape[model.inputName]?.dimensions ?? []
    shape = Shape(Array(extents.dropFirst()))
  }

  package var variations: Int { store.variationCount }

  package func patchCount(clip: Int, variation: Int) -> Int { starts(clip, variation).count }

  private func starts(_ clip: Int, _ variation: Int) -> [Int] {
    model.frontEnd.patchStarts(frames: store.frames(clip: clip, variation: variation))
  }

  package func batch(_ places: [Place], augmented: Bool) throws -> Batch {
    let (frames, width) = (model.frontEnd.patch.frames, store.width)
    let size = frames * width
    let beyond =
      model.frontEnd.patch.tail == .padFrames ? Float(model.frontEnd.patch.padValue) : model.frontEnd.silence
    var outside: [Tensor] = []
    let patches = Tensor(unsafeUninitialized: [places.count, frames, width]) { patches in
      for (row, place) in places.enumerated() {
        var generator = SplitMix64(seed: place.draw)
        let all = store.frames(clip: place.clip, variation: place.variation)
        let start: Int
        if let patch = place.patch {
          start = starts(place.clip, place.variation)[patch]
        } else {
          start = all > frames ? Int(generator.next() % UInt64(all - frames + 1)) : 0
        }
        let target = UnsafeMutableBufferPointer(rebasing: patches[row * size..<(row + 1) * size])
        let known = max(0, min(all - start, frames)) * width
        store.withPicture(clip: place.clip, variation: place.variation) { picture in
          _ = target.update(fromContentsOf: picture[start * width..<start * width + known])
        }
        target[known...].update(repeating: beyond)
        if augmented, !augmentation.isIdentity {
          augmentation.apply(
            to: target, frames: frames, width: width, fill: model.frontEnd.silence,
            panels: width / max(1, model.frontEnd.bandCount), &generator)
        }
        if let masks {
          outside.append(
            Self.outside(masks[place.variation][place.clip], start, frames: frames, width: width))
        }
      }
    }
    return Batch(
      inputs: model.inputTensor(for: patches),
      outside: outside.isEmpty ? nil : model.inputTensor(for: Tensor(joining: outside)))
  }
}

extension PictureExamples {
  /// 1 outside of a clip's mask in frames from `start` on, `[1, frames, width]`: nothing where nothing is known.
  private static func outside(_ mask: Tensor?, _ start: Int, frames: Int, width: Int) -> Tensor {
    var result = Tensor([1, frames, width])
    guard let mask else { return result }
    result.withUnsafeMutableValues { result in
      mask.withUnsafeValues { mask in
        for place in result.indices {
          let from = start * width + place
          result[place] = from < mask.count ? 1 - mask[from] : 1
        }
      }
    }
    return result
  }
}

extension FeatureStore {
  /// Mean and standard deviation of each band over all frames of these clips as they are; a band that never changes has a
  /// deviation of 1.
  package func statistics(of clips: [Int]) -> (mean: [Float], deviation: [Float]) {
    var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    var count = 0.0
    for clip in clips {
      let frames = frames(clip: clip, variation: 0)
      count += Double(frames)
      withPicture(clip: clip, variation: 0) { picture in
        for frame in 0..<frames {
          for band in 0..<width {
            let x = Double(picture[frame * width + band])
            sums[band] += x
            squares[band] += x * x
          }
        }
      }
    }
    let mean = sums.map { $0 / max(1, count) }
    let deviation = zip(squares, mean).map { square, mean -> Float in
      let variance = square / max(1, count) - mean * mean
      return variance > 1e-10 ? Float(variance.squareRoot()) : 1
    }
    return (mean.map { Float($0) }, deviation)
  }
}
