package import Tensors

/// A sound of a catalogue that is near to another one.
package struct Neighbour: Sendable, Hashable {
  /// 1 is the nearest.
  package let rank: Int
  package let file: CatalogueFile
  package let distance: Float
}

extension Catalogue {
  /// The sounds that are nearest to a vector, the nearest first; equally near ones in the order in which they were indexed.
  ///
  /// All are compared. Removed sounds are left out.
  ///
  /// - Parameters:
  ///   - vector: the mean activations of `layer`, as ``SoundVectors`` makes them.
  ///   - files: all files, if they were read before.
  ///   - content: a sound that is left out, wherever its copies lie.
  package func neighbours(
    of vector: [Float], in layer: CatalogueLayer, metric: VectorMetric, top: Int,
    among files: [CatalogueFile]? = nil,
    excluding content: ContentHash? = nil
  ) throws -> [Neighbour] {
    precondition(vector.count == layer.channels, "\(vector.count) values for \(layer.channels) channels")
    let matrix = try vectors(of: layer)
    let files = try (files ?? self.files()).filter {
      $0.status == .indexed && $0.contentHash != content?.digits && ($0.row ?? .max) < matrix.rows
    }
    let distances = Distances(vector, metric).all(of: matrix)
    let nearest = files.nearest(top) { distances[$0.row ?? 0] }
    return nearest.enumerated().map { Neighbour(rank: $0 + 1, file: $1.file, distance: $1.distance) }
  }
}

extension [CatalogueFile] {
  /// The `count` of least distance, the nearest first; of equals, those that come first.
  fileprivate func nearest(_ count: Int, _ distance: (CatalogueFile) -> Float) -> [(
    file: CatalogueFile, distance: Float
  )] {
    var nearest: [(file: CatalogueFile, distance: Float)] = []
    for file in self {
      let own = distance(file)
      if nearest.count == count, let last = nearest.last, own >= last.distance { continue }
      let place = nearest.firstIndex { $0.distance > own } ?? nearest.count
      nearest.insert((file, own), at: place)
      if nearest.count > count { nearest.removeLast() }
    }
    return nearest
  }
}
