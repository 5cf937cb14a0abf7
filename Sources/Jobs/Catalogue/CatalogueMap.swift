package import Reports

/// A map of a catalogue's sounds, as JSON.
package struct CatalogueMap: Codable, Sendable {
  package struct Point: Codable, Sendable {
    /// The sound's number.
    package let index: Int
    package let name: String
    package let x: Double
    package let y: Double
    @OrNull package var label: String?
    @OrNull package var group: String?
    @OrNull package var seconds: Double?
    /// Its colour by likeness: alike sounds have alike colours.
    package let rgb: String

    init(
      index: Int, name: String, x: Double, y: Double, label: String?, group: String?, seconds: Double?,
      rgb: String
    ) {
      (self.index, self.name, self.x, self.y, self.rgb) = (index, name, x, y, rgb)
      (_label, _group) = (OrNull(wrappedValue: label), OrNull(wrappedValue: group))
      _seconds = OrNull(wrappedValue: seconds)
    }

    private enum CodingKeys: String, CodingKey {
      case index, name, x, y, group, seconds, rgb
      case label = "class"
    }
  }

  package let points: [Point]
  /// That of most sounds first.
  package let classes: [String]
  /// The cloud of each point, that of most points 0; -1 for none.
  package let clusters: [Int]
  package let layer: String
  package let layers: [String]
  @OrNull package var trustworthiness: Double?
  /// How the map was made.
  package let caption: String

  init(
    points: [Point], classes: [String], clusters: [Int], layer: String, layers: [String],
    trustworthiness: Double?,
    caption: String
  ) {
    (self.points, self.classes, self.clusters) = (points, classes, clusters)
    (self.layer, self.layers, self.caption) = (layer, layers, caption)
    _trustworthiness = OrNull(wrappedValue: trustworthiness)
  }
}

/// A place in a catalogue's sound where a unit answers strongly.
package struct CatalogueExcerpt: Codable, Sendable {
  /// The sound's number.
  package let index: Int
  package let sound: String
  /// What the place sees, in seconds.
  package let start: Double
  package let end: Double
  package let value: Float

  /// What is played of it: a little of what is around, half a second at least.
  package var heardStart: Double { max(0, start - around) }
  package var heardEnd: Double { end + around }
  private var around: Double { max(0.1, (0.5 - (end - start)) / 2) }
}

/// A sound that is near to another.
package struct CatalogueNeighbour: Codable, Sendable {
  /// The sound's number.
  package let index: Int
  package let name: String
  @OrNull package var label: String?
  /// By the cosine.
  package let distance: Double

  init(index: Int, name: String, label: String?, distance: Double) {
    (self.index, self.name, self.distance) = (index, name, distance)
    _label = OrNull(wrappedValue: label)
  }

  private enum CodingKeys: String, CodingKey {
    case index, name, distance
    case label = "class"
  }
}
