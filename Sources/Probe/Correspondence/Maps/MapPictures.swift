package import Tensors

/// A layer's maps of a whole sound, each of the size of the sound's picture.
///
/// Linear between the places of a map, each put where the centre of its receptive field lies; where patches overlap, their
/// mean.
package struct MapPictures: Sendable {
  private let maps: Tensor
  private let time: PlaceInterpolation
  private let band: PlaceInterpolation
  private let starts: [Int]
  private let frames: Int
  private let bands: Int
  private let patchFrames: Int

  package let channels: Int

  /// - Parameters:
  ///   - maps: of each patch, `[patches, channels, times, bands]`.
  ///   - starts: the first frame of each patch.
  ///   - frames: of the sound's picture.
  ///   - patchFrames: of a patch.
  package init(
    _ maps: Tensor, _ geometry: LayerGeometry, starts: [Int], frames: Int, bands: Int, patchFrames: Int
  ) {
    self.maps = maps
    channels = maps.shape[1]
    time = PlaceInterpolation(centres: geometry.time.centres, to: patchFrames)
    band = PlaceInterpolation(centres: geometry.band.centres, to: bands)
    (self.starts, self.frames, self.bands, self.patchFrames) = (starts, frames, bands, patchFrames)
  }

  /// One channel, `[frames, bands]`.
  package func picture(ofChannel channel: Int) -> Tensor {
    var sums = [Float](repeating: 0, count: frames * bands)
    var counts = [Float](repeating: 0, count: frames)
    let (times, own) = (maps.shape[2], maps.shape[3])
    maps.withUnsafeValues { values in
      for (patch, start) in starts.enumerated() where patch < maps.shape[0] {
        let map = (patch * channels + channel) * times * own
        for frame in 0..<min(patchFrames, max(0, frames - start)) {
          let (low, high) = (map + time.lower[frame] * own, map + time.upper[frame] * own)
          let target = (start + frame) * bands
          for place in 0..<bands {
            let (left, right, share) = (band.lower[place], band.upper[place], band.share[place])
            let first = values[low + left] + share * (values[low + right] - values[low + left])
            let second = values[high + left] + share * (values[high + right] - values[high + left])
            sums[target + place] += first + time.share[frame] * (second - first)
          }
          counts[start + frame] += 1
        }
      }
    }
    for frame in 0..<frames where counts[frame] > 1 {
      for place in frame * bands..<(frame + 1) * bands { sums[place] /= counts[frame] }
    }
    return Tensor([frames, bands], sums)
  }
}
