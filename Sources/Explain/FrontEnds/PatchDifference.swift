public import Audio
public import Tensors

/// How far two arrays of patches, `[patches, channels, frames, bands]`, are apart where both have values.
public struct PatchDifference: Sendable, Hashable {
  /// Of the arrays: ours, theirs.
  public let shapes: [Shape]
  /// `max |ours − theirs|`
  public let largest: Double
  /// `√(mean (ours − theirs)²)`
  public let rootMeanSquare: Double
  /// From the smallest to the largest of theirs.
  public let range: Double
  /// Where the largest difference is: patch, channel, frame, band.
  public let place: [Int]
  /// The two values there.
  public let ours: Float
  public let theirs: Float

  public init(_ ours: Tensor, _ theirs: Tensor) {
    precondition(ours.shape.rank == 4 && theirs.shape.rank == 4, "patches of \(ours.shape), \(theirs.shape)")
    let common = zip(ours.shape.dimensions, theirs.shape.dimensions).map { min($0, $1) }
    let (a, b) = (ours.shape.strides, theirs.shape.strides)
    var largest = -1.0
    var sum = 0.0
    var place = [0, 0, 0, 0]
    var pair: (Float, Float) = (0, 0)
    var (low, high) = (Float.infinity, -Float.infinity)
    ours.withUnsafeValues { x in
      theirs.withUnsafeValues { y in
        for value in y { (low, high) = (min(low, value), max(high, value)) }
        for patch in 0..<common[0] {
          for channel in 0..<common[1] {
            for frame in 0..<common[2] {
              let (first, second) = (
                patch * a[0] + channel * a[1] + frame * a[2], patch * b[0] + channel * b[1] + frame * b[2]
              )
              for band in 0..<common[3] {
                let difference = Double(x[first + band]) - Double(y[second + band])
                sum += difference * difference
                if difference.magnitude > largest {
                  largest = difference.magnitude
                  place = [patch, channel, frame, band]
                  pair = (x[first + band], y[second + band])
                }
              }
            }
          }
        }
      }
    }
    shapes = [ours.shape, theirs.shape]
    self.largest = max(0, largest)
    rootMeanSquare = (sum / Double(max(1, common.reduce(1, *)))).squareRoot()
    range = high > low ? Double(high) - Double(low) : 0
    self.place = place
    (self.ours, self.theirs) = pair
  }

  /// Whether both have the same extents.
  public var isAligned: Bool { shapes[0] == shapes[1] }

  /// The largest difference over the range of theirs; infinite where they are all the same and ours are not.
  public var share: Double { overRange(largest) }

  /// The root of the mean square over that range.
  public var typicalShare: Double { overRange(rootMeanSquare) }

  private func overRange(_ value: Double) -> Double { range > 0 ? value / range : value > 0 ? .infinity : 0 }

  /// As the search sees it.
  var distance: CulpritSearch.Distance { .init(share: share, typical: typicalShare, isAligned: isAligned) }
}

extension FrontEnd {
  /// The middle of a place of what the network is given, in seconds of the sound and in hertz; nil for hertz where bands are
  /// no frequencies.
  ///
  /// - Parameters:
  ///   - frames, bands: the extents of a patch after its steps, which may have resized it.
  public func position(patch: Int, frame: Int, band: Int, of frames: Int, _ bands: Int) -> (
    seconds: Double, hertz: Double?
  ) {
    let length = patch > 0 || !self.patch.isFree ? self.patch.frames : frames
    let isResized = self.patch.steps.contains { if case .resize = $0 { true } else { false } }
    func flips(_ axis: PatchStep.Axis) -> Bool {
      !self.patch.steps.count { $0 == .flip(axis) }.isMultiple(of: 2)
    }
    func source(_ place: Int, of extent: Int, from original: Int, isFlipped: Bool) -> Double {
      let place = isFlipped ? extent - 1 - place : place
      guard isResized else { return Double(place) }
      return (Double(place) + 0.5) * Double(original) / Double(extent) - 0.5
    }
    let within = source(frame, of: frames, from: length, isFlipped: flips(.frames))
    let seconds = frameTime(Double(patch * self.patch.hop) + within)
    guard hasFrequencies else { return (seconds, nil) }
    let centres = bandCentres
    let at = source(band, of: bands, from: centres.count, isFlipped: flips(.bands))
    let index = Int(max(0, min(Double(centres.count - 1), at.rounded())))
    return (seconds, centres.isEmpty ? nil : centres[index])
  }
}
