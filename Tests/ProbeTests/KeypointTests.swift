import Glibc
import Probe
import Tensors
import Testing

/// SIFT keypoints of maps, their matches, and what maps have in common with a sound.
struct KeypointTests {
  /// Blobs of several sizes at random places, moved.
  static func picture(
    frames: Int = 96, bands: Int = 64, seed: UInt64 = 4, shift: (frames: Int, bands: Int) = (0, 0)
  )
    -> Tensor
  {
    var generator = SplitMix64(seed: seed)
    let blobs = (0..<24).map { _ in
      (
        frame: Float.random(in: 10...Float(frames - 10), using: &generator),
        band: Float.random(in: 10...Float(bands - 10), using: &generator),
        size: Float.random(in: 1.2...4, using: &generator),
        height: Float.random(in: -1...1, using: &generator),
        long: Float.random(in: 1...3, using: &generator)
      )
    }
    return Tensor(
      [frames, bands],
      (0..<frames * bands).map { place in
        let (frame, band) = (Float(place / bands - shift.frames), Float(place % bands - shift.bands))
        return blobs.reduce(0) { sum, blob in
          let (x, y) = ((frame - blob.frame) / blob.size / blob.long, (band - blob.band) / blob.size)
          return sum + blob.height * expf(-(x * x + y * y))
        }
      })
  }

  @Test("A shifted copy is matched at the shift", arguments: [(5, 0), (0, 4), (-6, 3)])
  func shift(frames: Int, bands: Int) throws {
    let first = Keypoints(of: GreyPicture(Self.picture()))
    let second = Keypoints(of: GreyPicture(Self.picture(shift: (frames, bands))))
    let matches = KeypointMatches(first, second).matches
    #expect(first.count > 10 && matches.count > first.count / 2)
    let right = matches.count { match in
      let (a, b) = (first.places[match.first], second.places[match.second])
      return abs(b.frame - a.frame - Double(frames)) < 1 && abs(b.band - a.band - Double(bands)) < 1
    }
    #expect(Double(right) > 0.9 * Double(matches.count))
  }

  @Test("A picture matches itself everywhere, in place")
  func itself() {
    let keypoints = Keypoints(of: GreyPicture(Self.picture()))
    let found = KeypointMatches(keypoints, keypoints)
    #expect(found.matches.count == keypoints.count && found.matches.allSatisfy { $0.distance == 0 })
    #expect(found.inPlace(keypoints, keypoints, frames: 0.5, bands: 0.5).count == keypoints.count)
  }

  @Test("A lying line is not a standing one: descriptors are upright")
  func upright() {
    let picture = Self.picture(frames: 64, bands: 64)
    let turned = Tensor([64, 64], (0..<64 * 64).map { picture[$0 % 64, $0 / 64] })
    let (first, second) = (Keypoints(of: GreyPicture(picture)), Keypoints(of: GreyPicture(turned)))
    #expect(KeypointMatches(first, second).matches.count < first.count / 4)
  }

  @Test("Constant, tiny, empty and NaN pictures have no keypoints")
  func none() {
    for picture in [
      Tensor([20, 20], repeating: 3), Tensor([3, 64], (0..<192).map(Float.init)), Tensor([0, 8]),
      Tensor([20, 20], [Float](repeating: 0, count: 399) + [.nan]),
      Tensor([40, 1], (0..<40).map(Float.init)),
    ] {
      #expect(Keypoints(of: GreyPicture(picture)).count == 0)
    }
    let some = Keypoints(of: GreyPicture(Self.picture()))
    #expect(KeypointMatches(some, Keypoints(of: nil)).matches.isEmpty)
    #expect(KeypointMatches(Keypoints(of: nil), some).matches.isEmpty)
  }
}
