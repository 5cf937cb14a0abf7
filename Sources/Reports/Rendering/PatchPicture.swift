package import Audio
import Explain
import Figures
package import Tensors

/// One patch as the network is given it, and where another program's differs.
package struct PatchPicture: Sendable {
  private let figure: TimeFrequencyFigure

  /// nil where the network takes samples, or what stands for no frequencies.
  ///
  /// - Parameters:
  ///   - given: `[patches, channels, frames, bands]`; the first channel is drawn.
  ///   - theirs: the other program's, in the same order; of other extents only what both have is compared.
  package init?(
    _ given: Tensor, patch: Int, theirs: Tensor?, _ frontEnd: FrontEnd, title: String, caption: String
  ) {
    let (frames, bands) = (given.shape[2], given.shape[3])
    let hertz = (0..<bands).map { band in
      frontEnd.position(patch: patch, frame: 0, band: band, of: frames, bands).hertz
    }
    let centres = hertz.compactMap { $0 }
    guard frames > 1, bands > 1, centres.count == bands, Set(centres).count > 1 else { return nil }
    // Where several places of a resized picture lie in one band of the front end, they share its height.
    let isTurned = centres[0] > centres[bands - 1]
    let rising = Self.apart(isTurned ? centres.reversed() : centres)
    func picture(_ values: (_ frame: Int, _ band: Int) -> Float) -> Tensor {
      Tensor(
        [frames, bands],
        (0..<frames * bands).map { place in
          let (frame, band) = place.quotientAndRemainder(dividingBy: bands)
          return values(frame, isTurned ? bands - 1 - band : band)
        })
    }
    let start = frontEnd.position(patch: patch, frame: 0, band: 0, of: frames, bands).seconds
    let next = frontEnd.position(patch: patch, frame: 1, band: 0, of: frames, bands).seconds
    guard next > start else { return nil }
    var figure = TimeFrequencyFigure(
      spectrogram: picture { given[patch, 0, $0, $1] }, start: start, hop: next - start, bandCentres: rising,
      title: title, caption: caption, spectrogramLabel: "what the network is given")
    if let theirs, patch < theirs.shape[0] {
      figure.overlay = picture { frame, band in
        guard frame < theirs.shape[2], band < theirs.shape[3] else { return 0 }
        return (given[patch, 0, frame, band] - theirs[patch, 0, frame, band]).magnitude
      }
      figure.overlayLabel = "|ours - theirs|"
    }
    self.figure = figure
  }

  /// Equal frequencies moved apart evenly up to the next: an axis rises.
  private static func apart(_ centres: [Double]) -> [Double] {
    var result = centres
    var first = 0
    while first < centres.count {
      var end = first
      while end < centres.count, centres[end] == centres[first] { end += 1 }
      let width =
        end < centres.count ? centres[end] - centres[first] : centres[first] - centres[max(0, first - 1)]
      for place in first..<end { result[place] += width * Double(place - first) / Double(end - first) }
      first = end
    }
    return result
  }

  package func png() throws -> [UInt8] { try figure.png() }
  package func svg() throws -> [UInt8] { try figure.svg() }
}
