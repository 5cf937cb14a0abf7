package import Audio
package import Tensors

/// A layer's activations moment by moment over a whole sound.
///
/// A moment is a place on the map's time axis; its vector is all channels at all bands. Of patches that overlap, each gives the
/// moments nearest to its middle, so that every stretch of the sound is told once, by the patch that knows most around it.
package struct LayerMoments: Sendable {
  /// `[moments, channels · bands]`, in the order of time.
  package let vectors: Tensor
  /// From where to where each moment is told, in seconds.
  package let spans: [ClosedRange<Double>]

  /// - Parameters:
  ///   - maps: `[patches, channels, times, bands]`.
  ///   - starts: the first frame of each patch.
  ///   - frames: of the sound; moments centred beyond them are padding.
  package init(
    _ maps: Tensor, _ geometry: LayerGeometry, starts: [Int], frames: Int, patchFrames: Int, axes: PictureAxes
  ) {
    let (patches, channels, times, bands) = (maps.shape[0], maps.shape[1], maps.shape[2], maps.shape[3])
    var moments: [(frame: Double, patch: Int, time: Int)] = []
    for (patch, start) in starts.enumerated() where patch < patches {
      // Up to half of what is shared with each neighbour.
      let low = patch > 0 ? Double(starts[patch - 1] + patchFrames + start) / 2 : -Double.infinity
      let high = patch + 1 < starts.count ? Double(starts[patch + 1] + start + patchFrames) / 2 : .infinity
      for time in 0..<times {
        let frame = Double(start) + geometry.time.centres[time]
        if times == 1 || frame >= low - 0.5 && frame < high - 0.5 { moments.append((frame, patch, time)) }
      }
    }
    moments.sort { $0.frame < $1.frame }
    let inside = moments.filter { $0.frame <= Double(max(0, frames - 1)) }
    let kept = inside.isEmpty ? Array(moments.prefix(1)) : inside
    vectors = Tensor(unsafeUninitialized: [kept.count, channels * bands]) { result in
      maps.withUnsafeValues { values in
        for (row, moment) in kept.enumerated() {
          for channel in 0..<channels {
            let source = ((moment.patch * channels + channel) * times + moment.time) * bands
            for band in 0..<bands {
              result[(row * channels + channel) * bands + band] = values[source + band]
            }
          }
        }
      }
    }
    // From the middle between a moment and the one before to the middle between it and the next.
    let places = kept.map { axes.time(ofFrame: $0.frame) }
    let end = axes.time(ofFrame: Double(max(0, frames - 1))) + axes.hop / 2
    let edges = zip(places, places.dropFirst()).map { ($0 + $1) / 2 }
    let (first, last) = (min(axes.start - axes.hop / 2, places.first ?? 0), max(end, places.last ?? 0))
    let bounds = [first] + edges + [last]
    spans = kept.indices.map { bounds[$0]...max(bounds[$0], bounds[$0 + 1]) }
  }
}
