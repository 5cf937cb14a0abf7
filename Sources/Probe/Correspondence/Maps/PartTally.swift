/// How much a layer's maps of one sound have in common with one part of that sound, and with the same part of it by chance.
package struct PartTally: Sendable, Hashable {
  /// Of the maps.
  package var keypoints = 0
  /// Those that the part has as well (`KeypointMatches`).
  package var matches = 0
  /// Those whose two places are near each other in time, and in frequency where the part has one.
  package var inPlace = 0
  /// Of the matches, how far apart descriptors are: 0 to √2 in ``distanceBins`` steps.
  package var distances = [Int](repeating: 0, count: distanceBins)
  /// The sum of `|r|` over channels, of map and part bin by bin, and how many channels have one.
  package var correlation = 0.0
  package var channels = 0

  package static let distanceBins = 20
  package static let largestDistance = 2.0.squareRoot()

  package init() {}

  package mutating func add(_ found: KeypointMatches, keypoints: Int, inPlace: Int) {
    self.keypoints += keypoints
    matches += found.matches.count
    self.inPlace += inPlace
    for match in found.matches {
      let bin = Int(match.distance / Self.largestDistance * Double(Self.distanceBins))
      distances[min(max(bin, 0), Self.distanceBins - 1)] += 1
    }
  }

  package mutating func add(correlation: Double?) {
    guard let correlation else { return }
    self.correlation += abs(correlation)
    channels += 1
  }

  package static func + (a: PartTally, b: PartTally) -> PartTally {
    var sum = a
    sum.keypoints += b.keypoints
    sum.matches += b.matches
    sum.inPlace += b.inPlace
    sum.distances = zip(a.distances, b.distances).map { $0 + $1 }
    sum.correlation += b.correlation
    sum.channels += b.channels
    return sum
  }

  /// The share of the maps' keypoints that are matched; nil without keypoints.
  package var matchShare: Double? { keypoints > 0 ? Double(matches) / Double(keypoints) : nil }
  /// The share that is matched in its place.
  package var inPlaceShare: Double? { keypoints > 0 ? Double(inPlace) / Double(keypoints) : nil }
  /// The mean of `|r|`.
  package var meanCorrelation: Double? { channels > 0 ? correlation / Double(channels) : nil }
}
