/// A place in a sound where a channel was among the strongest of the catalogue.
package struct Exemplar: Sendable, Hashable {
  /// 0 is the strongest.
  package let rank: Int
  package let value: Float
  package let file: CatalogueFile
  /// What the place sees: seconds from the sound's beginning, within the sound.
  package let start: Double
  package let end: Double
  /// In hertz.
  package let low: Double
  package let high: Double
  /// Which patch of the sound, and which place on its map, `time · bands + band`.
  package let patch: Int
  package let place: Int
}
