/// A unit that follows a descriptor, as it is told as JSON.
package struct CorrelationRecord: Codable, Sendable {
  package var layer: String
  /// Among the catalogue's layers, from 1.
  package var layerNumber: Int
  package var unit: Int
  package var descriptor: String
  package var clips: Int
  package var r: Double
  /// Of `r`, with 95 % confidence.
  package var interval: [Double]
  package var rho: Double
  /// Of the two curves, each scaled to 0...1: the root of their mean squared difference.
  package var distance: Double
  package var p: Double
  package var q: Double
  /// How rarely shuffled sounds give as large a correlation in any pair; null without permutations.
  @OrNull package var permutationP: Double?
  /// The correlation of the means of recordings, where sounds are cut from few; null where nobody says.
  @OrNull package var recordingsR: Double?
  @OrNull package var recordings: Int?

  package init(
    layer: String, layerNumber: Int, unit: Int, descriptor: String, clips: Int, r: Double, interval: [Double],
    rho: Double, distance: Double, p: Double, q: Double, permutationP: Double?, recordingsR: Double?,
    recordings: Int?
  ) {
    (self.layer, self.layerNumber, self.unit, self.descriptor) = (layer, layerNumber, unit, descriptor)
    (self.clips, self.r, self.interval, self.rho, self.distance) = (clips, r, interval, rho, distance)
    (self.p, self.q) = (p, q)
    self.permutationP = permutationP
    self.recordingsR = recordingsR
    self.recordings = recordings
  }

  private enum CodingKeys: String, CodingKey {
    case layer, unit, descriptor, clips, r, rho, distance, p, q, recordings
    case layerNumber = "layer_number"
    case interval = "r_95"
    case permutationP = "p_permutation"
    case recordingsR = "r_recordings"
  }
}

/// What a layer's maps have in common with a part of the sounds, as it is told as JSON.
package struct PartRecord: Codable, Sendable {
  package var layer: String
  package var layerNumber: Int
  /// `spectrogram`, `harmonic`, `percussive` or `chroma`.
  package var part: String
  package var keypoints: Int
  package var matches: Int
  /// The shares of keypoints that are matched, and that are matched in their place.
  @OrNull package var matched: Double?
  @OrNull package var matchedInPlace: Double?
  /// The same of the maps of another sound: chance.
  @OrNull package var chanceMatched: Double?
  @OrNull package var chanceMatchedInPlace: Double?
  /// By how much the share in place is above chance, with the 95 % interval over sounds.
  @OrNull package var excess: Double?
  @OrNull package var excessInterval: [Double]?
  /// The mean magnitude of the correlation of map and part, bin by bin, and of another sound's.
  @OrNull package var correlation: Double?
  @OrNull package var chanceCorrelation: Double?
  @OrNull package var correlationExcessInterval: [Double]?

  package init(layer: String, layerNumber: Int, part: String, keypoints: Int, matches: Int) {
    (self.layer, self.layerNumber, self.part) = (layer, layerNumber, part)
    (self.keypoints, self.matches) = (keypoints, matches)
  }

  private enum CodingKeys: String, CodingKey {
    case layer, part, keypoints, matches, matched, correlation, excess
    case layerNumber = "layer_number"
    case matchedInPlace = "matched_in_place"
    case chanceMatched = "chance_matched"
    case chanceMatchedInPlace = "chance_matched_in_place"
    case excessInterval = "excess_95"
    case chanceCorrelation = "chance_correlation"
    case correlationExcessInterval = "correlation_excess_95"
  }
}

/// What follows what in a corpus, as one JSON file.
package struct CorrespondenceRecord: Codable, Sendable {
  package var catalogue: String
  package var model: String
  package var clips: Int
  package var recordings: Int
  package var units: Int
  package var constantUnits: Int
  package var descriptors: [String]
  package var pairs: Int
  package var permutations: Int
  package var seed: UInt64
  /// Under which the largest `|r|` of all pairs stays in 95 % of shuffled corpora.
  @OrNull package var chance: Double?
  /// For each descriptor, the unit of all layers that follows it best, strongest first.
  package var best: [CorrelationRecord]
  /// Sounds whose maps were compared with their parts.
  package var comparedSounds: Int
  package var parts: [PartRecord]
  package var files: [String]

  package init(
    catalogue: String, model: String, clips: Int, recordings: Int, units: Int, constantUnits: Int,
    descriptors: [String], pairs: Int, permutations: Int, seed: UInt64, chance: Double?,
    best: [CorrelationRecord],
    comparedSounds: Int, parts: [PartRecord], files: [String]
  ) {
    (self.catalogue, self.model, self.clips, self.recordings) = (catalogue, model, clips, recordings)
    (self.units, self.constantUnits, self.descriptors, self.pairs) = (
      units, constantUnits, descriptors, pairs
    )
    (self.permutations, self.seed, self.best) = (permutations, seed, best)
    self.chance = chance
    (self.comparedSounds, self.parts, self.files) = (comparedSounds, parts, files)
  }

  private enum CodingKeys: String, CodingKey {
    case catalogue, model, clips, recordings, units, descriptors, pairs, permutations, seed, best, parts,
      files
    case constantUnits = "constant_units"
    case chance = "chance_r"
    case comparedSounds = "compared_sounds"
  }
}
