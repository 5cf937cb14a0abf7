package import Catalogue
import Files

/// A place where a channel was strongest, as JSON.
package struct PatchRecord: Codable, Sendable {
  package var rank: Int
  package var file: String
  @OrNull package var label: String?
  package var value: Double
  /// What the place sees, in seconds and hertz.
  package var start: Double
  package var end: Double
  package var low: Double
  package var high: Double
  /// Its sound, beside the page.
  package var sound: String

  package init(_ exemplar: Exemplar, sound: String) {
    rank = exemplar.rank + 1
    file = PathText.shown(exemplar.file.path)
    label = exemplar.file.label
    (value, start, end) = (Double(exemplar.value), exemplar.start, exemplar.end)
    (low, high) = (exemplar.low, exemplar.high)
    self.sound = sound
  }

  enum CodingKeys: String, CodingKey {
    case rank, file, value, start, end, sound
    case label = "class"
    case low = "low_hz"
    case high = "high_hz"
  }
}

/// What a channel's strongest places share, as JSON.
package struct ExcerptsRecord: Codable, Sendable {
  package var layer: String
  package var channel: Int
  /// How much sound a place sees, in seconds.
  package var seenSeconds: Double
  /// Whether it has the same value everywhere in the catalogue.
  package var isConstant: Bool
  package var patches: [PatchRecord]
  package var classes: [Share]

  package struct Share: Codable, Sendable {
    package var label: String
    /// Of the patches.
    package var excerpts: Int
    /// Of the recordings that these stem from.
    package var found: Int
    package var drawn: Int
    package var ofClass: Int
    package var all: Int
    package var expected: Double
    package var probability: Double

    package init(_ share: ClassShare, excerpts: Int) {
      self.excerpts = excerpts
      (label, found, drawn) = (share.label, share.found, share.drawn)
      (ofClass, all, probability) = (share.ofClass, share.all, share.probability)
      expected = Double(share.drawn) * Double(share.ofClass) / Double(max(1, share.all))
    }

    enum CodingKeys: String, CodingKey {
      case excerpts, found, drawn, all, expected
      case label = "class"
      case ofClass = "of_class"
      case probability = "p"
    }
  }

  package init(
    layer: CatalogueLayer, channel: Int, isConstant: Bool, patches: [PatchRecord], classes: [ClassShare]
  ) {
    (self.layer, self.channel, seenSeconds) = (layer.tensor, channel, layer.seenSeconds)
    (self.isConstant, self.patches) = (isConstant, patches)
    self.classes = classes.map { share in
      Share(share, excerpts: patches.count { $0.label == share.label })
    }
  }

  enum CodingKeys: String, CodingKey {
    case layer, channel, patches, classes
    case seenSeconds = "sees_seconds"
    case isConstant = "constant"
  }
}
