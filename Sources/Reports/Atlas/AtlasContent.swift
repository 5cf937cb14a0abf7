package import Tensors

/// A map of sounds, with all that is told of each of them.
package struct AtlasContent: Sendable {
  package var title: String
  package var model: String
  package var layer: String
  /// Small type under the map: what it is of, how it was made, and how far it is to be trusted.
  package var caption: String
  package var entries: [Entry]
  /// `[N, 2]`
  package var coordinates: Tensor
  /// The layer's vectors that the map is of, `[N, D]`.
  package var vectors: Tensor
  /// Along the first principal components, `[N, K]`.
  package var components: Tensor
  /// Red, green and blue in 0...1, `[N, 3]`.
  package var colours: Tensor
  /// A unit's mean activation, and its name; nil where nobody asked.
  package var unit: (name: String, values: [Double])?
  package var colouring: Colouring

  package enum Colouring: String, Sendable, Codable { case group = "class", unit, rgb }

  package struct Entry: Sendable {
    /// The file's name.
    package var name: String
    package var path: String
    /// What kind of sound it is; nil where nobody says so.
    package var label: String?
    package var group: String?
    package var seconds: Double?

    package init(name: String, path: String, label: String?, group: String?, seconds: Double?) {
      (self.name, self.path, self.label, self.group, self.seconds) = (name, path, label, group, seconds)
    }
  }

  package init(
    title: String, model: String, layer: String, caption: String, entries: [Entry], coordinates: Tensor,
    vectors: Tensor, components: Tensor, colours: Tensor, unit: (name: String, values: [Double])?,
    colouring: Colouring
  ) {
    (self.title, self.model, self.layer, self.caption, self.entries) = (title, model, layer, caption, entries)
    (self.coordinates, self.vectors, self.components, self.colours) = (
      coordinates, vectors, components, colours
    )
    self.unit = unit
    self.colouring = colouring
  }

  /// The classes, that of most sounds first.
  package var classes: [String] {
    var counts: [String: Int] = [:]
    for label in entries.compactMap(\.label) { counts[label, default: 0] += 1 }
    return counts.keys.sorted { (-(counts[$0] ?? 0), $0) < (-(counts[$1] ?? 0), $1) }
  }

  /// For each sound the place of its class among ``classes``; nil for none.
  package var classOfEntry: [Int?] {
    let places = Dictionary(classes.enumerated().map { ($1, $0) }) { first, _ in first }
    return entries.map { $0.label.flatMap { places[$0] } }
  }
}
