/// Which channel's strongest places are shown.
package struct PatchesRequest: Codable, Sendable, Hashable {
  package var catalogue: String
  /// A tensor of the catalogue.
  package var layer: String
  package var channel: Int
  package var top = 16
  /// Where the catalogue's model lies now; nil where it was.
  package var model: String?
  /// As the user made it, for the page.
  package var command = ""

  package init(catalogue: String, layer: String, channel: Int) {
    (self.catalogue, self.layer, self.channel) = (catalogue, layer, channel)
  }
}
