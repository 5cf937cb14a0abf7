package import Explain
package import Tensors

/// One sound, ready to be compared: what its parts look like to each layer, and what some of the layer's channels make of it.
package struct ComparedSound: Sendable {
  package let frames: Int
  package let bands: Int
  /// For each layer, the parts as coarse as its maps, `[frames, bands]` each.
  package let parts: [[SoundPart: Tensor]]
  /// For each layer, some of its channels' maps, `[frames, bands]` each.
  package let maps: [[Tensor]]

  package init(frames: Int, bands: Int, parts: [[SoundPart: Tensor]], maps: [[Tensor]]) {
    (self.frames, self.bands, self.parts, self.maps) = (frames, bands, parts, maps)
  }

  /// The first `count` frames of the maps; begun again where there are fewer.
  func maps(ofLayer layer: Int, frames count: Int) -> [Tensor] {
    maps[layer].map { map in
      guard map.shape[0] != count, map.shape[0] > 0 else { return map }
      return Tensor(joining: (0..<count).map { map.rows($0 % map.shape[0]..<$0 % map.shape[0] + 1) })
    }
  }
}

/// What a layer's maps have in common with the parts of a sound, and what the maps of **another** sound have: the same
/// channels, as bright and as rough, but of something else. What exceeds that is not chance.
package struct MapComparison: Sendable {
  /// For each layer and part.
  package private(set) var own: [[SoundPart: PartTally]]
  package private(set) var control: [[SoundPart: PartTally]]
  /// For each layer and part, the channel with most matches in place.
  package private(set) var best: [[SoundPart: (channel: Int, inPlace: Int)]]

  /// How far apart two places may be that are the same, as a share of the bands, in frames as well.
  package static let tolerance = 1.0 / 12

  /// - Parameter other: a sound to take the control's maps from.
  package init(of sound: ComparedSound, against other: ComparedSound) {
    let layers = concurrentResults(sound.maps.count) { layer -> Layer in
      let pictures = sound.parts[layer]
      let parts = SoundPart.allCases.filter { pictures[$0] != nil }
      let keypoints = parts.map { Keypoints(of: pictures[$0].flatMap(GreyPicture.init)) }
      let values = parts.map { pictures[$0]?.values ?? [] }
      var result = Layer()
      for (isControl, maps) in [
        (false, sound.maps[layer]), (true, other.maps(ofLayer: layer, frames: sound.frames)),
      ] {
        for (channel, map) in maps.enumerated() {
          let found = Keypoints(of: GreyPicture(map))
          let mapValues = map.values
          for (index, part) in parts.enumerated() {
            let matches = KeypointMatches(found, keypoints[index])
            let reach = max(1, Double(sound.bands) * Self.tolerance)
            let inPlace = matches.inPlace(
              found, keypoints[index], frames: reach, bands: part.hasFrequency ? reach : nil
            ).count
            let r = correlation(mapValues, values[index])
            if isControl {
              result.control[part, default: PartTally()].add(
                matches, keypoints: found.count, inPlace: inPlace)
              result.control[part, default: PartTally()].add(correlation: r)
            } else {
              result.own[part, default: PartTally()].add(matches, keypoints: found.count, inPlace: inPlace)
              result.own[part, default: PartTally()].add(correlation: r)
              if inPlace > result.best[part]?.inPlace ?? 0 { result.best[part] = (channel, inPlace) }
            }
          }
        }
      }
      return result
    }
    own = layers.map(\.own)
    control = layers.map(\.control)
    best = layers.map(\.best)
  }

  private struct Layer: Sendable {
    var own: [SoundPart: PartTally] = [:]
    var control: [SoundPart: PartTally] = [:]
    var best: [SoundPart: (channel: Int, inPlace: Int)] = [:]
  }
}

/// What one layer has in common with one part, over many sounds.
package struct PartCorrespondence: Sendable {
  package let part: SoundPart
  package let own: PartTally
  package let control: PartTally
  /// How much larger the share of keypoints matched in place is than the control's, with the interval over sounds; nil where
  /// either has no keypoints.
  package let excess: Bootstrap.Estimate?
  /// The same of the mean `|r|`.
  package let correlationExcess: Bootstrap.Estimate?

  /// Whether the maps have more in common with the part than chance.
  package var isFound: Bool { (excess?.low ?? 0) > 0 }

  /// - Parameter tallies: of each sound.
  package init(_ part: SoundPart, _ tallies: [(own: PartTally, control: PartTally)], seed: UInt64 = 0) {
    self.part = part
    func sum(_ indices: [Int], _ which: ((own: PartTally, control: PartTally)) -> PartTally) -> PartTally {
      indices.reduce(PartTally()) { $0 + which(tallies[$1]) }
    }
    let all = Array(tallies.indices)
    (own, control) = (sum(all, \.own), sum(all, \.control))
    let draws = Bootstrap(of: tallies.count, draws: 1000, seed: seed).draws
    func estimate(_ number: (PartTally) -> Double?) -> Bootstrap.Estimate? {
      func excess(_ indices: [Int]) -> Double? {
        guard let own = number(sum(indices, \.own)), let control = number(sum(indices, \.control)) else {
          return nil
        }
        return own - control
      }
      return excess(all).map { Bootstrap.Estimate($0, drawn: draws.compactMap(excess)) }
    }
    excess = estimate(\.inPlaceShare)
    correlationExcess = estimate(\.meanCorrelation)
  }
}
