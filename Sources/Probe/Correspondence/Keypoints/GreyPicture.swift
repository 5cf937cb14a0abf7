package import Tensors

/// A map, or a part of a sound, as a picture in grey: `[frames, bands]`, from 0 to 255.
package struct GreyPicture: Sendable {
  package let frames: Int
  package let bands: Int
  /// Frame by frame.
  package let values: [Float]

  /// - Parameter picture: `[frames, bands]`. Its smallest value becomes 0 and its largest 255.
  /// - Returns: nil where it is the same everywhere, or holds a value that is not finite.
  package init?(_ picture: Tensor) {
    precondition(picture.shape.rank == 2, "a picture of shape \(picture.shape)")
    (frames, bands) = (picture.shape[0], picture.shape[1])
    let values = picture.values
    guard let low = values.min(), let high = values.max(), high > low, (high - low).isFinite,
      values.allSatisfy(\.isFinite)
    else { return nil }
    self.values = values.map { ($0 - low) / (high - low) * 255 }
  }

  private init(frames: Int, bands: Int, values: [Float]) {
    (self.frames, self.bands, self.values) = (frames, bands, values)
  }

  /// The picture of as many frames as another has: cut at the end, or begun again where it is shorter.
  package func repeated(toFrames count: Int) -> GreyPicture {
    guard frames > 0, count != frames else { return self }
    return GreyPicture(
      frames: count, bands: bands,
      values: (0..<count).flatMap { values[$0 % frames * bands..<($0 % frames + 1) * bands] })
  }

  /// The values in another order: as bright, but showing nothing.
  package func shuffled(seed: UInt64) -> GreyPicture {
    var generator = SplitMix64(seed: SplitMix64.mixed(seed))
    return GreyPicture(frames: frames, bands: bands, values: values.shuffled(using: &generator))
  }
}
