/// The places of a picture that stand out at some scale, each with what surrounds it: SIFT, Lowe, IJCV 2004, by VLFeat.
///
/// Descriptors are **upright**: directions are not measured against the keypoint's own. What a picture of a sound shows lying
/// is a tone and standing a click, and one is not the other turned round. The picture is doubled first (Lowe's octave −1).
package struct Keypoints: Sendable {
  package struct Place: Sendable, Hashable {
    package let frame: Double
    package let band: Double
    /// The deviation of the Gaussian at which it stands out, in frames and bands.
    package let scale: Double
  }

  package let places: [Place]
  /// Directions around each place, `[places, 128]`, each of unit length.
  let descriptors: [Float]

  package var count: Int { places.count }

  /// Differences of Gaussians below this, of 255, are taken for noise (Lowe's .03 of the range, over three scales an
  /// octave, as OpenCV divides it).
  package static let threshold = 2.5
  /// Lowe's bound on how much longer than wide a keypoint may be.
  package static let edge = 10.0

  /// - Parameter picture: nil, as of a constant map, has none.
  package init(of picture: GreyPicture?) {
    var (places, descriptors): ([Place], [Float]) = ([], [])
    if let picture,
      let filter = ScaleSpaceFilter(
        frames: picture.frames, bands: picture.bands, threshold: Self.threshold, edge: Self.edge)
    {
      filter.keypoints(of: picture.values) { place, descriptor in
        places.append(Place(frame: place.frame, band: place.band, scale: place.scale))
        descriptors += descriptor
      }
    }
    (self.places, self.descriptors) = (places, descriptors)
  }
}

/// Keypoints of one picture that another has as well: Lowe's ratio test.
///
/// A keypoint matches its nearest neighbour in the other picture where that is nearer than `ratio` times the second
/// nearest: where there is no doubt which one it is.
package struct KeypointMatches: Sendable {
  package struct Match: Sendable, Hashable {
    /// In the first picture.
    package let first: Int
    /// In the second.
    package let second: Int
    /// Euclidean, of descriptors of unit length: 0 to √2.
    package let distance: Double
  }

  package let matches: [Match]

  /// Lowe's.
  package static let ratio = 0.8

  package init(_ first: Keypoints, _ second: Keypoints, ratio: Double = Self.ratio) {
    guard second.count >= 2 else {
      matches = []
      return
    }
    let length = ScaleSpaceFilter.descriptorLength
    matches = first.descriptors.withUnsafeBufferPointer { a in
      second.descriptors.withUnsafeBufferPointer { b in
        (0..<first.count).compactMap { index -> Match? in
          var (nearest, next) = (Float.infinity, Float.infinity)
          var place = 0
          for other in 0..<second.count {
            let distance = squaredDistance(a, index * length, b, other * length)
            if distance < nearest {
              (next, nearest, place) = (nearest, distance, other)
            } else if distance < next {
              next = distance
            }
          }
          // A repeated structure has several equally near ones: no match.
          guard Double(nearest.squareRoot()) < ratio * Double(next.squareRoot()) else { return nil }
          return Match(first: index, second: place, distance: Double(nearest.squareRoot()))
        }
      }
    }
  }

  /// Those whose two places are near each other.
  ///
  /// - Parameters:
  ///   - frames: how far apart they may be.
  ///   - bands: likewise; nil where the bands of the two pictures are not the same.
  package func inPlace(_ first: Keypoints, _ second: Keypoints, frames: Double, bands: Double?) -> [Match] {
    matches.filter { match in
      let (a, b) = (first.places[match.first], second.places[match.second])
      return abs(a.frame - b.frame) <= frames && (bands.map { abs(a.band - b.band) <= $0 } ?? true)
    }
  }
}

/// Between two descriptors.
private func squaredDistance(
  _ a: UnsafeBufferPointer<Float>, _ first: Int, _ b: UnsafeBufferPointer<Float>, _ second: Int
) -> Float {
  var sums = SIMD8<Float>.zero
  for start in stride(from: 0, to: ScaleSpaceFilter.descriptorLength, by: 8) {
    var (x, y) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    for lane in 0..<8 { (x[lane], y[lane]) = (a[first + start + lane], b[second + start + lane]) }
    let difference = x - y
    sums += difference * difference
  }
  return sums.sum()
}
