package import Tensors

/// A sound that a catalogue knows.
package struct CatalogueFile: Sendable, Hashable {
  package enum Status: String, Sendable, Hashable {
    case indexed
    /// It could not be heard; `error` says why.
    case failed
    /// It was indexed, and is not there any more. What is known of it is kept.
    case removed
  }

  package let id: Int
  /// Absolute.
  package let path: String
  package let bytes: Int
  /// In nanoseconds since 1970.
  package let modified: Int
  package let contentHash: String?
  package let seconds: Double?
  /// What kind of sound it is, if anybody says so.
  package let label: String?
  /// What recording it stems from, if anybody says so: clips of one group are no independent witnesses.
  package let group: String?
  package let status: Status
  package let error: String?
  /// Its row in every layer's vectors; nil for a failed one.
  package let row: Int?
}

extension CatalogueFile {
  package init(
    _ source: SoundSource, id: Int, contentHash: ContentHash?, seconds: Double?, status: Status,
    error: String? = nil, row: Int?
  ) {
    self.init(
      id: id, path: source.path, bytes: source.bytes, modified: source.modified,
      contentHash: contentHash?.digits, seconds: seconds, label: source.label, group: source.group,
      status: status, error: error, row: row)
  }

  func marked(_ status: Status) -> CatalogueFile {
    CatalogueFile(
      id: id, path: path, bytes: bytes, modified: modified, contentHash: contentHash, seconds: seconds,
      label: label, group: group, status: status, error: error, row: row)
  }
}
